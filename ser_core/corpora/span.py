"""Parts of files: where an utterance begins and ends in a longer recording.

In the corpus table a part is the text `start-end` in its column `span`, in seconds, such as
`1.5-3.25`; the end is left out where the part goes on to the end of the file. "" is a whole file.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ser_core.errors import CorpusError

NO_TIME = "its start or end is no time"
BACKWARDS = "it ends before it begins"
_MINUTES = re.compile(r"\d+:\d\d(\.\d*)?")


@dataclass(frozen=True)
class Span:
    """A part of a file: seconds from its beginning; the end may be infinite."""

    start: float
    end: float = math.inf

    def __str__(self) -> str:
        end = "" if math.isinf(self.end) else f"{self.end:.10g}"
        return f"{self.start:.10g}-{end}"

    @classmethod
    def parse(cls, text: str) -> "Span":
        """The span that is written as `str(span)` writes it."""
        start, _, end = text.partition("-")
        return cls(float(start), float(end) if end else math.inf)


def seconds(text: str) -> float:
    """A time as people and programs write it, in seconds; NaN for none.

    Numbers are seconds; else what pandas takes for a time difference, minutes and seconds, and the
    comma of subtitles.

    Raises:
        ValueError: it is no time.

    >>> seconds("1.5"), seconds("0 days 00:00:01.500000"), seconds("01:02,5"), seconds("P0DT0H0M3S")
    (1.5, 1.5, 62.5, 3.0)
    """
    text = text.strip().replace(",", ".")
    if text.lower() in ("", "nat", "nan", "none", "null", "<na>"):
        return math.nan
    try:
        return float(text)
    except ValueError:
        pass
    if _MINUTES.fullmatch(text):
        text = f"00:{text}"
    return float(pd.to_timedelta(text).total_seconds())


def span_of(row: Mapping[str, str]) -> str:
    """The text of the column `span` for a row with `start`, `end` or `duration_s`, as written.

    A row without a start and an end is a whole file; its duration alone says nothing of a part.

    Raises:
        ValueError: the times are none, with a reason from above.
    """
    try:
        start, end = seconds(row.get("start", "")), seconds(row.get("end", ""))
        length = seconds(row.get("duration_s", ""))
    except ValueError as error:
        raise ValueError(NO_TIME) from error
    if math.isnan(start) and math.isnan(end):
        return ""
    start = 0.0 if math.isnan(start) else start
    if math.isnan(end):
        end = math.inf if math.isnan(length) else start + length
    if start < 0 or math.isinf(start):
        raise ValueError(NO_TIME)
    if end <= start:
        raise ValueError(BACKWARDS)
    return "" if start == 0 and math.isinf(end) else str(Span(start, end))


def length_of(text: str) -> float:
    """Seconds of a span as the table writes it; NaN where it has no end, as a whole file."""
    span = Span.parse(text or "0-")
    return math.nan if math.isinf(span.end) else span.end - span.start


def length_in(text: str, duration_s: float) -> float:
    """Seconds that a file of a duration holds of a span as the table writes it, "" for all."""
    span = Span.parse(text or "0-")
    return min(span.end, duration_s) - span.start


# Names of columns that say which part of a file a row is, in units or ways that are not read.
_TIME = re.compile(
    r"(start|begin|end|stop|onset|offset|from|to|xmin|xmax|tmin|tmax)"
    r"([_ -]?(time|s|sec|secs|seconds|ms|msec|samples?|frames?|idx|index|bytes?))*"
)
_PART = re.compile(r"(segment|channel|track|turn|chunk)([_ -]?(id|idx|index|nr|no|number))?")


def unread_parts(rows: Sequence[Mapping[str, str]], path: str, read: Collection[str]) -> list[str]:
    """Notes on columns that may say which part of a file a row is, and are not read.

    Args:
        rows: of a table, as written.
        path: its column of files.
        read: its columns that are read.

    Raises:
        CorpusError: whole files would get labels that belong to parts: such a column holds times,
            or tells rows of one file apart.
    """
    files = [row[path] for row in rows]
    shared = len(set(files)) < len(files)
    notes = []
    for name in rows[0]:
        if name in read or len({row[name] for row in rows} - {""}) < 2:
            continue
        word = name.strip().lower()
        if _TIME.fullmatch(word):
            raise CorpusError(
                f"The column {name} may say which part of a file each row is: give times in "
                f"seconds and name it, as start={name} or end={name}; or remove it."
            )
        if _PART.fullmatch(word) and shared:
            raise CorpusError(
                f"The column {name} tells rows of the same file apart: give their start and end "
                "in seconds, or save each as a file of its own; or remove the column."
            )
        if _PART.fullmatch(word):
            notes.append(f"The column {name} is not read: each row is its whole file.")
    return notes
