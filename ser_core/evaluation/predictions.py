"""Predictions beside their labels, one row an example: what evaluation looks into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ser_core.corpora.pairing import Pairs, one_hot
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS

# Column -> what it holds. Further columns are kept, and may be sliced by.
COLUMNS = {
    "id": "of the example: its clip, and its text where that is another's",
    "set": "the test set that it belongs to",
    "clip": "of the clip (of the text, where there is none): what a bootstrap draws",
    "corpus": "of the clip, or of the text",
    "speaker": "or ''",
    "sex": "female, male or ''",
    "language": "of the voice, or of a text without voice: ISO 639-1 code or ''",
    "words": "that the models read, or ''",
    "category": "the label (the most probable one, where it is soft), or ''",
    **dict.fromkeys(DIMENSIONS, "the label in [0, 1], or NaN"),
}
OUTPUTS = (*CATEGORIES, *DIMENSIONS)


@dataclass(frozen=True)
class Predictions:
    """Labelled examples, and what every model says of each.

    Attributes:
        rows: columns as in `COLUMNS` and others, one row an example, [N]; its index is 0 to N - 1.
        scores: of each model, probabilities [N, 4] or [N, 0] and dimensions [N, 3] or [N, 0]; NaN
            where a model was not asked.
        references: models that stand beside the others and are not compared with them in pairs.
        notes: sentences on what was lost on the way in.
    """

    rows: pd.DataFrame
    scores: Mapping[str, Scores]
    references: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sets(self) -> list[str]:
        """Names of the sets, in their order."""
        return list(self.rows["set"].unique())

    @cached_property
    def examples(self) -> Pairs:
        """The labels as `measures` takes them; rows of one clip share its number."""
        clips = pd.factorize(self.rows["clip"])[0]
        texts = pd.factorize(self.rows["id"])[0]
        ratings = self.rows[list(DIMENSIONS)].to_numpy(np.float64)
        return Pairs(clips, texts, one_hot(self.rows["category"]), ratings)

    def take(self, chosen: np.ndarray) -> "Predictions":
        """Some of the rows, by number [M] or as a mask [N]."""
        return replace(
            self,
            rows=self.rows.iloc[np.arange(len(self))[chosen]].reset_index(drop=True),
            scores={
                name: Scores(of.probabilities[chosen], of.dimensions[chosen])
                for name, of in self.scores.items()
            },
        )

    def of_set(self, name: str) -> "Predictions":
        """The rows of one set, with the models that were asked there."""
        part = self.take((self.rows["set"] == name).to_numpy())
        return replace(part, scores={n: _heads(s) for n, s in part.scores.items() if _asked(s)})

    def complete(self) -> "Predictions":
        """Without the rows that a model gave no answer to; a note says how many they were."""
        known = np.ones(len(self), bool)
        for of in self.scores.values():
            known &= np.isfinite(of.probabilities).all(axis=1)
            known &= np.isfinite(of.dimensions).all(axis=1)
        lost = int((~known).sum())
        if not lost:
            return self
        rows = "1 row lacks" if lost == 1 else f"{lost} rows lack"
        note = f"{rows} the prediction of a model and are left out."
        return replace(self.take(known), notes=(*self.notes, note))

    def decisions(self, model: str) -> np.ndarray:
        """Number of the category that a model gives most to, int [N]."""
        result: np.ndarray = self.scores[model].probabilities.argmax(axis=1)
        return result

    def with_categories(self) -> list[str]:
        """Models that give probabilities of the categories."""
        return [name for name, of in self.scores.items() if of.probabilities.shape[1]]

    def with_dimensions(self) -> list[str]:
        """Models that give the dimensions."""
        return [name for name, of in self.scores.items() if of.dimensions.shape[1]]


def join(parts: Sequence[Predictions]) -> Predictions:
    """Sets one below the other; NaN where a model was not asked."""
    models = list(dict.fromkeys(name for part in parts for name in part.scores))
    return Predictions(
        pd.concat([part.rows for part in parts], ignore_index=True),
        {
            name: Scores.join([_whole(part.scores.get(name), len(part)) for part in parts])
            for name in models
        },
        frozenset[str]().union(*(part.references for part in parts)),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _whole(of: Scores | None, size: int) -> Scores:
    """Scores with both heads, NaN where there is none."""
    nothing = [np.full((size, len(names)), np.nan) for names in (CATEGORIES, DIMENSIONS)]
    if of is None:
        return Scores(*nothing)
    heads = (of.probabilities, of.dimensions)
    return Scores(
        *(head if head.shape[1] else none for head, none in zip(heads, nothing, strict=True))
    )


def _heads(of: Scores) -> Scores:
    """Scores without a head that has no number at all."""
    heads = (of.probabilities, of.dimensions)
    return Scores(*(h if np.isfinite(h).any() else np.zeros((len(h), 0)) for h in heads))


def _asked(of: Scores) -> bool:
    return bool(np.isfinite(of.probabilities).any() or np.isfinite(of.dimensions).any())


def make_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with all of `COLUMNS`, first and in their types, then whatever else they have."""
    table = rows.reset_index(drop=True)
    for column in COLUMNS:
        if column in DIMENSIONS:
            given = table.get(column, np.nan)
            table[column] = pd.Series(given, index=table.index, dtype="float64")
        else:
            text = table[column] if column in table else pd.Series("", index=table.index)
            table[column] = text.fillna("").astype(str)
    return table[[*COLUMNS, *table.columns.difference(list(COLUMNS), sort=False)]]
