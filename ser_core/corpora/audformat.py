"""Databases in audformat, read without its package, which runs what pickled tables hold.

    db.yaml                       header, see `ser_core.corpora.audformat_header`
    db.<table>.parquet or .csv    index `file`, or `file,start,end`, then columns of labels
    <files>                       relative to the folder

What a column holds follows from the name of its scheme, or from its own. A row of a table that is a
segment of a longer file becomes a row with that span; whether a segment is a whole file is seen
from the header of that file. What tables of whole files say of speaker and language holds for its
segments too; a file that has segments is itself a row only where it has words or labels. Of several
values for a column the first counts, in the order of the tables, and the disagreement is reported.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from ser_core.corpora.audformat_header import FILE, Header, read_header
from ser_core.corpora.files import damage
from ser_core.corpora.headers import read_header as read_audio_header
from ser_core.corpora.layout import Layout
from ser_core.corpora.named_rows import build
from ser_core.corpora.span import Span, seconds
from ser_core.corpora.table import Corpus, Skipped
from ser_core.corpora.terms import language_of, sex_of
from ser_core.corpora.text_files import read_text
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS

NAME = "audformat"
LOOKS_FOR = f"{FILE}, the header of an audformat database"
# Our column -> names of schemes and columns by the conventions of audformat.
SCHEMES: dict[str, tuple[str, ...]] = {
    "emotion": ("emotion",),
    **{name: (name,) for name in DIMENSIONS},
    "speaker": ("speaker",),
    "sex": ("gender", "sex"),
    "language": ("language",),
    "transcript": ("transcription", "text", "transcript"),
}
DISAGREE = "several values are given, the first counts"
_TOLERANCE_S = 0.05  # a segment that ends this near to the end of its file is the file


_OF_FILES = ("speaker", "sex", "language", "split")  # what holds for every segment of a file


@dataclass(frozen=True)
class _Key:
    """A file, or a segment of it as `ser_core.corpora.span` writes it."""

    file: str
    span: str = ""

    def __str__(self) -> str:
        return f"{self.file} {self.span} s" if self.span else self.file


@dataclass
class _Files:
    """What the tables say of each file and segment: column -> the first value given.

    Attributes:
        cells: file or segment -> column -> value.
        disagreements: (key, column) where a later value says something else, in order.
    """

    cells: dict[_Key, dict[str, str]] = field(default_factory=dict)
    disagreements: dict[tuple[_Key, str], None] = field(default_factory=dict)

    def add(self, key: _Key, column: str, value: str) -> None:
        cell = self.cells.setdefault(key, _begin(key))
        first = cell.setdefault(column, value) or value
        cell[column] = first
        if value and _meaning(column, value) != _meaning(column, first):
            self.disagreements[key, column] = None

    def pass_down(self) -> None:
        """Give segments what is said of their files; files that are only that are no rows."""
        for key in [key for key in self.cells if key.span]:
            whole = self.cells.get(_Key(key.file), {})
            for column in _OF_FILES:
                self.cells[key][column] = self.cells[key].get(column) or whole.get(column, "")
        for file in {key.file for key in self.cells if key.span}:
            whole = self.cells.get(_Key(file), {})
            if not any(whole.get(column) for column in ("emotion", "transcript", *DIMENSIONS)):
                self.cells.pop(_Key(file), None)


def _begin(key: _Key) -> dict[str, str]:
    start, _, end = key.span.partition("-")
    return {"path": key.file, "start": start, "end": end}


def _meaning(column: str, value: str) -> str | float:
    """A value such that ways to write the same are equal: `F` and `female`, 4 and 4.0."""
    if column == "sex":
        return sex_of(value) or value
    if column == "language":
        return language_of(value) or value
    try:
        return float(value) if column in DIMENSIONS else value
    except ValueError:
        return value


def matches(root: Path) -> bool:
    """Whether `root` holds an audformat database."""
    file = root / FILE
    return file.is_file() and bool(re.search("^tables:", read_text(file), re.MULTILINE))


def read(root: Path, layout: Layout | None = None) -> Corpus:
    """Read the database at `root`.

    Args:
        layout: `labels` and `scales` as for a manifest; `columns` may name the column of the
            tables, or the scheme, for one of ours.

    Raises:
        CorpusError: no header, a damaged one, a damaged table, a dimension whose scale nobody
            gives, or a column that is in no table.
    """
    header, layout = read_header(root), layout or Layout()
    if other := [column for column in layout.columns if column not in SCHEMES]:
        raise CorpusError(
            f"The tables of {root / FILE} hold no {' or '.join(other)} that could be named: choose "
            f"from {', '.join(SCHEMES)}."
        )
    files, skipped, notes = _Files(), [], []
    tables: dict[str, list[tuple[_Key, dict[str, str]]]] = {}
    for table in header.tables:
        rows, problems = header.rows(table)
        skipped += problems
        tables[table] = [(_key(header, table, row), row) for row in rows]
        for key, _ in tables[table]:
            files.add(key, "split", header.split(table))
    skipped += header.misc_problems()
    for column, names in SCHEMES.items():
        wanted = (layout.columns[column],) if column in layout.columns else names
        chosen, note = header.find(wanted)
        if column in layout.columns and not chosen and not note:
            raise CorpusError(
                f"{root / FILE} has no column and no scheme {wanted[0]} in its tables."
            )
        notes += [f"{column}: {note}."] if note else []
        for table, name in chosen:
            _take(files, header, tables[table], column, name, header.scheme(table, name))
    files.pass_down()
    if len(header.languages) == 1:
        for key in files.cells:
            if not files.cells[key].get("language"):
                files.add(key, "language", header.languages[0])
    missing = [
        Skipped(f"{key} ({column})", DISAGREE)
        for key, column in files.disagreements
        if not damage(header.root / key.file)  # a file that is not kept is reported as such
    ]
    scales = {**header.scales(), **layout.scales}
    filled = Layout(labels=layout.labels, scales=scales)
    rows = list(files.cells.values())
    notes += layout.unused(rows)
    return build(header.name, rows, header.root, filled, skipped, notes, missing)


def _key(header: Header, table: str, row: dict[str, str]) -> _Key:
    """The file or the segment that a row is about.

    The file is opened only if the segment begins with it and has an end.
    """
    try:
        file = row["file"]
        start, end = seconds(row.get("start", "")), seconds(row.get("end", ""))
    except (KeyError, ValueError) as error:
        raise CorpusError(f"Table db.{table} in {header.root} is damaged: {error}.") from error
    path = header.root / file
    if math.isnan(start) or start <= 0:
        start = 0.0
        if math.isnan(end) or damage(path):
            return _Key(file)
        audio = read_audio_header(path)
        if audio is None or audio.duration_s - end <= _TOLERANCE_S:
            return _Key(file)
    return _Key(file, str(Span(start, math.inf if math.isnan(end) else end)))


def _take(
    files: _Files,
    header: Header,
    rows: list[tuple[_Key, dict[str, str]]],
    column: str,
    name: str,
    scheme: dict[str, object],
) -> None:
    """Add the values of one column of a table, and what their scheme says of a speaker."""
    labels = header.labels(scheme)
    for key, row in rows:
        value = row.get(name, "")
        label = labels.get(value)
        files.add(key, column, label if isinstance(label, str) else value)
        if column == "speaker" and isinstance(label, dict):
            for ours in ("sex", "language"):
                for theirs in SCHEMES[ours]:
                    files.add(key, ours, str(label.get(theirs) or ""))
