"""Where the sound lies in files that give its length once, in a header: WAV, AIFF, CAF, AU.

A recorder that crashed leaves a length that is too small, or 0; a file that was cut off has one
that is too large. What is there decides.
"""

import re
import struct
from dataclasses import dataclass

import numpy as np

# Lengths from here on say that a program which wrote to a stream did not know it: SoX has
# 0x7FFFF000, arecord 0x7FFFFFFF or 0x80000000, FFmpeg and RF64 0xFFFFFFFF. Others have 0.
_STREAMED = 0x7FFF0000
_MAX_CHUNKS = 1_000  # looked at; a file of empty ones would take seconds
_SLACK_S = 0.1  # less than that after the sound, or missing, is padding or a tag
_TAG_BYTES = 4096
_OTHER_DATA = (b"ID3", b"TAG", b"APETAGEX", b"OggS", b"fLaC", b"\xff\xd8\xff", b"\x89PNG")
_AU_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}  # a sample, by the coding's number
# Bytes before the samples that count as part of the sound: two fields, or a count of edits.
_FIELDS = {b"FORM": 8, b"caff": 4}


@dataclass(frozen=True)
class SoundChunk:
    """The part of a file that holds its samples.

    Attributes:
        tag: the format tag of a WAV file (1 is PCM), 0 for other files.
        byte_rate: bytes a second, 0 where unknown.
        start: where the sound begins, in bytes.
        claimed: its length by the header, in bytes.
        length_at: where the header has that length, in bytes.
        length_code: of `struct`, how it is written.
        chunk_code: of `struct`, how a chunk's name and length are written; "" without chunks.
    """

    tag: int
    byte_rate: int
    start: int
    claimed: int
    length_at: int
    length_code: str
    chunk_code: str

    @property
    def is_mpeg(self) -> bool:
        """Whether it is a WAV file around MPEG layer II or III."""
        return self.tag in (0x0050, 0x0055)


def find(data: bytes) -> SoundChunk | None:
    """The sound of a WAV (RF64 too), AIFF, CAF or AU file; None for others and damaged ones."""
    try:
        if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
            return _wav(data)
        if data[:4] == b"FORM" and data[8:12] in (b"AIFF", b"AIFC"):
            return _aiff(data)
        if data[:4] == b"caff":
            return _caf(data)
        return _au(data) if data[:4] == b".snd" else None
    except (struct.error, OverflowError, ValueError):  # cut off within the header
        return None


def seconds(data: bytes) -> float:
    """Length of the sound by the bytes that are there; 0 where that does not tell."""
    chunk = find(data)
    if chunk is None or not chunk.byte_rate:
        return 0.0
    there = len(data) - chunk.start
    return (min(chunk.claimed, there) if chunk.claimed > 0 else there) / chunk.byte_rate


def with_true_length(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The file with the length of its sound set right, and sentences on what was found.

    What follows the sound is read as sound unless it is a sequence of chunks, other data that is
    known by its first bytes, or zeros.
    """
    chunk = find(data)
    if chunk is None or not chunk.byte_rate or chunk.start >= len(data):
        return data, ()
    there = len(data) - chunk.start
    claimed, slack = chunk.claimed, int(_SLACK_S * chunk.byte_rate)
    announced, found = f"{claimed / chunk.byte_rate:.1f} s", f"{there / chunk.byte_rate:.1f} s"
    if there + slack < claimed < _STREAMED:
        return data, (f"The file ends early: {found} of the {announced} it announces are there.",)
    if claimed < 0 or claimed + slack >= there:
        return data, ()
    end = chunk.start + claimed
    if _are_chunks(data, end, chunk.chunk_code) or _are_zeros(data, end):
        return data, ()
    if data.startswith(_OTHER_DATA, end) or _is_mp3(data, end):
        other = "What follows its sound in the file is other data and was not read."
        return data, (other,) if there - claimed > _TAG_BYTES else ()
    note = f"The file's header announces {announced} of sound, but {found} were found and read."
    return _with_length(data, chunk, there), (note,) if claimed else ()


def _with_length(data: bytes, chunk: SoundChunk, length: int) -> bytes:
    whole = bytearray(data)
    fields = _FIELDS.get(data[:4], 0)
    struct.pack_into(chunk.length_code, whole, chunk.length_at, length + fields)
    if data[:4] in (b"RIFF", b"FORM"):
        struct.pack_into(chunk.length_code, whole, 4, len(data) - 8)
    return bytes(whole)


def _is_mp3(data: bytes, position: int) -> bool:
    """Whether frames of MPEG audio seem to start here: two headers that agree, some way apart."""
    mask = 0xFFFE0C00  # sync, version, layer and rate stay the same
    if position + 4 > len(data):
        return False
    (header,) = struct.unpack_from(">I", data, position)
    if header >> 21 != 0x7FF or header & 0x60000 == 0:
        return False
    near = range(position + 24, min(position + 2_000, len(data) - 4))
    return any(struct.unpack_from(">I", data, i)[0] & mask == header & mask for i in near)


def _are_zeros(data: bytes, position: int) -> bool:
    return not np.frombuffer(data, np.uint8, offset=position).any()


def _are_chunks(data: bytes, position: int, code: str) -> bool:
    """Whether whole chunks lie from here, or from the next byte, to the end."""
    return bool(code) and any(_end_of_chunks(data, position + pad, code) for pad in (0, 1))


def _end_of_chunks(data: bytes, position: int, code: str) -> bool:
    header = struct.calcsize(code)
    for _ in range(_MAX_CHUNKS):
        if position + header > len(data):
            break
        name, length = struct.unpack_from(code, data, position)
        if not re.fullmatch(rb"[A-Za-z0-9_() ]{4}", name) or length < 0:
            return False
        position += header + length + (length % 2 if header == 8 else 0)
        if position > len(data) + 1:
            return False
    return position >= len(data) - header


def _chunks(data: bytes, position: int, code: str) -> list[tuple[bytes, int, int]]:
    """(name, start, length) of each chunk up to the end or the sound."""
    found: list[tuple[bytes, int, int]] = []
    header = struct.calcsize(code)
    while position + header <= len(data) and len(found) < _MAX_CHUNKS:
        name, length = struct.unpack_from(code, data, position)
        position += header
        found.append((name, position, length))
        if length < 0 or name in (b"data", b"SSND"):
            break
        position += length + (length % 2 if header == 8 else 0)
    return found


def _wav(data: bytes) -> SoundChunk | None:
    code = "<4sI"
    chunks = {name: (start, length) for name, start, length in _chunks(data, 12, code)}
    if b"fmt " not in chunks:
        return None
    start, length = chunks[b"fmt "]
    tag, channels, rate, byte_rate, _, bits = struct.unpack_from("<HHIIHH", data, start)
    if tag == 0xFFFE and length >= 26:  # extensible: the tag begins the sub-format
        (tag,) = struct.unpack_from("<H", data, start + 24)
    if tag in (1, 3):  # the field may say anything, for no decoder of PCM looks at it
        byte_rate = channels * rate * ((bits + 7) // 8)
    if b"data" not in chunks:
        return SoundChunk(tag, byte_rate, len(data), 0, 0, "<I", code)
    start, claimed = chunks[b"data"]
    if b"ds64" in chunks and claimed == 0xFFFFFFFF:
        at = chunks[b"ds64"][0] + 8
        (claimed,) = struct.unpack_from("<Q", data, at)
        return SoundChunk(tag, byte_rate, start, claimed, at, "<Q", code)
    return SoundChunk(tag, byte_rate, start, claimed, start - 4, "<I", code)


def _aiff(data: bytes) -> SoundChunk | None:
    code = ">4sI"
    chunks = {name: (start, length) for name, start, length in _chunks(data, 12, code)}
    if b"COMM" not in chunks or b"SSND" not in chunks:
        return None
    channels, _, bits, exponent, mantissa = struct.unpack_from(">hIhHQ", data, chunks[b"COMM"][0])
    rate = mantissa * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63)  # an 80-bit float
    start, claimed = chunks[b"SSND"]
    byte_rate = int(rate * channels * ((bits + 7) // 8))
    return SoundChunk(0, byte_rate, start + 8, max(0, claimed - 8), start - 4, ">I", code)


def _caf(data: bytes) -> SoundChunk | None:
    code = ">4sq"
    chunks = {name: (start, length) for name, start, length in _chunks(data, 8, code)}
    if b"desc" not in chunks or b"data" not in chunks:
        return None
    rate, _, _, packet_bytes, packet_frames, _, _ = struct.unpack_from(
        ">d4sIIIII", data, chunks[b"desc"][0]
    )
    start, claimed = chunks[b"data"]
    byte_rate = int(rate * packet_bytes / packet_frames) if packet_frames else 0
    return SoundChunk(0, byte_rate, start + 4, claimed - 4, start - 8, ">q", code)


def _au(data: bytes) -> SoundChunk | None:
    start, claimed, coding, rate, channels = struct.unpack_from(">IIIII", data, 4)
    byte_rate = _AU_BYTES.get(coding, 0) * rate * channels
    return SoundChunk(0, byte_rate, start, claimed, 8, ">I", "")
