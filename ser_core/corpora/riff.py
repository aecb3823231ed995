"""Whether a WAV file is whole, by its header."""

import struct
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
