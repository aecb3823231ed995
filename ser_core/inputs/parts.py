"""Files that were put one after the other into one: `cat a.wav b.wav`, chained Ogg streams.

Decoders stop at the end of the first one, or go on with its settings. Here the file is taken apart
at what can only be a new beginning: signatures of at least six bytes, with what must follow them.
MP3, AAC (ADTS), AC-3 and MPEG-TS have no beginning: FFmpeg reads on through their changes.
"""

import re
import struct
from collections.abc import Iterator

MAX_PARTS = 100
_MAX_BOXES = 10_000
_ID3 = re.compile(rb"ID3[\x02-\x04].{2}([\x00-\x7f]{4})", re.DOTALL)

_BEGINNINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"(?:RIFF|RIFX|RF64).{4}WAVE(?:fmt |JUNK|junk|bext|LIST|ds64|fact|PEAK|FLLR|iXML)",
        rb"RIFF.{4}AVI LIST",
        rb"FORM.{4}AIF[FC](?:COMM|FVER|NAME|MARK|ID3 |COMT|CHAN|AUTH|ANNO)",
        rb"caff\x00\x01\x00.desc",
        rb"fLaC[\x00\x80]\x00\x00\x22",
        rb"#!AMR(?:-WB)?\n",
        rb"\x1a\x45\xdf\xa3.{1,48}?\x42\x82.(?:webm|matroska)",
        rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",  # ASF
        rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00",  # Wave64
        rb"\.snd\x00\x00\x00[\x18-\xff].{4}\x00\x00\x00[\x01-\x1b]",  # AU
    )
)
_OGG_BEGINNING = re.compile(rb"OggS\x00[\x02\x06]\x00{8}")


def split(data: bytes) -> tuple[list[bytes], int]:
    """Take a file apart.

    Returns:
        At most `MAX_PARTS` parts, usually one, in order and without gaps up to the last of them;
        and how many there were (counting stops a little beyond the limit).
    """
    starts = []
    for start in _starts(data):
        starts.append(start)
        if len(starts) > MAX_PARTS:
            break
    starts = [0, *starts[1:]]  # a tag before the first belongs to it
    ends = [*starts[1:], len(data)]
    parts = [data[start:end] for start, end in zip(starts, ends, strict=True)]
    return parts[:MAX_PARTS], len(parts)


def _starts(data: bytes) -> Iterator[int]:
    tag = _ID3.match(data)
    offset = 0
    if tag:  # its length has seven bits a byte
        offset = 10 + sum(byte << 7 * (3 - i) for i, byte in enumerate(tag[1]))
    if data.startswith(b"OggS", offset):
        yield from _ogg_links(data)
    elif data[offset + 4 : offset + 8] == b"ftyp":
        yield from _mp4_files(data, offset)
    else:
        for beginning in _BEGINNINGS:
            if beginning.match(data, offset):
                yield from (found.start() for found in beginning.finditer(data, offset))


def _ogg_links(data: bytes) -> Iterator[int]:
    """Where a new link of a chain starts: a page that begins a stream, not one of several."""
    previous_end = -1
    for found in _OGG_BEGINNING.finditer(data):
        start = found.start()
        if start != previous_end:
            yield start
        lacing = data[start + 27 : start + 27 + data[start + 26]] if start + 26 < len(data) else b""
        previous_end = start + 27 + len(lacing) + sum(lacing)


def _mp4_files(data: bytes, position: int) -> Iterator[int]:
    """Where a box `ftyp` stands; a file has one, its first."""
    for _ in range(_MAX_BOXES):
        if position + 8 > len(data):
            return
        size, name = struct.unpack_from(">I4s", data, position)
        if name == b"ftyp":
            yield position
        if size == 1 and position + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, position + 8)
        if size < 8:  # 0: up to the end
            return
        position += size
