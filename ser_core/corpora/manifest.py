"""Any CSV, TSV or Parquet table with one row per clip (or per text), by a mapping of its columns.

    file,speaker,emotion,valence      Layout(columns={"path": "file", "category": "emotion"},
    a.wav,1,Freude,3.5                       labels={"Freude": "happy"},
                                             scales={"valence": Scale(1, 5)})

Columns that are not mapped are found by their usual names (`ser_core.corpora.layout.SYNONYMS`).
Paths are absolute or relative to the folder of the table.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ser_core.corpora.files import NO_FILE, damage, first_file
from ser_core.corpora.layout import SYNONYMS, Layout
from ser_core.corpora.table import COLUMNS, NUMBERS, Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of, language_of, sex_of, split_of
from ser_core.corpora.text_files import read_rows
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS

NAME = "manifest"
LOOKS_FOR = "manifest.csv, manifest.tsv or manifest.parquet"
NEITHER = "no file and no text"
NAMES = ("speaker", "language", "session", "split")  # where any word would be one more of them
NO_VALUE = frozenset({"nan", "na", "n/a", "<na>", "none", "null"})  # as pandas, R and SQL write it
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
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
    return build(name or default, named, folder, layout, skipped, notes)


def read_table(file: Path) -> tuple[list[dict[str, str]], list[Skipped]]:
    """Rows of a CSV, TSV or Parquet file as text ("" for no value), and lines not understood.

    Raises:
        CorpusError: the file is damaged.
    """
    if file.suffix.lower() != ".parquet":
        return read_rows(file, "\t" if file.suffix.lower() == ".tsv" else ",")
    try:
        frame = pd.read_parquet(file)
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
    by_lower_case = {column.lower(): column for column in present}
    found = {
        ours: by_lower_case[synonym]
        for ours, synonyms in SYNONYMS.items()
        for synonym in reversed(synonyms)
        if synonym in by_lower_case
    }
    columns = {**found, **layout.columns}
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


def build(
    name: str,
    rows: Sequence[Mapping[str, str]],
    folder: Path,
    layout: Layout,
    skipped: Sequence[Skipped] = (),
    notes: Sequence[str] = (),
    missing: Sequence[Skipped] = (),
) -> Corpus:
    """Rows with our column names and values as written -> a corpus.

    Raises:
        CorpusError: a dimension has values outside [0, 1] and no scale.
    """
    rows, unknown = _without_placeholders([_with_points(row) for row in rows])
    for dimension in (name for name in DIMENSIONS if name not in layout.scales):
        given = pd.Series([row.get(dimension, "") for row in rows], dtype=object)
        numbers = pd.to_numeric(given, errors="coerce")
        values = numbers[np.isfinite(numbers)]
        if not values.between(0, 1).all():
            raise CorpusError(
                f"{dimension} runs from {values.min():g} to {values.max():g}: give its scale, such "
                f"as {dimension}=1:5."
            )
    left_out, notes = list(skipped), [*notes, *unknown]
    kept: list[dict[str, object]] = []
    unusable: list[dict[str, object]] = []
    for number, row in enumerate(rows, 1):
        file = row.get("path", "").replace("\\", "/")
        path = folder / file if file else None
        problem = unusable_as(path) if path else "" if row.get("transcript") else NEITHER
        if problem:
            item = file or row.get("id") or f"row_{number}"
            left_out.append(Skipped(item, problem))
            unusable.append({**_row(name, row, layout.labels), "id": item, "path": ""})
        else:
            item = row.get("id") or (file and str(Path(file).with_suffix(""))) or f"row_{number}"
            kept.append({**_row(name, row, layout.labels), "id": item, "path": path or ""})
    return assemble(
        name,
        kept,
        skipped=left_out,
        missing=missing,
        notes=notes,
        scales=layout.scales,
        unusable=unusable,
    )


def unusable_as(path: Path) -> str:
    """Why a path that a person wrote is no recording, "" if nothing speaks against it."""
    if "\0" in str(path):  # which no file can have in its name: asking for it is a ValueError
        return NO_FILE
    return damage(path) or ("" if path.is_file() else NO_FILE)


def _with_points(row: Mapping[str, str]) -> dict[str, str]:
    """A row whose numbers have decimal points: with semicolons come decimal commas."""
    commas = {
        name: row[name].replace(",", ".")
        for name in NUMBERS
        if _DECIMAL_COMMA.fullmatch(row.get(name, ""))
    }
    return {**row, **commas}


def _without_placeholders(rows: Sequence[dict[str, str]]) -> tuple[list[dict[str, str]], list[str]]:
    """Rows whose `nan` and the like are "" where they would become a name; and what they were."""
    words: dict[str, set[str]] = {}
    cleared = []
    for row in rows:
        empty = {name for name in NAMES if row.get(name, "").lower() in NO_VALUE}
        for name in empty:
            words.setdefault(name, set()).add(row[name])
        cleared.append({**row, **dict.fromkeys(empty, "")})
    return cleared, [
        f"{name}: {', '.join(sorted(words[name]))} is taken for no value."
        for name in NAMES
        if name in words
    ]


def _row(name: str, row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    label = row.get("category") or row.get("emotion", "")
    speaker = row.get("speaker", "")
    prefixed = not speaker or speaker.startswith(f"{name}_")
    return {
        **{column: value for column, value in row.items() if column in COLUMNS},
        "speaker": speaker if prefixed else f"{name}_{speaker}",
        "sex": sex_of(row.get("sex", "")),
        "language": language_of(row.get("language", "")),
        "split": split_of(row.get("split", "")),
        "emotion": row.get("emotion") or label,
        "category": labels.get(label, "") if labels else category_of(label),
    }
