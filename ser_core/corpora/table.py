"""The one table that every corpus reader gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ser_core.errors import CorpusError

# Column -> what it holds. Text columns use "" where unknown, numbers use NaN.
COLUMNS = {
    "id": "utterance id, unique within the corpus",
    "corpus": "short name of the corpus",
    "path": "audio file, absolute; '' for a text without audio",
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
    """An item that a reader left out, and why."""

    item: str
    reason: str


@dataclass(frozen=True)
class Corpus:
    """A corpus: its name, its table (columns as in `COLUMNS`), and what was left out."""

    name: str
    table: pd.DataFrame
    skipped: tuple[Skipped, ...] = field(default=())

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


def join(corpora: Sequence[Corpus]) -> pd.DataFrame:
    """The tables of several corpora, one below the other."""
    return pd.concat([corpus.table for corpus in corpora], ignore_index=True)


def require(path: Path, what: str) -> Path:
    """The path, or a CorpusError that names what is missing."""
    if not path.exists():
        raise CorpusError(f"{what} not found at {path}: check the folder given as the corpus.")
    return path
