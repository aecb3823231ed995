"""WAV files that end too early, and those that only look so."""

import io
import struct
from pathlib import Path

import pytest
import soundfile
import trees

from ser_core.corpora.files import CUT_OFF, damage
from ser_core.corpora.riff import is_cut_off
from ser_core.inputs import audio


def riff(data_size: int, data: bytes, before: bytes = b"") -> bytes:
    """A WAV file whose data chunk says `data_size`; 16 bit, mono, 16 kHz."""
    layout = struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + layout + before + b"data"
    body = b"WAVE" + chunks + struct.pack("<I", data_size) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def cut_off(content: bytes) -> bool:
    return is_cut_off(io.BytesIO(content), len(content))


def test_half_a_file_is_cut_off() -> None:
    assert not cut_off(riff(6400, bytes(6400)))
    assert cut_off(riff(6400, bytes(3200)))
    assert cut_off(riff(6400, b""))


@pytest.mark.parametrize("size", [0, 0x7FFFF000 - 36, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_stream_of_unknown_length_is_whole(size: int) -> None:
    assert not cut_off(riff(size, bytes(6400)))


def test_a_header_counted_as_sound_is_no_cut() -> None:
    assert not cut_off(riff(6400 + 44, bytes(6400)))


def test_chunks_before_the_sound_are_passed_over() -> None:
    note = b"LIST" + struct.pack("<I", 5) + b"notes" + b"\0"  # an odd length is padded
    assert not cut_off(riff(6400, bytes(6400), note))
    assert cut_off(riff(6400, bytes(3200), note))


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"RIFF", b"no audio" * 9, b"RIFF but not really" * 9, riff(0, b"")[:30]),
        riff(6400, bytes(3200)).replace(b"WAVE", b"AVI "),
    ],
)
def test_what_is_no_wav_file_is_not_called_cut_off(content: bytes) -> None:
    assert not cut_off(content)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "ULAW", "MS_ADPCM"])
@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
def test_files_of_libsndfile_are_whole(tmp_path: Path, container: str, subtype: str) -> None:
    if not soundfile.check_format(container, subtype):
        pytest.skip("no such format")
    file = tmp_path / "a.wav"
    soundfile.write(file, trees.noise(0.21, 16_000), 16_000, subtype, format=container)
    assert damage(file) == ""


def test_the_audio_door_still_takes_what_there_is_of_an_upload(tmp_path: Path) -> None:
    file = trees.cut(trees.wav(tmp_path / "a.wav", seconds=0.5), 8_044)
    assert damage(file) == CUT_OFF
    assert audio.load(file).duration_s == 0.25
