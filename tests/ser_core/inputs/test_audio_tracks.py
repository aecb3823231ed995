"""Of several sound tracks the right one is taken; odd packets and damage are told."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from sound_files import (
    MAKERS,
    loudest_hz,
    media_file,
    tone,
    tracks_file,
    voice,
    with_bytes,
)

from ser_core.errors import CorruptAudioError, SilentAudioError
from ser_core.inputs.audio import load

RATE = 48_000
LOW, HIGH = tone(2.0, RATE, hz=440.0), tone(2.0, RATE, hz=880.0)
SILENCE = np.zeros_like(LOW)
CONTAINERS = [("mp4", "aac"), ("matroska", "libopus"), ("mov", "pcm_s16le")]


@pytest.mark.parametrize(("container", "codec"), CONTAINERS)
def test_the_default_track_comes_first(container: str, codec: str) -> None:
    data = tracks_file([LOW, HIGH], RATE, container, codec, default=[False, True])
    clip = load(data)
    assert loudest_hz(clip) == pytest.approx(880.0, abs=2.0)
    assert clip.notes == (
        "Several sound tracks can be heard: track 2 of 2, the default one, was used.",
    )


@pytest.mark.parametrize(("container", "codec"), CONTAINERS)
@pytest.mark.parametrize("default", [[True, False], [False, False]])
def test_a_silent_track_is_passed_over(container: str, codec: str, default: list[bool]) -> None:
    clip = load(tracks_file([SILENCE, HIGH], RATE, container, codec, default=default))
    assert loudest_hz(clip) == pytest.approx(880.0, abs=2.0)
    assert len(clip.notes) == 1
    assert "track 2 of 2 was used" in clip.notes[0]


def test_a_silent_track_beside_the_right_one_is_not_worth_a_word() -> None:
    clip = load(tracks_file([HIGH, SILENCE], RATE, "mp4", default=[True, False]))
    assert clip.notes == ()
    default_second = load(tracks_file([SILENCE, HIGH], RATE, "mp4", default=[False, True]))
    assert default_second.notes == ()
    assert default_second.digest == load(tracks_file([HIGH], RATE, "mp4")).digest


def test_all_tracks_silent_is_silence() -> None:
    with pytest.raises(SilentAudioError):
        load(tracks_file([SILENCE, SILENCE], RATE, "matroska", "libopus"))


def test_a_track_that_cannot_be_decoded_is_passed_over() -> None:
    """As phones do that write a spatial track in a coding of their own beside AAC."""
    data = tracks_file([LOW, HIGH], RATE, "mov", "pcm_s16le", default=[True, False])
    clip = load(with_bytes(data, data.find(b"sowt"), b"apac"))
    assert loudest_hz(clip) == pytest.approx(880.0, abs=2.0)
    assert "silent or unreadable: sound track 2 of 2 was used" in clip.notes[0]
    alone = media_file(LOW, RATE, "mov", "pcm_s16le")
    with pytest.raises(CorruptAudioError, match="not supported"):
        load(with_bytes(alone, alone.find(b"sowt"), b"apac"))


# Odd packets


def amr_packets(data: bytes) -> list[int]:
    """Where the packets of an AMR file start; the frame type gives their length."""
    sizes = (13, 14, 16, 18, 20, 21, 27, 32, 6)
    starts, position = [], 6
    while position < len(data):
        starts.append(position)
        kind = data[position] >> 3 & 15
        position += sizes[kind] if kind < len(sizes) else 1
    return starts


@pytest.mark.parametrize("container", ["amr", "3gp"])
def test_pauses_of_a_telephone_codec_are_decoded(container: str) -> None:
    """FFmpeg's own AMR decoder refuses silence descriptors; the other one in its wheel does not."""
    samples = np.concatenate([voice(1.0, 8_000), np.zeros(8_000, np.float32), voice(1.0, 8_000)])
    samples += 1e-4 * np.random.default_rng(0).normal(size=len(samples)).astype(np.float32)
    data = media_file(samples[:, None], 8_000, container, "libopencore_amrnb", options={"dtx": "1"})
    assert refused_by("amrnb", data) > 10  # what is guarded against is real
    clip = load(data)
    assert clip.source.format.endswith("/amrnb")
    assert clip.duration_s == pytest.approx(3.0, abs=0.05)
    assert clip.notes == ()


def refused_by(decoder: str, data: bytes) -> int:
    refused = 0
    with av.open(io.BytesIO(data)) as container:
        context = av.CodecContext.create(decoder, "r")
        for packet in container.demux(container.streams.audio[0]):
            try:
                list(context.decode(packet if packet.size else None))
            except av.error.FFmpegError:
                refused += 1
    return refused


def test_damaged_packets_are_left_out_counted_and_told() -> None:
    rate, make = MAKERS["m4a"]
    data = bytearray(make(tone(3.0, rate), rate))
    start = data.find(b"mdat") + 8
    end = len(data) if data.find(b"moov") < start else data.find(b"moov")
    span = end - start
    random = np.random.default_rng(0)
    data[start + span // 3 : start + span // 2] = random.bytes(span // 2 - span // 3)
    clip = load(bytes(data))
    assert 2.0 < clip.duration_s < 3.1
    assert any("damaged" in note for note in clip.notes), clip.notes


def test_one_damaged_packet_is_not_worth_a_word() -> None:
    rate, make = MAKERS["m4a"]
    data = bytearray(make(tone(3.0, rate), rate))
    start = data.find(b"mdat") + 8
    at = start + (data.find(b"moov") - start) // 2
    data[at : at + 4] = b"\xff\xff\xff\xff"
    clip = load(bytes(data))
    assert clip.duration_s == pytest.approx(3.0, abs=0.2)
    assert clip.notes == ()


@pytest.mark.parametrize("kind", ["mp3", "mp3 with tags", "mp3 in wav"])
def test_no_decoder_writes_to_the_console(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    """libmpg123 would: of a wrong size, of a header it looks for in vain, of junk."""
    rate, make = MAKERS[kind]
    data = make(tone(1.0, rate), rate)
    load(data + data)
    load(data[: len(data) // 2])
    load(data[:2000] + bytes(3000) + data[2000:] + b"junk" * 500)
    with pytest.raises(CorruptAudioError):
        load(b"ID3\x03" + b"junk" * 500)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


# The reported files

FAULTS = Path(__file__).parents[4] / "shared" / "faults"
REPORTED = {
    "mono_then_stereo.mp3": (4.83, "changes on the way"),
    "rates_noxing.mp3": (4.86, "changes on the way"),
    "two_tracks_default2.mp4": (2.45, ""),
    "x.3gp": (2.44, ""),
    "x.weba": (2.44, ""),
    "g726.wav": (2.44, ""),
    "longspeech.opus": (161.9, ""),
}


@pytest.mark.parametrize("name", REPORTED)
def test_the_reported_files(name: str) -> None:
    path = FAULTS / name
    if not path.is_file():
        pytest.skip("no ../shared/faults here")
    seconds, said = REPORTED[name]
    clip = load(path)
    assert clip.duration_s == pytest.approx(seconds, abs=0.1)
    assert bool(clip.notes) == bool(said)
    assert said in " ".join(clip.notes)


def test_the_reported_recording_is_the_same_in_each_of_its_files() -> None:
    if not FAULTS.is_dir():
        pytest.skip("no ../shared/faults here")
    loud = [np.abs(load(FAULTS / name).samples).mean() for name in ("x.weba", "g726.wav", "x.3gp")]
    np.testing.assert_allclose(loud, loud[0], rtol=0.5)
