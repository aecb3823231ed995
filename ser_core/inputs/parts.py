"""Files that were put one after the other into one: `cat a.wav b.wav`, chained Ogg streams.

Decoders stop at the end of the first one, or go on with its settings. Here the file is taken apart
at what can only be a new beginning: signatures of at least six bytes, with what must follow them.
MP3, AAC (ADTS), AC-3 and MPEG-TS have no beginning: FFmpeg reads on through their changes.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice

MAX_PARTS = 100
_MAX_BOXES = 10_000
_MOST_JUNK = 4_096  # bytes, before the first beginning
_ID3 = re.compile(rb"ID3[\x02-\x04].{2}([\x00-\x7f]{4})", re.DOTALL)
# Each begins with letters or bytes that are searched for at the speed of memory.
_BEGINNINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"(?:RIFF|RIFX|RF64).{4}WAVE(?:fmt |JUNK|junk|bext|LIST|ds64|fact|PEAK|FLLR|iXML)",
        rb"RIFF.{4}AVI LIST",
        rb"FORM.{4}AIF[FC](?:COMM|FVER|NAME|MARK|ID3 |COMT|CHAN|AUTH|ANNO)",
        rb"caff\x00\x01\x00.desc",
        rb"#!AMR(?:-WB)?\n",
        rb"\x1a\x45\xdf\xa3.{1,48}?\x42\x82.(?:webm|matroska)",
        rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",  # ASF
        rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00",  # Wave64
        rb"\.snd\x00\x00\x00[\x18-\xff].{4}\x00\x00\x00[\x01-\x1b]",  # AU
    )
)
_FLAC = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_OGG = re.compile(rb"OggS\x00[\x02\x06]\x00{8}")
_MP4 = re.compile(rb"ftyp(?:isom|iso[2-9]|mp4[12]|M4[ABV] |qt  |3g[p2].|avc1|dash)", re.DOTALL)


def split(data: bytes) -> tuple[list[bytes], int]:
    """Take a file apart.

    What little may lie before the first beginning, such as a tag (ID3v2), is left out, for
    libsndfile and FFmpeg trip over it.

    Returns:
        At most `MAX_PARTS` parts, usually one, in order; and how many there were (counting stops
        a little beyond the limit).
    """
    starts = _starts(data)
    junk = max(_MOST_JUNK, _tag_length(data))
    if not starts or starts[0] > junk or (starts[0] and data[0] == 0xFF):  # as MP3 begins
        starts.insert(0, 0)
    ends = [*starts[1:], len(data)]
    parts = [data[start:end] for start, end in zip(starts, ends, strict=True)]
    return parts[:MAX_PARTS], len(parts)


def _tag_length(data: bytes) -> int:
    """Length of the tag at the start in bytes, 0 without one; it has seven bits a byte."""
    tag = _ID3.match(data)
    return 10 + sum(byte << 7 * (3 - i) for i, byte in enumerate(tag[1])) if tag else 0


def _starts(data: bytes) -> list[int]:
    """Where files begin, in order; no more than a little beyond `MAX_PARTS` of a kind."""
    position = _tag_length(data)
    starts: list[int] = []
    if data[position + 4 : position + 8] == b"ftyp":
        starts, position = _mp4_files(data, position)
    starts += (m.start() - 4 for m in islice(_MP4.finditer(data, position + 4), MAX_PARTS + 2))
    for beginning in _BEGINNINGS:
        found = islice(beginning.finditer(data, position), MAX_PARTS + 2)
        starts += (match.start() for match in found)
    for match in islice(_FLAC.finditer(data, position), MAX_PARTS + 2):
        near = data[max(0, match.start() - 500) : match.start() + 500]
        if data[match.start() - 9 : match.start() - 4] != b"\x7fFLAC" and b"A_FLAC" not in near:
            starts.append(match.start())  # else FLAC within Ogg or Matroska
    starts += islice(_ogg_links(data, position), MAX_PARTS + 2)
    return sorted(set(starts))


def _ogg_links(data: bytes, position: int) -> Iterator[int]:
    """Where a new link of a chain starts: a page that begins a stream, not one of several."""
    end = -1
    for found in _OGG.finditer(data, position):
        if found.start() != end:
            yield found.start()
        end = _ogg_page_end(data, found.start())


def _ogg_page_end(data: bytes, start: int) -> int:
    lacing = data[start + 27 : start + 27 + data[start + 26]] if start + 26 < len(data) else b""
    return start + 27 + len(lacing) + sum(lacing)


def _mp4_files(data: bytes, position: int) -> tuple[list[int], int]:
    """Where a box `ftyp` stands, which a file has once, as its first; and where the boxes end."""
    starts: list[int] = []
    for _ in range(_MAX_BOXES):
        if position + 8 > len(data):
            return starts, len(data)
        size, name = struct.unpack_from(">I4s", data, position)
        if not re.fullmatch(rb"[A-Za-z0-9 \xa9_-]{4}", name):
            return starts, position
        if name == b"ftyp":
            starts.append(position)
        if size == 1 and position + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, position + 8)
        if size < 8:  # 0: up to the end
            return starts, len(data)
        position += size
    return starts, len(data)
