import io
import os
import re
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound_files import TONE_HZ, assert_valid, loudest_hz, media_file, sound_file, tone

from ser_core.errors import (
    AudioTooLargeError,
    AudioTooLongError,
    CorruptAudioError,
    EmptyAudioError,
    NonFiniteAudioError,
    SerError,
    SilentAudioError,
)
from ser_core.inputs.audio import Limits, _ratio, from_samples, load

FILES: dict[str, Callable[[], bytes]] = {
    "WAV/PCM_U8": lambda: sound_file(tone(), 16_000, "WAV", "PCM_U8"),
    "WAV/PCM_16": lambda: sound_file(tone(), 16_000, "WAV", "PCM_16"),
    "WAV/PCM_24": lambda: sound_file(tone(rate=44_100), 44_100, "WAV", "PCM_24"),
    "WAV/PCM_32": lambda: sound_file(tone(rate=48_000, channels=2), 48_000, "WAV", "PCM_32"),
    "WAV/FLOAT": lambda: sound_file(tone(rate=8_000), 8_000, "WAV", "FLOAT"),
    "WAV/DOUBLE": lambda: sound_file(tone(rate=22_050), 22_050, "WAV", "DOUBLE"),
    "WAV/ULAW": lambda: sound_file(tone(rate=8_000), 8_000, "WAV", "ULAW"),
    "AIFF/PCM_16": lambda: sound_file(tone(rate=44_100), 44_100, "AIFF", "PCM_16"),
    "FLAC/PCM_16": lambda: sound_file(tone(channels=6), 16_000, "FLAC", "PCM_16"),
    "OGG/VORBIS": lambda: sound_file(tone(rate=44_100, channels=2), 44_100, "OGG", "VORBIS"),
    "OGG/OPUS": lambda: sound_file(tone(rate=48_000), 48_000, "OGG", "OPUS"),
    "MP3/MPEG_LAYER_III": lambda: sound_file(tone(rate=44_100), 44_100, "MP3"),
    "MP4/aac": lambda: media_file(tone(rate=44_100, channels=2), 44_100, "ipod"),
    "AAC/aac": lambda: media_file(tone(), 16_000, "adts"),
    "Matroska/WebM/opus": lambda: media_file(tone(rate=48_000), 48_000, "webm", "libopus"),
    "MP4/pcm_s16le": lambda: media_file(tone(), 16_000, "mov", "pcm_s16le"),
    "MP4/alac": lambda: media_file(tone(rate=44_100), 44_100, "ipod", "alac"),
    "video MP4/aac": lambda: media_file(tone(rate=48_000), 48_000, "mp4", video="mpeg4"),
    "video Matroska/WebM/opus": lambda: media_file(
        tone(rate=48_000), 48_000, "webm", "libopus", video="libvpx"
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_format_becomes_the_same_clip(kind: str) -> None:
    clip = load(FILES[kind]())
    assert_valid(clip)
    assert clip.source.format.lower() in kind.lower().replace("opus", "opus libopus")
    assert clip.duration_s == pytest.approx(1.0, abs=0.1)  # lossy coders add some at the ends
    assert loudest_hz(clip) == pytest.approx(TONE_HZ, abs=2.0)
    assert clip.samples.std() == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 22_050, 44_100, 47_999, 96_000, 191_999])
def test_every_rate_becomes_16_khz(rate: int) -> None:
    clip = from_samples(tone(2.0, rate), rate)
    assert_valid(clip)
    assert clip.source.sample_rate == rate
    assert clip.duration_s == pytest.approx(2.0, abs=2e-3)
    assert loudest_hz(clip) == pytest.approx(TONE_HZ, abs=0.6)


def test_resampling_stays_small_and_exact() -> None:
    for rate in range(4_000, 192_001, 37):
        ratio = _ratio(rate)
        assert ratio.numerator * ratio.denominator <= 1 << 22
        assert float(ratio) * 16_000 == pytest.approx(rate, rel=3e-4)
    for rate in (8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000):
        assert _ratio(rate) * 16_000 == rate


def test_aliases_are_removed() -> None:
    time_s = np.arange(48_000) / 48_000
    wave = 0.3 * np.sin(2 * np.pi * TONE_HZ * time_s) + 0.3 * np.sin(2 * np.pi * 15_000 * time_s)
    spectrum = np.abs(np.fft.rfft(from_samples(wave, 48_000).samples))
    assert spectrum[1000] < 0.01 * spectrum[440]  # 15 kHz would fold to 1 kHz


def test_channels_are_mixed_by_their_mean() -> None:
    left, right = tone()[:, 0], np.random.default_rng(0).normal(0, 0.1, 16_000)
    clip = load(sound_file(np.stack([left, right], axis=1), 16_000, "WAV", "FLOAT"))
    np.testing.assert_allclose(clip.samples, (left + right) / 2, atol=1e-6)
    assert clip.source.channels == 2


def test_16_khz_mono_is_kept_to_the_bit() -> None:
    samples = np.random.default_rng(0).uniform(-0.9, 0.9, 16_000).astype(np.float32)
    np.testing.assert_array_equal(
        load(sound_file(samples, 16_000, "WAV", "FLOAT")).samples, samples
    )


def test_samples_beyond_full_scale_are_scaled_not_clipped() -> None:
    samples = 5.0 * tone()
    clip = load(sound_file(samples, 16_000, "WAV", "FLOAT"))
    np.testing.assert_allclose(clip.samples, samples[:, 0] / np.abs(samples).max(), atol=1e-6)
    huge = from_samples(np.full((16_000, 2), 3e38) * np.sign(tone(channels=2)), 44_100)
    assert_valid(huge)


def test_same_content_same_digest() -> None:
    samples = np.round(32_767 * tone()).astype(np.int16)
    wav, flac = (sound_file(samples, 16_000, kind, "PCM_16") for kind in ("WAV", "FLAC"))
    assert load(wav).digest == load(flac).digest == load(wav).digest
    assert load(sound_file(0.99 * tone(), 16_000, "WAV", "PCM_16")).digest != load(wav).digest


def test_samples_cannot_be_changed() -> None:
    for rate in (16_000, 44_100):
        clip = from_samples(tone(rate=rate), rate)
        with pytest.raises(ValueError, match="read-only"):
            clip.samples[0] = 1.0


def test_making_a_clip_leaves_the_callers_array_alone() -> None:
    mine = tone()[:, 0]
    clip = from_samples(mine, 16_000)
    before = clip.samples.copy()
    mine[:] = 0.0
    np.testing.assert_array_equal(clip.samples, before)


def test_integers_have_the_full_scale_of_their_type() -> None:
    expected = from_samples(tone(), 16_000).samples
    integers = {
        np.int16: np.round(tone() * 32_768),
        np.int32: np.round(tone() * 2.0**31),
        np.uint8: np.round(tone() * 128 + 128),
    }
    for kind, values in integers.items():
        clip = from_samples(values.astype(kind), 16_000)
        np.testing.assert_allclose(clip.samples, expected, atol=1 / 128)


@pytest.mark.parametrize(
    "samples", [np.zeros((2, 2, 2)), np.array(["a"]), np.array([1j]), np.float32(1.0)]
)
def test_wrong_arrays_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(CorruptAudioError):
        from_samples(samples, 16_000)


def test_sources(tmp_path: Path) -> None:
    data = sound_file(tone(), 16_000, "WAV")
    path = tmp_path / "my voice.wav"
    path.write_bytes(data)
    upload = io.BytesIO(data)
    upload.name = "upload.wav"
    upload.read()  # a second run of the page finds it at its end
    with path.open("rb") as opened:
        clips = [load(path), load(str(path)), load(opened), load(upload), load(data)]
    assert len({clip.digest for clip in clips}) == 1
    names = [clip.source.name for clip in clips]
    assert names == ["my voice.wav", "my voice.wav", "my voice.wav", "upload.wav", "recording"]
    assert load(data, name="given.wav").source.name == "given.wav"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.wav", "a.wav"),
        ("a\x00\x1b[31m\n.wav", "a__[31m_.wav"),
        ("\udcff.wav", "_.wav"),
        ("x" * 500, "x" * 100),
        ("///", "recording"),
    ],
)
def test_names_are_fit_to_be_shown(name: str, shown: str) -> None:
    assert load(sound_file(tone(), 16_000, "WAV"), name=name).source.name == shown
    shown.encode()


# What is refused


def silence(rate: int = 16_000) -> np.ndarray:
    return np.zeros(rate, dtype=np.float32)


def with_values(*values: float) -> bytes:
    samples = tone()
    samples[100 : 100 + len(values), 0] = values
    return sound_file(samples, 16_000, "WAV", "FLOAT")


def wav_header(
    *, rate: int = 16_000, channels: int = 1, bits: int = 16, claimed: int = 0, body: bytes = b""
) -> bytes:
    block = (channels * bits // 8) & 0xFFFF
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", (36 + claimed) & 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 3 if bits == 32 else 1),
        *(channels, rate, (rate * block) & 0xFFFFFFFF, block, bits, b"data", claimed),
    )
    return header + body


REFUSED: dict[str, tuple[Callable[[], bytes], type[SerError]]] = {
    "nothing": (lambda: b"", EmptyAudioError),
    "text": (lambda: b"not a recording, but a letter. " * 50, CorruptAudioError),
    "one byte": (lambda: b"R", CorruptAudioError),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), CorruptAudioError),
    "no frames": (lambda: sound_file(tone()[:0], 16_000, "WAV"), EmptyAudioError),
    "header only": (lambda: sound_file(tone(), 16_000, "FLAC")[:60], CorruptAudioError),
    "too short": (lambda: sound_file(tone(0.09), 16_000, "WAV"), EmptyAudioError),
    "video alone": (lambda: media_file(None, 1, "mp4", video="mpeg4"), CorruptAudioError),
    "silence": (lambda: sound_file(silence(), 16_000, "WAV"), SilentAudioError),
    "-81 dBFS": (lambda: sound_file(tone() / 3500, 16_000, "WAV", "FLOAT"), SilentAudioError),
    "offset": (lambda: sound_file(silence(8000) + 0.5, 8_000, "WAV"), SilentAudioError),
    "above 8 kHz": (
        lambda: sound_file(np.tile([-0.5, 0.5], 20_000) * np.hanning(40_000), 40_000, "WAV"),
        SilentAudioError,
    ),
    "NaN": (lambda: with_values(np.nan), NonFiniteAudioError),
    "infinity": (lambda: with_values(np.inf), NonFiniteAudioError),
    "both infinities": (lambda: with_values(np.inf, -np.inf), NonFiniteAudioError),
    "rate 1": (lambda: sound_file(tone(), 1, "WAV"), CorruptAudioError),
    "largest rate": (lambda: sound_file(tone(), 2**31 - 1, "WAV"), CorruptAudioError),
    "1000 channels": (
        lambda: sound_file(np.tile(tone(0.2), (1, 1000)), 16_000, "WAV"),
        AudioTooLargeError,
    ),
    "5 minutes and a bit": (lambda: sound_file(tone(300.1), 16_000, "FLAC"), AudioTooLongError),
    "too long M4A": (lambda: media_file(tone(301, 8_000), 8_000, "ipod"), AudioTooLongError),
    "too many bytes": (lambda: b"RIFF" + bytes(50 * 2**20), AudioTooLargeError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_to_do(case: str, tmp_path: Path) -> None:
    make, error = REFUSED[case]
    path = tmp_path / "secret name.wav"
    path.write_bytes(make())
    with pytest.raises(error) as caught:
        load(path)
    assert type(caught.value) is error
    assert_one_sentence(str(caught.value), tmp_path)


def assert_one_sentence(message: str, folder: Path) -> None:
    assert re.fullmatch(r"[A-Z][^\n]*: [^\n]*\.", message), message  # what is wrong: what to do
    assert not re.search(r"[.!?] [A-Z]", message), message
    assert str(folder) not in message
    assert "secret" not in message


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    for path in (tmp_path, tmp_path / "missing.wav", fifo, "/dev/zero", "half\x00.wav", ""):
        with pytest.raises(CorruptAudioError) as caught:
            load(path)
        assert re.fullmatch(r"[A-Z][^\n]*: [^\n]*\.", str(caught.value))
        assert str(tmp_path) not in str(caught.value)


def test_limits_are_the_callers() -> None:
    data = sound_file(tone(2.0), 16_000, "WAV")
    assert load(data, limits=Limits(max_duration_s=2.0)).duration_s == 2.0
    with pytest.raises(AudioTooLongError, match=r"1\.5 seconds"):
        load(data, limits=Limits(max_duration_s=1.5))
    with pytest.raises(AudioTooLargeError):
        load(data, limits=Limits(max_decoded_samples=31_999))
    with pytest.raises(AudioTooLargeError):
        load(data, limits=Limits(max_bytes=len(data) - 1))
    with pytest.raises(EmptyAudioError, match="3 seconds"):
        load(data, limits=Limits(min_duration_s=3.0))


def flac_of_silence(seconds: int, channels: int, rate: int) -> bytes:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, channels, format="FLAC") as file:
        for _ in range(seconds):
            file.write(np.zeros((rate, channels), dtype=np.int16))
    return buffer.getvalue()


def without_total(flac: bytes) -> bytes:
    """The same stream with an unknown length in its header, as a live encoder leaves it."""
    fields = int.from_bytes(flac[18:26], "big")
    return flac[:18] + (fields >> 36 << 36).to_bytes(8, "big") + flac[26:]


@pytest.mark.parametrize("honest", [True, False])
@pytest.mark.parametrize(
    ("seconds", "channels", "rate", "error"),
    [(3600, 1, 16_000, AudioTooLongError), (280, 8, 48_000, AudioTooLargeError)],
    ids=["an hour of silence", "eight channels"],
)
def test_bombs_are_refused_in_little_time_and_memory(
    seconds: int, channels: int, rate: int, error: type[SerError], honest: bool
) -> None:
    bomb = flac_of_silence(seconds, channels, rate)
    if not honest:
        bomb = without_total(bomb)
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(error):
        load(bomb)
    seconds_taken = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds_taken < (0.5 if honest else 15.0)
    assert peak < (5e6 if honest else 150e6)  # bytes; decoded it would be 230 and 430 MB


@pytest.mark.parametrize("claimed", [0, 0x7FFFFFFF, 0xFFFFFFFF, 32_000, 10**8])
def test_false_lengths_do_not_lose_the_recording(claimed: int) -> None:
    body = (tone() * 32_767).astype("<i2").tobytes()
    clip = load(wav_header(claimed=claimed, body=body))
    assert clip.duration_s == 1.0
    assert loudest_hz(clip) == pytest.approx(TONE_HZ, abs=2.0)


@pytest.mark.parametrize("kind", ["WAV/PCM_16", "OGG/OPUS", "MP3/MPEG_LAYER_III", "FLAC/PCM_16"])
def test_cut_files_give_what_is_left(kind: str) -> None:
    data = FILES[kind]()
    clip = load(data[: len(data) * 3 // 4])
    assert 0.3 < clip.duration_s < 1.0
    assert loudest_hz(clip) == pytest.approx(TONE_HZ, abs=4.0)


def test_unknown_length_is_no_obstacle() -> None:
    assert load(without_total(sound_file(tone(), 16_000, "FLAC"))).duration_s == 1.0


def test_playlists_open_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.wav").write_bytes(sound_file(tone(), 16_000, "WAV"))
    playlist = b"ffconcat version 1.0\nfile other.wav\n"
    with av.open(io.BytesIO(playlist)) as unprotected:  # what is guarded against is real
        assert unprotected.streams.audio
    with pytest.raises(CorruptAudioError):
        load(playlist)


# Nothing but a clip or a typed error, whatever the bytes

SHORT_FILES = {
    "wav": sound_file(tone(0.3), 16_000, "WAV"),
    "float": sound_file(tone(0.3), 16_000, "WAV", "FLOAT"),
    "flac": sound_file(tone(0.3), 16_000, "FLAC"),
    "vorbis": sound_file(tone(0.3, 44_100), 44_100, "OGG", "VORBIS"),
    "opus": sound_file(tone(0.3, 48_000), 48_000, "OGG", "OPUS"),
    "mp3": sound_file(tone(0.3, 44_100), 44_100, "MP3"),
    "m4a": media_file(tone(0.3, 44_100), 44_100, "ipod"),
    "webm": media_file(tone(0.3, 48_000), 48_000, "webm", "libopus"),
    "aac": media_file(tone(0.3), 16_000, "adts"),
}
properties = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def assert_clip_or_typed_error(data: bytes) -> None:
    try:
        clip = load(data, limits=Limits(max_duration_s=20.0))
    except SerError as error:
        assert_one_sentence(str(error), Path("/secret"))
    else:
        assert_valid(clip)


@properties
@given(
    st.binary(max_size=3000),
    st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"ID3\x03", b"\xff\xfb"]),
)
def test_any_bytes(data: bytes, magic: bytes) -> None:
    assert_clip_or_typed_error(magic + data)


@properties
@given(
    st.sampled_from(sorted(SHORT_FILES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0.02, 1),
    st.booleans(),
)
def test_any_damage(
    kind: str, changes: list[tuple[float, int]], kept: float, in_header: bool
) -> None:
    data = bytearray(SHORT_FILES[kind])
    span = min(len(data), 100) if in_header else len(data)
    for position, value in changes:
        data[int(position * (span - 1))] = value
    assert_clip_or_typed_error(bytes(data[: int(kept * len(data))]))


@properties
@given(
    rate=st.sampled_from([0, 1, 3_999, 8_000, 16_000, 44_099, 192_001, 2**31 - 1, 2**32 - 1]),
    channels=st.sampled_from([0, 1, 2, 33, 1000, 65_535]),
    bits=st.sampled_from([0, 8, 16, 24, 32]),
    claimed=st.sampled_from([0, 1, 100, 2**31, 2**32 - 1]),
    values=st.lists(
        st.one_of(
            st.sampled_from([np.nan, np.inf, -np.inf, 3e38, 1e-40]), st.floats(-2, 2, width=32)
        ),
        max_size=64,
    ),
)
def test_any_header(rate: int, channels: int, bits: int, claimed: int, values: list[float]) -> None:
    body = np.resize(np.array(values or [0.5, -0.5], dtype="<f4"), 4000).tobytes()
    header = wav_header(rate=rate, channels=channels, bits=bits, claimed=claimed, body=body)
    assert_clip_or_typed_error(header)


@properties
@given(
    st.integers(0, 3),
    st.lists(st.floats(width=32), max_size=20),
    st.integers(-5, 300_000),
)
def test_any_samples(channels: int, values: list[float], rate: int) -> None:
    samples = np.resize(np.array(values or [0.0], dtype=np.float32), (2_000, channels))
    try:
        assert_valid(from_samples(samples, rate))
    except SerError as error:
        assert_one_sentence(str(error), Path("/secret"))
