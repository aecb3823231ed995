"""The header of a WAV file against what is really there."""

import re
import struct
from dataclasses import dataclass

# Lengths from here on say that a program which wrote to a stream did not know it: SoX has
# 0x7FFFF000, arecord 0x7FFFFFFF or 0x80000000, FFmpeg and RF64 0xFFFFFFFF. Others have 0.
_STREAMED = 0x7FFF0000
_SLACK_S = 0.1  # less than that after the sound, or missing, is padding or a tag
_MPEG_TAGS = (0x0050, 0x0055)
_OTHER_DATA = (b"ID3", b"TAG", b"APETAGEX", b"OggS", b"fLaC", b"\xff\xd8\xff", b"\x89PNG")


@dataclass(frozen=True)
class WavHeader:
    """Where the sound of a WAV file lies.

    Attributes:
        tag: the format tag, 1 for PCM.
        byte_rate: bytes a second.
        start: where the sound begins, in bytes.
        claimed: its length by the header, in bytes.
    """

    tag: int
    byte_rate: int
    start: int
    claimed: int

    @property
    def is_mpeg(self) -> bool:
        """Whether the WAV file is a wrapper of MPEG layer II or III."""
        return self.tag in _MPEG_TAGS


def read_header(data: bytes) -> WavHeader | None:
    """The header of a little-endian WAV file; None for other files and for damaged ones."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    tag = byte_rate = 0
    position = 12
    while position + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, position)
        position += 8
        if name == b"fmt " and length >= 16 and position + 16 <= len(data):
            tag, _, _, byte_rate = struct.unpack_from("<HHII", data, position)
            if tag == 0xFFFE and length >= 26 and position + 26 <= len(data):  # extensible
                (tag,) = struct.unpack_from("<H", data, position + 24)
        if name == b"data":
            return WavHeader(tag, byte_rate, position, length)
        position += length + length % 2
    return WavHeader(tag, byte_rate, len(data), 0) if tag else None


def with_true_length(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The file with the length of its sound set right, and sentences on what was found.

    A recorder that crashed leaves a length that is too small, or 0; a file that was cut off has
    one that is too large. What follows the sound is read as sound unless it is a sequence of
    chunks, another file's data, or zeros.
    """
    header = read_header(data)
    if header is None or not header.byte_rate or header.start >= len(data):
        return data, ()
    there = len(data) - header.start
    claimed, slack = header.claimed, int(_SLACK_S * header.byte_rate)
    announced = f"{claimed / header.byte_rate:.1f} s"
    if claimed > there + slack and claimed < _STREAMED:
        return data, (f"The file ends early: its header announces {announced} of sound.",)
    if claimed + slack >= there:
        return data, ()
    end = header.start + claimed
    if _is_no_sound(data, end):
        is_known = there - claimed <= 4096 or _are_chunks(data, end + claimed % 2)
        other = "What follows its sound in the file is other data and was not read."
        return data, () if is_known else (other,)
    length = struct.pack("<I", there)
    whole = data[:4] + struct.pack("<I", len(data) - 8) + data[8 : header.start - 4]
    whole += length + data[header.start :]
    found = f"{there / header.byte_rate:.1f} s"
    note = f"The file's header announces {announced} of sound, but {found} were found and read."
    return whole, (note,) if claimed else ()


def _is_no_sound(data: bytes, end: int) -> bool:
    if data.startswith(_OTHER_DATA, end) or not any(memoryview(data)[end:]):
        return True
    return any(_are_chunks(data, end + pad) for pad in (0, 1))


def _are_chunks(data: bytes, position: int) -> bool:
    """Whether whole chunks lie from here to the end."""
    while position + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, position)
        if not re.fullmatch(rb"[A-Za-z0-9_ ]{4}", name) or position + 8 + length > len(data):
            return False
        position += 8 + length + length % 2
    return position >= len(data) - 8
