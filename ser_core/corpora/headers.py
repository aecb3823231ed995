"""Durations and formats from the headers of audio files; no audio is decoded."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from ser_core.corpora.files import damage
from ser_core.corpora.riff import is_mpeg
from ser_core.corpora.span import length_in, length_of
from ser_core.corpora.table import Corpus, Skipped

UNREADABLE = "the header cannot be read: damaged, or no audio"
CUT_SHORT = "the part ends after the end of its file"
_SLACK_S = 0.05
BEYOND = "the part begins after the end of its file"
_LONGEST = 24 * 3600.0  # seconds; a header that says more is false
_CONTAINERS = "aac,asf,avi,flac,matroska,mov,mp3,mpegts,ogg,wav"  # of FFmpeg: no playlists


@dataclass(frozen=True)
class Header:
    """What the header of a file says: seconds, Hz, number of channels."""

    duration_s: float
    sample_rate: int
    channels: int


def read_header(path: Path) -> Header | None:
    """The header of an audio file or of the sound of a video; None if there is none."""
    header = None
    if not is_mpeg(path):  # libsndfile's reader of MP3 prints warnings, and stops at changes
        try:
            info = soundfile.info(str(path))
            header = Header(info.frames / info.samplerate, info.samplerate, info.channels)
        except (RuntimeError, ZeroDivisionError):
            pass
    if header is None or not header.duration_s:  # 0: a WAV file that was written to a stream
        header = _with_ffmpeg(path)
    return header if header and 0 < header.duration_s <= _LONGEST else None


def _with_ffmpeg(path: Path) -> Header | None:
    import av
    from av.stream import Disposition

    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    try:
        with av.open(str(path), "r", options=options, metadata_errors="ignore") as container:
            if not container.streams.audio:
                return None
            # The default track, as the audio door takes it.
            stream = max(container.streams.audio, key=lambda s: s.disposition & Disposition.default)
            if stream.duration is not None and stream.time_base is not None:
                seconds = float(stream.duration * stream.time_base)
            else:
                seconds = (container.duration or 0) / av.time_base
            return Header(seconds, stream.rate or 0, stream.channels)
    except (av.error.FFmpegError, OSError, ValueError):
        return None


@dataclass(frozen=True)
class Headers:
    """A corpus after its headers were read.

    Attributes:
        corpus: with durations; rows whose file cannot be read have moved to `skipped`, and what
            they lack besides is no longer in `missing`.
        read: number of headers read.
        unread: number of files that there was no time for.
        formats: (Hz, channels) -> ids of the clips of that format.
    """

    corpus: Corpus
    read: int
    unread: int
    formats: dict[tuple[int, int], list[str]]

    def common_formats(self) -> list[tuple[tuple[int, int], int]]:
        """Formats and their numbers of clips, the commonest first."""
        return Counter({key: len(ids) for key, ids in self.formats.items()}).most_common()


def read_headers(corpus: Corpus, seconds: float | None = None, seed: int = 0) -> Headers:
    """Fill `duration_s` from the files' headers, and leave out files that cannot be read.

    Files are read in random order, so that those read when the time is over are a fair sample.

    Args:
        corpus: any; rows without a path stay as they are.
        seconds: time to spend; None: all files are read.
        seed: of the order.
    """
    table = corpus.table.copy()
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(table["path"] != "")).tolist()
    durations = table["duration_s"].to_numpy(copy=True)
    ids, paths, spans = (table[name].tolist() for name in ("id", "path", "span"))
    formats: dict[tuple[int, int], list[str]] = {}
    broken: dict[int, str] = {}
    short: list[Skipped] = []
    read = 0
    until = float("inf") if seconds is None else time.monotonic() + seconds
    for row in rows:
        if time.monotonic() > until:
            break
        read += 1
        path = Path(paths[row])
        header = None if (problem := damage(path)) else read_header(path)
        if header is None:
            broken[row] = problem or UNREADABLE
            continue
        left = length_in(spans[row], header.duration_s)
        if left <= 0:
            broken[row] = BEYOND
            continue
        durations[row] = left
        if left < length_of(spans[row]) - _SLACK_S:
            short.append(Skipped(ids[row], CUT_SHORT))
        formats.setdefault((header.sample_rate, header.channels), []).append(ids[row])
    table["duration_s"] = durations
    skipped = [Skipped(ids[row], reason) for row, reason in sorted(broken.items())]
    left_out = {item.item for item in skipped}
    missing = tuple(item for item in (*corpus.missing, *short) if item.item not in left_out)
    kept = table.drop(index=list(broken)).reset_index(drop=True)
    return Headers(
        replace(corpus, table=kept, skipped=(*corpus.skipped, *skipped), missing=missing),
        read=read,
        unread=len(rows) - read,
        formats=formats,
    )
