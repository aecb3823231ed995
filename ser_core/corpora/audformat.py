"""Databases in audformat, read without its package.

    db.yaml                            header: languages, raters, schemes, splits, tables
    db.<table>.parquet or .csv         index `file`, or `file,start,end`, then columns of labels
    <files>                            relative to the folder

After the audformat documentation (header, tables, conventions): a column's `scheme_id`, or its
name, says what it holds; a scheme has labels (a list, words by key, fields by key, or the name of a
misc table) and for numbers a minimum and maximum, which are the scale; a table's `split_id` names
its split; values agreed on stand in tables `….gold_standard` or have a rater of type `vote`.

Pickled tables are not opened: unpickling runs code. A table row that is a segment of a longer file
cannot be held by our table, whose rows are files, and is reported.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml  # type: ignore[import-untyped]

from ser_core.corpora.files import first_file, read_rows, read_text
from ser_core.corpora.headers import read_header
from ser_core.corpora.manifest import Layout, build, read_parquet
from ser_core.corpora.table import Corpus, Skipped
from ser_core.corpora.terms import split_of
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS, Scale

LOOKS_FOR = "db.yaml, the header of an audformat database"
# Our column -> names of schemes and columns by the conventions of audformat.
SCHEMES = {
    "emotion": ("emotion",),
    **{name: (name,) for name in DIMENSIONS},
    "speaker": ("speaker",),
    "sex": ("gender", "sex"),
    "language": ("language",),
    "transcript": ("transcription", "text", "transcript"),
}
SEGMENT = "a segment of a longer file: cut it into a file of its own"
_TOLERANCE_S = 0.05  # a segment that ends this near to the end of its file is the file


@dataclass
class _Files:
    """What the tables say of each file: column -> value, the first one that is given."""

    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    segments: list[Skipped] = field(default_factory=list)

    def add(self, file: str, column: str, value: str) -> None:
        cell = self.cells.setdefault(file, {"path": file})
        if value and not cell.get(column):
            cell[column] = value


def matches(root: Path) -> bool:
    """Whether `root` holds an audformat database."""
    file = root / "db.yaml"
    return file.is_file() and "\ntables:" in read_text(file)


def read(root: Path, layout: Layout | None = None) -> Corpus:
    """Read the database at `root`.

    Args:
        layout: `labels` and `scales` as for a manifest; `columns` may name another column of the
            tables for one of ours.

    Raises:
        CorpusError: no header, a damaged one, or a dimension without a known scale.
    """
    header = _read_header(root)
    layout = layout or Layout()
    files, skipped, notes = _Files(), [], []
    tables = {}
    for table in header["tables"]:
        rows, problems = _read_table(root, table)
        skipped += problems
        tables[table] = rows
        split = _split(header, table)
        for row, file in zip(rows, _whole_files(root, rows, files.segments), strict=True):
            if file:
                files.add(file, "split", split)
                row["file"] = file
            else:
                row["file"] = ""
    for column, names in SCHEMES.items():
        wanted = (layout.columns[column],) if column in layout.columns else names
        chosen, note = _choose(header, wanted)
        if note:
            notes.append(f"{column}: {note}")
        for table, name in chosen:
            scheme = header["schemes"].get(
                header["tables"][table]["columns"][name].get("scheme_id")
            )
            decode = _Decoder(root, header, scheme or {})
            for row in tables[table]:
                if row["file"]:
                    files.add(row["file"], column, decode.word(row.get(name, "")))
                    if column == "speaker":
                        for extra in ("sex", "language"):
                            fields = decode.fields(row.get(name, ""), SCHEMES[extra])
                            files.add(row["file"], extra, fields)
    languages = [str(language) for language in header["languages"]]
    if len(languages) == 1:
        for file in files.cells:
            files.add(file, "language", languages[0])
    scales = {**_scales(header), **layout.scales}
    return build(
        str(header.get("name") or root.absolute().name),
        list(files.cells.values()),
        root.absolute(),
        Layout(labels=layout.labels, scales=scales),
        [*skipped, *files.segments],
        notes,
    )


def _read_header(root: Path) -> dict[str, Any]:
    file = root / "db.yaml"
    if not file.is_file():
        raise CorpusError(f"No audformat database at {root}: looked for {LOOKS_FOR}.")
    try:
        header = yaml.safe_load(read_text(file))
        parts = ("schemes", "splits", "raters", "tables", "misc_tables", "languages")
        header = {**header, **{part: header.get(part) or {} for part in parts}}
        for table in header["tables"].values():
            table["columns"] = {
                name: value or {} for name, value in (table.get("columns") or {}).items()
            }
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise CorpusError(f"{file} is damaged: {error}.") from error
    return header


def _read_table(root: Path, table: str) -> tuple[list[dict[str, str]], list[Skipped]]:
    file = first_file(root / f"db.{table}.{suffix}" for suffix in ("parquet", "csv"))
    if file:
        return (read_parquet(file), []) if file.suffix == ".parquet" else read_rows(file)
    pickled = (root / f"db.{table}.pkl").is_file()
    reason = "a pickled table is not opened: save it as Parquet or CSV"
    return [], [Skipped(f"db.{table}", reason if pickled else "no such table")]


def _whole_files(root: Path, rows: list[dict[str, str]], segments: list[Skipped]) -> Iterator[str]:
    """The file of each row, or "" for a segment of a longer file (added to `segments`)."""
    for row in rows:
        file = row.get("file", "")
        start = pd.to_timedelta(row.get("start") or "0s").total_seconds()
        end = pd.to_timedelta(row.get("end") or "NaT").total_seconds()
        if file and (start > 0 or end == end):
            header = read_header(root / file) if start == 0 and (root / file).is_file() else None
            if header is None or header.duration_s - end > _TOLERANCE_S:
                segments.append(Skipped(f"{file} {start:.2f}-{end:.2f} s", SEGMENT))
                file = ""
        yield file


def _split(header: Mapping[str, Any], table: str) -> str:
    """train, dev, test; where several splits are tests, each keeps its name."""
    split = header["tables"][table].get("split_id")
    if not split:
        return ""
    kinds = {name: (value or {}).get("type", name) for name, value in header["splits"].items()}
    kind = split_of(str(kinds.get(split, split)))
    return kind if list(kinds.values()).count(kinds.get(split)) <= 1 else split_of(str(split))


def _choose(header: Mapping[str, Any], names: Iterable[str]) -> tuple[list[tuple[str, str]], str]:
    """(table, column) pairs that hold what `names` name; and a note if there is no choice."""
    found, gold = [], []
    for table, content in header["tables"].items():
        for name, column in content["columns"].items():
            if name in names or column.get("scheme_id") in names:
                found.append((table, name))
                rater = (header["raters"].get(column.get("rater_id")) or {}).get("type")
                if "gold_standard" in table.split(".") or rater in ("vote", "ground truth"):
                    gold.append((table, name))
    chosen = gold or found
    if len({table for table, _ in chosen}) < len(chosen):
        named = [(table, name) for table, name in chosen if name in names]
        if len({table for table, _ in named}) < len(named) or not named:
            return [], "several raters and no agreed value, not read"
        chosen = named
    return chosen, ""


def _scales(header: Mapping[str, Any]) -> dict[str, Scale]:
    return {
        name: Scale(float(scheme["minimum"]), float(scheme["maximum"]))
        for name, scheme in header["schemes"].items()
        if name in DIMENSIONS and {"minimum", "maximum"} <= set(scheme or {})
    }


class _Decoder:
    """Values of a scheme -> words, and the fields of its labels."""

    def __init__(self, root: Path, header: Mapping[str, Any], scheme: Mapping[str, Any]) -> None:
        labels = scheme.get("labels")
        if isinstance(labels, str):  # a misc table, whose first level is the key
            key = next(iter((header["misc_tables"].get(labels) or {}).get("levels") or ["key"]))
            rows, _ = _read_table(root, labels)
            labels = {row.get(str(key), ""): row for row in rows}
        self._labels: dict[str, Any] = (
            {str(key): value for key, value in labels.items()} if isinstance(labels, dict) else {}
        )

    def word(self, value: str) -> str:
        """The word behind a key, or the value itself."""
        label = self._labels.get(value)
        return label if isinstance(label, str) else value

    def fields(self, value: str, names: Iterable[str]) -> str:
        """The first of the fields `names` of a label, or ""."""
        label = self._labels.get(value)
        if not isinstance(label, dict):
            return ""
        return next((str(label[name]) for name in names if label.get(name)), "")
