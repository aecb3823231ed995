"""What the first bytes of a file tell: whether a WAV file is whole, whether it is MPEG audio."""

import struct
from pathlib import Path
from typing import BinaryIO

# Sizes from here on say that a program which wrote to a stream did not know the length: SoX has
# 0x7FFFF000, arecord 0x7FFFFFFF or 0x80000000, FFmpeg and RF64 0xFFFFFFFF. Others have 0.
_STREAMED = 0x7FFF0000
# Some programs count the header or a pad byte as sound: of a file cut off, more is missing.
_SLACK = 64  # bytes


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether a WAV file ends before the sound that its header announces.

    False for a stream of unknown length and for what is no WAV file: the headers of FLAC, MP3 and
    other coded files do not say how many bytes there should be.

    Args:
        file: open at its start.
        size: of the file, in bytes.
    """
    start = file.read(12)
    if start[:4] != b"RIFF" or start[8:] != b"WAVE":
        return False
    while len(chunk := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", chunk)
        if name == b"data":
            return length < _STREAMED and file.tell() + length > size + _SLACK
        file.seek(length + length % 2, 1)
    return False


def is_mpeg(path: Path) -> bool:
    """Whether libsndfile would take a file for MP3: a tag, a frame, or a WAV file around them."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        return False
    is_frame = len(start) > 1 and start[0] == 0xFF and start[1] >= 0xE0
    in_wav = start[8:16] == b"WAVEfmt " and start[20:22] in (b"\x50\0", b"\x55\0")
    return is_frame or in_wav or start.startswith(b"ID3")
