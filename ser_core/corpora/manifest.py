"""Any CSV, TSV or Parquet table with one row per clip, part of one, or text.

    file,speaker,emotion,valence      Layout(columns={"path": "file", "category": "emotion"},
    a.wav,1,Freude,3.5                       labels={"Freude": "happy"},
                                             scales={"valence": Scale(1, 5)})

Columns that are not mapped are found by their usual names (`ser_core.corpora.layout.SYNONYMS`).
Paths are absolute or relative to the folder of the table. A row with a start, and an end or a
duration, is that part of its file: seconds, or what programs write for time differences.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ser_core.corpora.files import first_file
from ser_core.corpora.layout import SYNONYMS, Layout
from ser_core.corpora.named_rows import build
from ser_core.corpora.span import unread_parts
from ser_core.corpora.table import Corpus, Skipped
from ser_core.corpora.text_files import read_rows
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS

NAME = "manifest"
LOOKS_FOR = "manifest.csv, manifest.tsv or manifest.parquet"
SUFFIXES = (".csv", ".tsv", ".parquet")


def find_manifest(source: Path) -> Path | None:
    """`source` itself if it is a table, or the manifest in that folder."""
    if source.is_file():
        return source if source.suffix.lower() in SUFFIXES else None
    return first_file(source / f"manifest{suffix}" for suffix in SUFFIXES)


def matches(source: Path) -> bool:
    """Whether `source` is a table or a folder with a manifest."""
    return find_manifest(source) is not None


def read(source: Path, layout: Layout | None = None, name: str = "") -> Corpus:
    """Read a table, or the manifest in a folder.

    Args:
        name: of the corpus; by default that of the folder (of the file, if it is no `manifest.*`).

    Raises:
        CorpusError: no table, a damaged one, or one without the columns or scales needed.
    """
    file = find_manifest(source)
    if file is None:
        raise CorpusError(f"No table found at {source}: looked for {LOOKS_FOR}.")
    rows, skipped = read_table(file)
    if not rows:
        raise CorpusError(f"{file} has no rows: it may be damaged.")
    layout = layout or Layout()
    columns = _columns(file, list(rows[0]), layout)
    named = [{ours: row[theirs] for ours, theirs in columns.items()} for row in rows]
    folder = file.absolute().parent
    default = folder.name if file.stem == "manifest" else file.stem
    notes = [*layout.unused(named), *_without_labels(columns, list(rows[0]))]
    if "path" in columns:
        notes += unread_parts(rows, columns["path"], columns.values())
    return build(name or default, named, folder, layout, skipped, notes)


def read_table(file: Path) -> tuple[list[dict[str, str]], list[Skipped]]:
    """Rows of a CSV, TSV or Parquet file as text ("" for no value), and lines not understood.

    Raises:
        CorpusError: the file is damaged.
    """
    if file.suffix.lower() != ".parquet":
        return read_rows(file, "\t" if file.suffix.lower() == ".tsv" else ",")
    try:
        with file.open("rb") as opened:
            frame = pd.read_parquet(opened)
    except PermissionError:  # see `recognise.read`
        raise
    except (OSError, ValueError) as error:  # what pyarrow raises is one of these
        raise CorpusError(f"{file} is damaged or is no Parquet file: {error}.") from error
    if frame.index.names != [None]:
        frame = frame.reset_index()
    # convert_dtypes keeps whole numbers whole where some are missing: speaker 3, not 3.0.
    frame = frame.convert_dtypes().astype(object)
    text: Any = frame.where(frame.notna(), "").map(str)
    return text.to_dict("records"), []


def _columns(file: Path, present: Sequence[str], layout: Layout) -> dict[str, str]:
    """Our column -> the table's."""
    shown = f"it has {', '.join(present)}"
    for column in layout.columns.values():
        if column not in present:
            raise CorpusError(f"{file} has no column {column}: {shown}.")
    found = {}
    for ours, synonyms in SYNONYMS.items():
        fitting = [name for synonym in synonyms for name in present if name.lower() == synonym]
        twins = [name for name in fitting if name.lower() == fitting[0].lower()]
        if len(twins) > 1 and ours not in layout.columns:
            raise CorpusError(
                f"{file} has the columns {' and '.join(twins)}: name one of them, such as "
                f"{ours}={twins[0]}."
            )
        if fitting:
            found[ours] = fitting[0]
    columns = {**found, **layout.columns}
    # The end of a part after its onset; a start where there are durations, as in librosa.
    offset = next((name for name in present if name.lower() == "offset"), "")
    if offset and offset not in columns.values() and {"start", "duration_s"} & set(columns):
        columns.setdefault("end" if "start" in columns else "start", offset)
    if "path" not in columns and "transcript" not in columns:
        raise CorpusError(f"{file}: name its column of files, such as path=NAME; {shown}.")
    return columns


def _without_labels(columns: Mapping[str, str], present: Sequence[str]) -> list[str]:
    """A sentence about the columns that are not read, if none of labels or ratings is."""
    unread = [column for column in present if column and column not in columns.values()]
    if not unread or not {"emotion", "category", *DIMENSIONS}.isdisjoint(columns):
        return []
    return [
        f"No column of labels or ratings is known: if one of {', '.join(unread)} is, name it, such "
        "as emotion=NAME or valence=NAME."
    ]
