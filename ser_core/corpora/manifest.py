"""Any CSV, TSV or Parquet table with one row per clip (or per text), by a mapping of its columns.

    file,speaker,emotion,valence        layout = Layout(
    a.wav,1,Freude,3.5                      columns={"path": "file", "category": "emotion"},
                                            labels={"Freude": "happy"},
                                            scales={"valence": Scale(1, 5)})

Columns that are not mapped are found by their usual names (`SYNONYMS`). Paths are absolute or
relative to the folder of the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ser_core.corpora.files import damage, first_file, read_rows
from ser_core.corpora.table import COLUMNS, Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of, language_of, sex_of, split_of
from ser_core.errors import CorpusError
from ser_core.labels import CATEGORIES, DIMENSIONS, Scale

LOOKS_FOR = "manifest.csv, manifest.tsv or manifest.parquet"
SUFFIXES = (".csv", ".tsv", ".parquet")
SYNONYMS = {
    "id": ("id", "utterance_id"),
    "path": ("path", "file", "filename", "file_name", "audio", "wav"),
    "speaker": ("speaker", "speaker_id"),
    "sex": ("sex", "gender"),
    "language": ("language", "lang"),
    "session": ("session", "sentence_id", "dialogue"),
    "split": ("split", "partition", "set"),
    "transcript": ("transcript", "transcription", "text", "sentence"),
    "emotion": ("emotion", "label"),
    "category": ("category", "emotion4"),
    **{name: (name,) for name in DIMENSIONS},
    "duration_s": ("duration_s", "duration"),
}


@dataclass(frozen=True)
class Layout:
    """How a table names things.

    Attributes:
        columns: column of `COLUMNS` -> column of the table.
        labels: label of the table -> one of the four categories, or "" for none of them. Without
            a mapping, English words are understood (`ser_core.corpora.terms.category_of`).
        scales: dimension -> its scale; needed where values are not within [0, 1].
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check names.

        Raises:
            CorpusError: an unknown column or category, or a scale of something else.
        """
        for given, allowed, what in (
            (self.columns, tuple(SYNONYMS), "columns"),
            (self.labels.values(), (*CATEGORIES, ""), "categories"),
            (self.scales, DIMENSIONS, "dimensions"),
        ):
            if unknown := [name for name in given if name not in allowed]:
                raise CorpusError(
                    f"{', '.join(unknown)}: not among the {what} {', '.join(filter(None, allowed))}."
                )

    @classmethod
    def from_options(
        cls,
        columns: Sequence[str] = (),
        labels: Sequence[str] = (),
        scales: Sequence[str] = (),
    ) -> "Layout":
        """From words such as `path=file`, `Freude=happy` and `valence=1:5`.

        Raises:
            CorpusError: a word has another form.
        """
        parsed = {}
        try:
            for name, scale in (word.split("=", 1) for word in scales):
                low, high = scale.split(":")
                parsed[name] = Scale(float(low), float(high))
            return cls(
                dict((word.split("=", 1)) for word in columns),
                dict((word.split("=", 1)) for word in labels),
                parsed,
            )
        except ValueError as error:
            raise CorpusError(
                "Write a column as path=file, a label as Freude=happy, a scale as valence=1:5."
            ) from error


def find_manifest(source: Path) -> Path | None:
    """`source` itself if it is a table, or the manifest in that folder."""
    if source.is_file():
        return source if source.suffix.lower() in SUFFIXES else None
    return first_file(source / f"manifest{suffix}" for suffix in SUFFIXES)


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
    if file.suffix.lower() == ".parquet":
        rows, problems = read_parquet(file), []
    else:
        rows, problems = read_rows(file, "\t" if file.suffix.lower() == ".tsv" else ",")
    layout = layout or Layout()
    columns = _columns(file, rows[0] if rows else {}, layout)
    named = [{ours: row[theirs] for ours, theirs in columns.items()} for row in rows]
    if not name:
        name = file.absolute().parent.name if file.stem == "manifest" else file.stem
    return build(name, named, file.absolute().parent, layout, problems)


def read_parquet(file: Path) -> list[dict[str, str]]:
    """Rows of a Parquet file as text, "" where there is no value.

    Raises:
        CorpusError: the file is damaged.
    """
    try:
        frame = pd.read_parquet(file)
    except (OSError, ValueError) as error:  # what pyarrow raises is one of these
        raise CorpusError(f"{file} is damaged or is no Parquet file: {error}.") from error
    if frame.index.names != [None]:
        frame = frame.reset_index()
    # convert_dtypes keeps whole numbers whole where some are missing: speaker 3, not 3.0.
    frame = frame.convert_dtypes().astype(object)
    text: Any = frame.where(frame.notna(), "").map(str)
    return text.to_dict("records")  # type: ignore[no-any-return]


def _columns(file: Path, first: Mapping[str, str], layout: Layout) -> dict[str, str]:
    """Our column -> the table's."""
    if not first:
        raise CorpusError(f"{file} has no rows: it may be damaged.")
    if absent := [column for column in layout.columns.values() if column not in first]:
        raise CorpusError(
            f"{file} has no column {', '.join(absent)}: it has {', '.join(map(str, first))}."
        )
    by_lower_case = {str(column).lower(): column for column in first}
    found = {
        ours: by_lower_case[synonym]
        for ours, synonyms in SYNONYMS.items()
        for synonym in reversed(synonyms)
        if synonym in by_lower_case
    }
    columns = {**found, **layout.columns}
    if "path" not in columns and "transcript" not in columns:
        raise CorpusError(
            f"{file} has no column of files or texts: map one, such as path=NAME; it has "
            f"{', '.join(map(str, first))}."
        )
    return columns


def build(
    name: str,
    rows: Sequence[Mapping[str, str]],
    folder: Path,
    layout: Layout,
    skipped: Sequence[Skipped] = (),
    notes: Sequence[str] = (),
) -> Corpus:
    """Rows with our column names, values as written -> a corpus.

    Raises:
        CorpusError: a dimension has values outside [0, 1] and no scale.
    """
    skipped = list(skipped)
    kept: list[dict[str, object]] = []
    for number, row in enumerate(rows, 1):
        file = row.get("path", "").replace("\\", "/")
        path = folder / file if file else None
        item = row.get("id") or file.rsplit(".", 1)[0] or f"row_{number}"
        problem = damage(path) if path else "" if row.get("transcript") else "no file and no text"
        if problem:
            skipped.append(Skipped(file or item, problem))
        else:
            kept.append(_row(name, row, item, path, layout.labels))
    for dimension in DIMENSIONS:
        values = pd.to_numeric(pd.Series([row.get(dimension, "") for row in rows]), errors="coerce")
        if dimension not in layout.scales and not values.dropna().between(0, 1).all():
            raise CorpusError(
                f"{dimension} runs from {values.min():g} to {values.max():g}: give its scale, such "
                f"as {dimension}=1:5."
            )
    return assemble(name, kept, skipped=skipped, notes=notes, scales=layout.scales)


def _row(
    name: str, row: Mapping[str, str], item: str, path: Path | None, labels: Mapping[str, str]
) -> dict[str, object]:
    emotion = row.get("emotion", "") or row.get("category", "")
    label = row.get("category", "") or emotion
    speaker = row.get("speaker", "")
    own = speaker.startswith(f"{name}_") or not speaker
    return {
        **{column: value for column, value in row.items() if column in COLUMNS},
        "id": item,
        "path": path or "",
        "speaker": speaker if own else f"{name}_{speaker}",
        "sex": sex_of(row.get("sex", "")),
        "language": language_of(row.get("language", "")),
        "split": split_of(row.get("split", "")),
        "emotion": emotion,
        "category": labels.get(label, "" if labels else category_of(label)),
    }
