"""The one table that every corpus reader gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS, Scale

# Column -> what it holds. Text columns use "" where unknown, numbers use NaN.
COLUMNS = {
    "id": "utterance id, unique within the corpus",
    "corpus": "short name of the corpus",
    "path": "audio file, absolute; '' for a text without audio",
    "span": "part of that file, such as 1.5-3.25 in seconds, see `span`; '' for the whole",
    "speaker": "speaker id, unique over all corpora",
    "sex": "female, male or ''",
    "language": "ISO 639-1 code or ''",
    "session": "recording session, dialogue or sentence group that must not be split, or ''",
    "split": "train, dev, test (or the corpus' own further names, such as test2), or ''",
    "transcript": "the words, or ''",
    "emotion": "the corpus' own label, unchanged",
    "category": "one of the four categories, or '' where the clip has none of them",
    "arousal": "[0, 1], or NaN",
    "valence": "[0, 1], or NaN",
    "dominance": "[0, 1], or NaN",
    "duration_s": "seconds, or NaN where the reader did not open the file",
}
NUMBERS = ("arousal", "valence", "dominance", "duration_s")


@dataclass(frozen=True)
class Skipped:
    """An item that a reader left out (or kept with a gap), and why.

    The reason is the same sentence for all items of a kind, so that they can be counted; what is
    particular to the item is in its name.
    """

    item: str
    reason: str


@dataclass(frozen=True)
class Corpus:
    """A corpus.

    Attributes:
        name: short name.
        table: columns as in `COLUMNS`.
        skipped: items that are not in the table, and why.
        missing: items that are in the table, but lack something (a transcript, a rating).
        notes: sentences about the corpus as a whole.
        unusable: what is known of items without a usable recording, columns as in `COLUMNS`; each
            is among `skipped` too, by the same id.
    """

    name: str
    table: pd.DataFrame
    skipped: tuple[Skipped, ...] = field(default=())
    missing: tuple[Skipped, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    unusable: pd.DataFrame = field(default_factory=lambda: make_table([]))

    def split(self, name: str) -> pd.DataFrame:
        """Rows of one split, index reset."""
        return self.table[self.table["split"] == name].reset_index(drop=True)


def make_table(rows: Sequence[dict[str, object]] | pd.DataFrame) -> pd.DataFrame:
    """Rows -> a table with exactly the columns of `COLUMNS`, in their order and types."""
    table = pd.DataFrame(rows)
    for column in COLUMNS:
        if column not in table:
            table[column] = float("nan") if column in NUMBERS else ""
    table = table[list(COLUMNS)].copy()
    for column in COLUMNS:
        if column in NUMBERS:
            table[column] = pd.to_numeric(table[column], errors="coerce").astype("float64")
        else:
            table[column] = table[column].fillna("").astype(str)
    return table.reset_index(drop=True)


def assemble(
    name: str,
    rows: Sequence[Mapping[str, object]],
    *,
    skipped: Sequence[Skipped] = (),
    missing: Sequence[Skipped] = (),
    notes: Sequence[str] = (),
    scales: Scale | Mapping[str, Scale] | None = None,
    unusable: Sequence[Mapping[str, object]] = (),
) -> Corpus:
    """Rows of a reader -> its corpus.

    An id that occurs again is left out. Dimensions in `rows` are on the corpus' own scale; a rating
    that is no number of that scale becomes NaN. Both are reported.

    Args:
        rows: some of the keys of `COLUMNS`; `corpus` is filled in here.
        scales: the corpus' scale, for all dimensions or for each; without one, [0, 1].
        unusable: rows of the same kind, see `Corpus.unusable`.
    """
    lost = assemble(name, unusable, scales=scales).table if unusable else make_table([])
    table = make_table([{**row, "corpus": name} for row in rows])
    again = table["id"].duplicated()
    skipped = [
        *skipped,
        *(Skipped(item, "the same id occurs before") for item in table.loc[again, "id"]),
    ]
    missing = list(missing)
    for dimension in DIMENSIONS:
        given = pd.Series([row.get(dimension, "") for row in rows], dtype=object)
        scale = scales.get(dimension) if isinstance(scales, Mapping) else scales
        scale = scale or Scale(0, 1)
        native = table[dimension].where(table[dimension].between(scale.low, scale.high))
        table[dimension] = scale.to_unit(native)
        wrong = native.isna() & given.notna() & (given.astype(str) != "") & ~again
        missing += [
            Skipped(item, f"{dimension} is no number from {scale.low:g} to {scale.high:g}")
            for item in table.loc[wrong, "id"]
        ]
    table = table[~again].reset_index(drop=True)
    return Corpus(name, table, tuple(skipped), tuple(missing), tuple(notes), lost)


def join(corpora: Sequence[Corpus]) -> pd.DataFrame:
    """The tables of several corpora, one below the other."""
    return pd.concat([corpus.table for corpus in corpora], ignore_index=True)


def require(path: Path, what: str) -> Path:
    """The path, or a CorpusError that names what is missing."""
    if not path.exists():
        raise CorpusError(f"{what} not found at {path}: check the folder given as the corpus.")
    return path
