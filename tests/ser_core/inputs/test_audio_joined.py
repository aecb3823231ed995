"""Files put one after the other, and streams that change on the way, are read to their end."""

import itertools
import time

import numpy as np
import pytest
from sound_files import MAKERS, STEREO_TOO, loudest_hz, sound_file, tone

from ser_core.errors import AudioTooLargeError, AudioTooLongError
from ser_core.inputs.audio import Limits, load
from ser_core.inputs.limits import MAX_TRIES, Meter
from ser_core.inputs.mixing import MAX_RUNS
from ser_core.inputs.parts import MAX_PARTS, split

STREAMS = {"mp3", "mp3 with tags", "mp2", "mpeg", "adts", "ts", "ac3"}  # without a beginning
OTHER_RATE = {
    "opus": 48_000, "narrow opus": 12_000, "3gp": 8_000, "amr": 8_000, "webm": 48_000,
    "g726 in wav": 8_000, "ac3": 32_000,
}  # fmt: skip


def parts_of(kind: str, channels: int, rate: int) -> tuple[bytes, bytes]:
    """1 s of 440 Hz in mono, 1.5 s of 880 Hz in another format."""
    own, make = MAKERS[kind]
    return make(tone(1.0, own), own), make(tone(1.5, rate, channels, hz=880.0), rate)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("change", ["nothing", "channels", "rate"])
def test_both_recordings_of_a_joined_file_are_read(kind: str, change: str) -> None:
    if change == "channels" and kind not in STEREO_TOO:
        pytest.skip("this coder is mono only")
    own = MAKERS[kind][0]
    rate = OTHER_RATE.get(kind, 32_000) if change == "rate" else own
    first, second = parts_of(kind, 2 if change == "channels" else 1, rate)
    clip = load(first + second)
    assert clip.duration_s == pytest.approx(2.5, abs=0.35)  # coders pad each part at both ends
    assert loudest_hz(clip, 0.1, 0.9) == pytest.approx(440.0, abs=3.0)
    assert loudest_hz(clip, clip.duration_s - 1.2, clip.duration_s - 0.3) == pytest.approx(
        880.0, abs=3.0
    )
    assert clip.source.sample_rate in (own, 48_000)  # Opus is always 48 kHz to FFmpeg
    if kind not in STREAMS:
        assert any("2 recordings" in note for note in clip.notes)
    elif change != "nothing":
        assert any("changes" in note for note in clip.notes)
    assert not any("missing" in note or "only" in note for note in clip.notes)


@pytest.mark.parametrize("kind", MAKERS)
def test_one_recording_is_one_part(kind: str) -> None:
    rate, make = MAKERS[kind]
    data = make(tone(1.0, rate), rate)
    assert split(data) == ([data], 1)


def test_three_kinds_of_channels_are_each_mixed_in_their_own_way() -> None:
    first = sound_file(tone(), 16_000, "WAV")
    inverted = sound_file(tone(1.0, 48_000, 2, hz=880.0) * np.float32([1, -1]), 48_000, "WAV")
    one_of_four = sound_file(
        tone(1.0, 16_000, 4, hz=660.0) * np.float32([0, 0, 1, 0]), 16_000, "WAV"
    )
    clip = load(first + inverted + one_of_four)
    assert clip.duration_s == pytest.approx(3.0, abs=1e-3)
    for start, hz in ((0, 440), (1, 880), (2, 660)):
        assert loudest_hz(clip, start, start + 1) == pytest.approx(hz, abs=3.0)
        part = clip.samples[start * 16_000 + 500 : (start + 1) * 16_000 - 500]
        assert part.std() == pytest.approx(0.3 / np.sqrt(2), rel=0.02)
    assert len(clip.notes) == 3


def test_a_damaged_part_is_told_and_the_others_kept() -> None:
    good = sound_file(tone(), 16_000, "FLAC")
    clip = load(good + good[:50] + good)
    assert clip.duration_s == 2.0
    assert any("1 of them cannot be read" in note for note in clip.notes)


def test_the_limits_hold_for_all_parts_together() -> None:
    wav = sound_file(tone(2.0), 16_000, "WAV")
    assert load(wav + wav, limits=Limits(max_duration_s=4.0)).duration_s == 4.0
    with pytest.raises(AudioTooLongError, match="3 seconds"):
        load(wav + wav, limits=Limits(max_duration_s=3.0))


def test_more_parts_than_are_looked_at_are_told() -> None:
    clip = load(sound_file(tone(0.1), 16_000, "WAV") * (MAX_PARTS + 20))
    assert clip.duration_s == pytest.approx(0.1 * MAX_PARTS)
    assert any("the rest is missing" in note for note in clip.notes)


def test_a_stream_that_changes_all_the_time_is_told() -> None:
    rate, make = MAKERS["adts"]
    mono, stereo = make(tone(0.2, rate), rate), make(tone(0.2, rate, 2), rate)
    pairs = itertools.repeat(mono + stereo, MAX_RUNS)
    clip = load(b"".join(pairs))
    assert any("changes its rate or channels more than" in note for note in clip.notes)
    assert clip.duration_s > 0.2 * MAX_RUNS


@pytest.mark.parametrize(
    "bomb",
    [
        b"RIFF\0\0\0\0WAVEfmt " * 100_000,
        b"OggS\0\x02" + bytes(8) + b"OggS\0\x02" * 200_000,
        b"\0\0\0\x08ftyp" * 200_000,
        b"\x1a\x45\xdf\xa3\x42\x82\x88matroska" * 100_000,
        b"fLaC\0\0\0\x22" * 200_000,
        b"RIFF\xff\xff\xff\xffWAVE" + b"fmt \0\0\0\0" * 200_000,
    ],
    ids=["wav", "ogg", "mp4", "matroska", "flac", "chunks"],
)
def test_files_of_nothing_but_beginnings_take_little_time(bomb: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Exception, match=r"[A-Z].*\."):
        load(bomb)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize("first", MAKERS)
@pytest.mark.parametrize("second", ["wav", "flac", "opus", "m4a", "webm", "amr"])
def test_recordings_of_different_kinds_are_joined_too(first: str, second: str) -> None:
    (rate, make), (other, make_other) = MAKERS[first], MAKERS[second]
    clip = load(make(tone(1.0, rate), rate) + make_other(tone(1.5, other, hz=880.0), other))
    assert clip.duration_s == pytest.approx(2.5, abs=0.35)
    assert loudest_hz(clip, 1.4) == pytest.approx(880.0, abs=3.0)
    assert "2 recordings" in " ".join(clip.notes)


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "vorbis", "m4a", "webm"])
@pytest.mark.parametrize("size", [200, 9_000])
def test_a_tag_before_a_file_is_no_obstacle(kind: str, size: int) -> None:
    rate, make = MAKERS[kind]
    data = make(tone(1.0, rate), rate)
    seven_bits = bytes(size >> 7 * (3 - i) & 127 for i in range(4))
    tagged = b"ID3\x03\0\0" + seven_bits + bytes(size) + data
    assert load(tagged).digest == load(data).digest
    assert load(tagged).notes == ()
    assert load(tagged + tagged).duration_s == pytest.approx(2 * load(data).duration_s, abs=0.01)


def test_what_cannot_be_told_apart_is_told() -> None:
    wav, (rate, make) = sound_file(tone(), 16_000, "WAV"), MAKERS["mp3"]
    clip = load(wav + make(tone(1.0, rate), rate))
    assert clip.duration_s == 1.0
    assert "was not read" in clip.notes[0]


def test_tries_that_are_given_up_are_counted() -> None:
    meter = Meter(Limits(max_duration_s=1.0))
    block = np.zeros((16_000, 1))
    with pytest.raises(AudioTooLargeError, match="too long to decode"):
        for _ in range(MAX_TRIES + 1):
            meter.copy().add(block, 16_000)
