"""Rows whose columns have our names, and whose values are as somebody wrote them -> a corpus."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.corpora.files import damage
from ser_core.corpora.layout import Layout
from ser_core.corpora.span import length_of, span_of
from ser_core.corpora.table import COLUMNS, NUMBERS, Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of, language_of, sex_of, split_of
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS

NEITHER = "no file and no text"
NAMES = ("speaker", "language", "session", "split")  # where any word would be one more of them
NO_VALUE = frozenset({"nan", "na", "n/a", "<na>", "none", "null"})  # as pandas, R and SQL write it
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


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
        numbers = pd.to_numeric(given, errors="coerce").astype(float)
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
        problem = damage(path) if path else "" if row.get("transcript") else NEITHER
        try:
            span = span_of(row) if path else ""
        except ValueError as error:
            span, problem = "", problem or str(error)
        if problem:
            item = file or row.get("id") or f"row_{number}"
            left_out.append(Skipped(item, problem))
            unusable.append({**_row(name, row, layout.labels), "id": item, "path": ""})
        else:
            item = row.get("id") or (file and str(Path(file).with_suffix(""))) or f"row_{number}"
            item += f"#{span}" if span and not row.get("id") else ""
            own = {**_row(name, row, layout.labels), "id": item, "path": path or "", "span": span}
            kept.append({**own, "duration_s": length_of(span)} if span else own)
    return assemble(
        name,
        kept,
        skipped=left_out,
        missing=missing,
        notes=notes,
        scales=layout.scales,
        unusable=unusable,
    )


def _with_points(row: Mapping[str, str]) -> dict[str, str]:
    """A row whose numbers have decimal points: with semicolons come decimal commas."""
    commas = {
        name: row[name].replace(",", ".")
        for name in (*NUMBERS, "start", "end")
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
