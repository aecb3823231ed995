"""Decoding with libsndfile: what is not coded, FLAC and Ogg."""

import io
from collections.abc import Iterator

import soundfile

from ser_core.inputs import sound_chunk
from ser_core.inputs.limits import Meter
from ser_core.inputs.mixing import Block, Mixed, UndecodableError, guarded, mix

_BLOCK = 1 << 18  # samples (frames x channels) decoded at a time
_UNKNOWN = 1 << 62  # frames; libsndfile gives the largest integer for a stream without a length
_TARGET_HZ = 16_000


def _is_mpeg(data: bytes) -> bool:
    """Whether libsndfile would take it for MPEG audio.

    It stops at the first change and, worse, its libmpg123 prints warnings to the process's
    standard error, which cannot be turned off for one thread; FFmpeg reads these files.
    """
    chunk = sound_chunk.find(data)
    is_frame = len(data) > 1 and data[0] == 0xFF and data[1] >= 0xE0
    return is_frame or data[:3] in (b"ID3", b"TAG") or (chunk is not None and chunk.is_mpeg)


def decode(data: bytes, meter: Meter) -> tuple[Mixed, str]:
    """A recording and its format, such as `WAV/PCM_16`.

    Raises:
        AudioError: over the limits, or samples that are not finite.
        UndecodableError: not to be read by libsndfile.
    """
    if _is_mpeg(data):
        raise UndecodableError("left to FFmpeg")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, channels, claimed = file.samplerate, file.channels, file.frames
            kind = f"{file.format}/{file.subtype}"
    except Exception as error:
        raise UndecodableError(str(error)) from error
    # Opus knows no rate: a header's "input rate" below ours would take the treble away.
    if kind.endswith("/OPUS") and rate < _TARGET_HZ:
        raise UndecodableError("left to FFmpeg")
    meter.check_format(rate, channels)
    most = meter.most_frames(rate, channels)
    if most < claimed < _UNKNOWN and _reaches(data, most):
        meter.check_length(meter.seconds + claimed / rate, meter.samples + claimed * channels)
    return mix(lambda: _blocks(data), meter), kind


def _reaches(data: bytes, frame: int) -> bool:
    """Whether there is sound at a frame that only the header's claim puts within the file."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            file.seek(frame)
            return len(file.read(16, dtype="float32")) > 0
    except RuntimeError:
        return False


@guarded
def _blocks(data: bytes) -> Iterator[Block]:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        frames = max(1, _BLOCK // file.channels)
        while len(block := file.read(frames, dtype="float32", always_2d=True)):
            yield file.samplerate, block
