"""What can be opened, by its content, whatever its name; and what cannot is told what it is."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_files import (
    MAKERS,
    STEREO_TOO,
    assert_valid,
    likeness,
    sound_file,
    tone,
    voice,
    with_bytes,
)
from torchaudio.functional import resample

from ser_core.errors import CorruptAudioError, SerError
from ser_core.inputs import formats
from ser_core.inputs.audio import EXTENSIONS, Limits, load

# Each extension of the list, and a file that is called so.
CALLED = {
    "wav": "wav", "wave": "wav", "flac": "flac", "ogg": "vorbis", "oga": "opus", "opus": "opus",
    "mp3": "mp3", "mpga": "mp3 with tags", "mp2": "mp2", "mpeg": "mpeg", "mpg": "mpeg",
    "m4a": "m4a", "m4b": "m4a", "aac": "adts", "mp4": "m4a", "m4v": "m4a", "mov": "mov",
    "3gp": "3gp", "3g2": "3gp", "webm": "webm", "weba": "webm", "mka": "mkv", "mkv": "mkv",
    "wma": "wma", "asf": "wma", "amr": "amr", "awb": "amr", "aif": "aiff", "aiff": "aiff",
    "aifc": "aiff", "caf": "caf", "au": "au", "snd": "au", "w64": "w64", "avi": "avi", "ts": "ts",
}  # fmt: skip


def wanted(rate: int, seconds: float = 2.0) -> np.ndarray:
    """`voice` as it should come out, at 16 kHz."""
    samples = torch.from_numpy(voice(seconds, rate))
    return np.asarray(resample(samples, rate, 16_000).numpy())


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_listed_name_opens(extension: str, tmp_path: Path) -> None:
    rate, make = MAKERS[CALLED[extension]]
    path = tmp_path / f"x.{extension}"
    path.write_bytes(make(voice(1.0, rate)[:, None], rate))
    assert load(path).duration_s == pytest.approx(1.0, abs=0.15)


def test_the_list_is_light_and_of_plain_extensions() -> None:
    assert len(set(EXTENSIONS)) == len(EXTENSIONS)
    assert all(name.isalnum() and name.islower() for name in EXTENSIONS)
    code = (
        "import sys, ser_core.inputs.formats, ser_core.inputs.paths\n"
        "print([n for n in ('torch', 'numpy', 'av', 'soundfile') if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("channels", [1, 2])
def test_the_same_sound_in_every_container(kind: str, channels: int) -> None:
    if channels == 2 and kind not in STEREO_TOO:
        pytest.skip("this coder is mono only")
    rate, make = MAKERS[kind]
    clip = load(make(np.repeat(voice(2.0, rate)[:, None], channels, axis=1), rate))
    assert_valid(clip)
    assert clip.notes == ()
    assert clip.source.channels == channels
    assert clip.duration_s == pytest.approx(2.0, abs=0.15)
    assert likeness(clip, wanted(rate)) > (0.7 if kind in ("3gp", "amr") else 0.95)


@pytest.mark.parametrize("hint", ["no hint", "x.wav", "x.mp3", "x.txt"])
@pytest.mark.parametrize("kind", ["wav", "mp3", "webm", "amr"])
def test_a_name_decides_nothing(kind: str, hint: str) -> None:
    rate, make = MAKERS[kind]
    data = make(voice(1.0, rate)[:, None], rate)
    assert load(data, name=hint).digest == load(data).digest


def test_opus_keeps_its_treble_whatever_rate_its_header_names() -> None:
    """A header's input rate of 8 kHz says nothing of the coded sound (RFC 7845, section 5.1)."""
    high = sound_file(tone(1.0, 48_000, hz=6_000.0), 48_000, "OGG", "OPUS")
    at = high.find(b"OpusHead") + 12
    page_end = at + 7  # the first page holds the 19 bytes of this header alone
    named = with_bytes(high, at, struct.pack("<I", 8_000))
    page = with_bytes(named[:page_end], 22, bytes(4))
    clip = load(with_bytes(named, 22, struct.pack("<I", ogg_checksum(page))))
    assert clip.source.sample_rate == 48_000
    assert clip.samples.std() == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


def ogg_checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
            value &= 0xFFFFFFFF
    return value


@pytest.mark.parametrize(
    ("tag", "name"), [(0x0270, "ATRAC3"), (0x0069, "Voxware"), (0x1234, "format 0x1234")]
)
def test_a_wav_file_of_an_unknown_coding_is_told_what_it_is(tag: int, name: str) -> None:
    wav = sound_file(tone(), 16_000, "WAV")
    with pytest.raises(CorruptAudioError, match=f"coded as {name}") as caught:
        load(with_bytes(wav, 20, struct.pack("<H", tag)))
    assert "as WAV" not in str(caught.value)


def test_a_video_that_was_cut_off_is_told_from_a_file_that_is_no_recording() -> None:
    rate, make = MAKERS["m4a"]
    data = make(voice(1.0, rate)[:, None], rate)
    with pytest.raises(CorruptAudioError, match="cut off"):
        load(data[: data.find(b"moov") - 4])
    assert "WebM" in formats.IN_WORDS
    with pytest.raises(CorruptAudioError, match=formats.IN_WORDS):
        load(b"a letter " * 200)


SHORT = {
    kind: make(voice(0.4, rate, seed=1)[:, None], rate) for kind, (rate, make) in MAKERS.items()
}


@settings(max_examples=200, deadline=None, database=None)
@given(
    kind=st.sampled_from(sorted(SHORT)),
    other=st.sampled_from([*sorted(SHORT), ""]),
    kept=st.floats(0, 1),
    other_kept=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
)
def test_whatever_is_cut_damaged_or_joined_ends_in_a_clip_or_a_sentence(
    kind: str, other: str, kept: float, other_kept: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(SHORT[kind][: int(kept * len(SHORT[kind]))])
    if other:
        data += SHORT[other][: int(other_kept * len(SHORT[other]))]
    for position, value in changes:
        if data:
            data[int(position * (len(data) - 1))] = value
    try:
        clip = load(bytes(data), limits=Limits(max_duration_s=30.0))
    except SerError as error:
        assert str(error).endswith(".")
    else:
        assert_valid(clip)
        assert all(note.endswith(".") for note in clip.notes)
