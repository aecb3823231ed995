"""Databases in audformat, read without its package.

    db.yaml                       header, see `ser_core.corpora.audformat_header`
    db.<table>.parquet or .csv    index `file`, or `file,start,end`, then columns of labels
    <files>                       relative to the folder

What a column holds follows from the name of its scheme, or from its own. A row of a table that is a
segment of a longer file has no place in our table, whose rows are files, and is reported; whether a
segment is a whole file is seen from the header of that file. Of several values for a column of a
file the first counts, in the order of the tables, and the disagreement is reported.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ser_core.corpora.audformat_header import FILE, Header, read_header
from ser_core.corpora.files import damage
from ser_core.corpora.headers import read_header as read_audio_header
from ser_core.corpora.layout import Layout
from ser_core.corpora.named_rows import build
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
SEGMENT = "a segment of a longer file: cut it into a file of its own"
DISAGREE = "several values are given, the first counts"
_TOLERANCE_S = 0.05  # a segment that ends this near to the end of its file is the file


@dataclass
class _Files:
    """What the tables say of each file: column -> the first value given.

    Attributes:
        cells: file -> column -> value.
        disagreements: (file, column) where a later value says something else, in order.
    """

    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    disagreements: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, file: str, column: str, value: str) -> None:
        cell = self.cells.setdefault(file, {"path": file})
        first = cell.setdefault(column, value) or value
        cell[column] = first
        if value and _meaning(column, value) != _meaning(column, first):
            self.disagreements[file, column] = None


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
    tables: dict[str, list[dict[str, str]]] = {}
    for table in header.tables:
        rows, problems = header.rows(table)
        skipped += problems
        tables[table] = []
        for row in rows:
            if segment := _segment(header, table, row):
                skipped.append(Skipped(segment, SEGMENT))
            else:
                tables[table].append(row)
                files.add(row["file"], "split", header.split(table))
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
    if len(header.languages) == 1:
        for file in files.cells:
            if not files.cells[file].get("language"):
                files.add(file, "language", header.languages[0])
    missing = [
        Skipped(f"{file} ({column})", DISAGREE)
        for file, column in files.disagreements
        if not damage(header.root / file)  # a file that is not kept is reported as such
    ]
    scales = {**header.scales(), **layout.scales}
    filled = Layout(labels=layout.labels, scales=scales)
    rows = list(files.cells.values())
    notes += layout.unused(rows)
    return build(header.name, rows, header.root, filled, skipped, notes, missing)


def _segment(header: Header, table: str, row: dict[str, str]) -> str:
    """The name of a segment of a longer file; "" for a whole file.

    The file is opened only if the segment begins with it and has an end.
    """
    try:
        file = row["file"]
        start = pd.to_timedelta(row.get("start") or "0s").total_seconds()
        end = pd.to_timedelta(row.get("end") or "NaT").total_seconds()
    except (KeyError, ValueError) as error:
        raise CorpusError(f"Table db.{table} in {header.root} is damaged: {error}.") from error
    path = header.root / file
    if start <= 0:
        if math.isnan(end) or damage(path):
            return ""
        audio = read_audio_header(path)
        if audio is None or audio.duration_s - end <= _TOLERANCE_S:
            return ""
    return f"{file} {start:.2f}-{end:.2f} s"


def _take(
    files: _Files,
    header: Header,
    rows: list[dict[str, str]],
    column: str,
    name: str,
    scheme: dict[str, object],
) -> None:
    """Add the values of one column of a table, and what their scheme says of a speaker."""
    labels = header.labels(scheme)
    for row in rows:
        value = row.get(name, "")
        label = labels.get(value)
        files.add(row["file"], column, label if isinstance(label, str) else value)
        if column == "speaker" and isinstance(label, dict):
            for ours in ("sex", "language"):
                for theirs in SCHEMES[ours]:
                    files.add(row["file"], ours, str(label.get(theirs) or ""))
