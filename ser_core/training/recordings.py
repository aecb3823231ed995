"""The recordings of a corpus table as training, evaluation and experiments open them.

The one place where a row's `span` is honoured: a recording is a path, or a part of one.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import soundfile

from ser_core.corpora.riff import is_mpeg
from ser_core.corpora.span import Span
from ser_core.errors import CorpusError, CorruptAudioError
from ser_core.inputs import audio
from ser_core.inputs.paths import display_name, require_file

# The training corpora hold no clip longer than a minute; this bounds the memory all the same.
LIMITS = audio.Limits(max_duration_s=600.0)
# A file that holds many utterances is longer.
_LONG = audio.Limits(max_bytes=2**31, max_duration_s=6 * 3600.0, max_decoded_samples=2**31)
_SLACK_S = 0.05  # a part may end so much after its file


@dataclass(frozen=True)
class Part:
    """A part of a file."""

    path: str
    span: Span

    def __str__(self) -> str:
        return f"{self.path} ({self.span} s)"


Recording = str | Part


def recordings(table: pd.DataFrame) -> list[Recording]:
    """The recordings of a corpus table, row by row."""
    spans = table["span"] if "span" in table else [""] * len(table)
    return [
        Part(path, Span.parse(span)) if span else path
        for path, span in zip(table["path"], spans, strict=True)
    ]


def path_of(recording: Recording) -> str:
    """The file."""
    return recording if isinstance(recording, str) else recording.path


def stamp(recording: Recording) -> str:
    """What changes when a recording does: path (whatever links lead there), size, time, and part.

    Raises:
        CorpusError: there is no such file.
    """
    path = path_of(recording)
    try:
        file = Path(path).resolve()
        status = file.stat()
    except OSError as error:
        raise CorpusError(f"The recording {path} is missing: complete the corpus.") from error
    whole = f"{file}:{status.st_size}:{status.st_mtime_ns}"
    return whole if isinstance(recording, str) else f"{whole}#{recording.span}"


def load_recording(recording: Recording) -> audio.Clip:
    """A clip of a file or of its part alone.

    Raises:
        AudioError: see `ser_core.inputs.audio.load`; also for a part that begins after its file.
    """
    if isinstance(recording, str):
        return audio.load(recording, limits=LIMITS)
    require_file(recording.path)
    return _seek(recording) or _cut(recording)


def _seek(part: Part) -> audio.Clip | None:
    """The part, read without the rest of the file; None where that is not safe to do.

    libsndfile stops at the first part of a joined file and guesses in MP3: what lies beyond its end
    is looked for by the audio door.
    """
    if is_mpeg(Path(part.path)):
        return None
    try:
        with soundfile.SoundFile(part.path) as file:
            rate, length = file.samplerate, file.frames / file.samplerate
            end = length if math.isinf(part.span.end) else part.span.end
            if math.isinf(part.span.end) or end > length + _SLACK_S:
                return None
            file.seek(round(part.span.start * rate))
            wanted = round(end * rate) - file.tell()
            samples = file.read(wanted, dtype="float32", always_2d=True)
    except RuntimeError:  # of libsndfile: another format
        return None
    return audio.from_samples(samples, rate, display_name(part.path), limits=LIMITS)


def _cut(part: Part) -> audio.Clip:
    """The part of the whole file, decoded by the audio door."""
    whole = _whole(part.path, stamp(part.path))
    rate = whole.sample_rate
    end = None if math.isinf(part.span.end) else round(part.span.end * rate)
    samples = whole.samples[round(part.span.start * rate) : end]
    if not len(samples):
        raise CorruptAudioError(
            f"The part {part.span} s begins after the end of '{whole.source.name}' "
            f"({whole.duration_s:.2f} s): correct its times."
        )
    return audio.from_samples(samples, rate, whole.source.name, limits=LIMITS)


@lru_cache(maxsize=1)  # parts of one file mostly follow each other
def _whole(path: str, stamped: str) -> audio.Clip:
    return audio.load(path, limits=_LONG)
