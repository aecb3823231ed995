"""A header's claim neither loses, refuses nor accepts sound; what is missing is told."""

import re
import struct

import numpy as np
import pytest
from sound_files import MAKERS, TONE_HZ, loudest_hz, media_file, sound_file, tone, with_bytes

from ser_core.errors import AudioTooLongError, SerError
from ser_core.inputs.audio import Limits, load

SECONDS = 3.0
SOUND = tone(SECONDS)


def claiming(kind: str, seconds: float) -> bytes:
    """A file of 3 s whose header says another length."""
    count = int(seconds * 32_000)
    data = sound_file(SOUND, 16_000, kind)
    if kind == "FLAC":
        fields = int.from_bytes(data[18:26], "big") >> 36 << 36
        return with_bytes(data, 18, (fields | count // 2).to_bytes(8, "big"))
    if kind == "AIFF":
        data = with_bytes(data, data.find(b"COMM") + 10, struct.pack(">i", count // 2))
    mark, after, code, more = {
        "WAV": (b"data", 4, "<i", 0),
        "RF64": (b"ds64", 16, "<q", 0),
        "AIFF": (b"SSND", 4, ">i", 8),
        "CAF": (b"data", 4, ">q", 4),
        "AU": (b".snd", 8, ">i", 0),
        "W64": (b"data", 16, "<q", 24),
    }[kind]
    return with_bytes(data, data.find(mark) + after, struct.pack(code, count + more))


KINDS = ["WAV", "RF64", "AIFF", "CAF", "AU", "W64", "FLAC"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("claimed_s", [0.0, 1.0, 2.0, 5.0, 7200.0, 36_000.0])
def test_all_that_is_there_is_read(kind: str, claimed_s: float) -> None:
    clip = load(claiming(kind, claimed_s))
    assert clip.duration_s == pytest.approx(SECONDS, abs=1e-3)
    assert loudest_hz(clip) == pytest.approx(TONE_HZ, abs=1.0)
    if claimed_s > SECONDS and kind != "W64":  # libsndfile mends it before we see it
        assert any(f"{claimed_s:.1f} s" in note for note in clip.notes), clip.notes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("claimed_s", [1.0, SECONDS, 36_000.0])
def test_what_is_there_is_what_the_limit_counts(kind: str, claimed_s: float) -> None:
    data = claiming(kind, claimed_s)
    assert load(data, limits=Limits(max_duration_s=SECONDS)).duration_s == SECONDS
    with pytest.raises(AudioTooLongError, match=r"2\.5 seconds, the limit"):
        load(data, limits=Limits(max_duration_s=2.5))


def test_chunks_after_the_sound_are_no_sound() -> None:
    wav = sound_file(SOUND, 16_000, "WAV")
    listed = b"LIST" + struct.pack("<I", 40_004) + b"INFO" + bytes(40_000)
    for tail in (
        listed,
        b"id3 " + struct.pack("<I", 9001) + b"x" * 9002,
        bytes(60_000),
        b"TAG" * 9,
    ):
        clip = load(wav + tail)
        assert clip.duration_s == SECONDS
        assert clip.notes == ()
    picture = load(wav + b"\x89PNG" + np.random.default_rng(0).bytes(50_000))
    assert picture.duration_s == SECONDS
    assert "was not read" in picture.notes[0]


@pytest.mark.parametrize("byte_rate", [0, 100, 2**32 - 1])
def test_a_false_byte_rate_changes_nothing(byte_rate: int) -> None:
    wav = sound_file(SOUND, 16_000, "WAV")
    clip = load(with_bytes(wav, 28, struct.pack("<I", byte_rate)))
    assert clip.digest == load(wav).digest
    assert clip.notes == ()


def whole(kind: str) -> bytes:
    rate, make = MAKERS[kind]
    return make(tone(SECONDS, rate), rate)


@pytest.mark.parametrize(
    "kind", ["wav", "rf64", "aiff", "caf", "au", "flac", "mp3", "mp3 with tags", "webm", "mkv"]
)
def test_a_file_that_was_cut_off_says_so(kind: str) -> None:
    data = whole(kind)
    clip = load(data[: len(data) // 2])
    assert 1.0 < clip.duration_s < 2.0
    assert any(re.search(r"3\.[01] s", note) for note in clip.notes), clip.notes


def test_a_video_that_was_cut_off_behind_its_index_says_so() -> None:
    data = fast_start(tone(SECONDS))
    clip = load(data[: len(data) * 2 // 3])
    assert 0.5 < clip.duration_s < 2.5
    assert any("announces 3." in note for note in clip.notes), clip.notes


def fast_start(samples: np.ndarray) -> bytes:
    """An MP4 with its index before its sound."""
    data = media_file(samples, 16_000, "ipod")
    boxes, position = {}, 0
    while position < len(data):
        size, name = struct.unpack_from(">I4s", data, position)
        boxes[name] = data[position : position + size]
        position += size
    moov = bytearray(boxes[b"moov"])
    at = moov.find(b"stco") + 8
    (count,) = struct.unpack_from(">I", moov, at)
    for i in range(count):
        (offset,) = struct.unpack_from(">I", moov, at + 4 + 4 * i)
        struct.pack_into(">I", moov, at + 4 + 4 * i, offset + len(moov))
    rest = b"".join(box for name, box in boxes.items() if name not in (b"moov", b"ftyp"))
    return boxes[b"ftyp"] + bytes(moov) + rest


@pytest.mark.parametrize("frames", [5, 100_000])
def test_the_frame_count_of_an_mp3_is_only_a_claim(frames: int) -> None:
    data = whole("mp3")
    at = max(data.find(b"Xing"), data.find(b"Info")) + 8
    clip = load(with_bytes(data, at, struct.pack(">I", frames)))
    assert clip.duration_s == pytest.approx(SECONDS, abs=0.06)
    assert bool(clip.notes) == (frames > 1000)


@pytest.mark.parametrize("field", ["mdhd", "mvhd", "tkhd"])
def test_the_durations_of_an_mp4_are_only_claims(field: str) -> None:
    data = whole("m4a")
    at = data.find(field.encode()) + (24 if field == "tkhd" else 20)
    for claimed in (1, 0x0FFFFFFF):
        try:
            clip = load(with_bytes(data, at, struct.pack(">I", claimed)))
        except SerError as error:
            pytest.fail(str(error))
        assert clip.duration_s == pytest.approx(SECONDS, abs=0.15)
