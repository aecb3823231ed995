"""What models say of the clips of a corpus' table, gathered to a set of predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer, Prediction


@dataclass(frozen=True)
class Answer:
    """What the models say of a clip.

    Attributes:
        number: of its row in the corpus' table. digest: of its sound.
        transcript: its words. used_words: whether they took part.
    """

    number: int
    digest: str
    transcript: Transcript
    used_words: bool
    predictions: "dict[str, Prediction]"

    @classmethod
    def of(cls, number: int, found: "Analysis") -> "Answer":
        """Without the sound, which many clips would fill the memory with."""
        return cls(number, found.clip.digest, found.transcript, found.used_words, found.predictions)


def as_set(
    name: str,
    table: pd.DataFrame,
    answers: Sequence[Answer],
    analyzer: "Analyzer",
    models: Sequence[str],
) -> Predictions:
    """A set of a corpus' table, its rows in the order of the answers.

    Args:
        models: names of those that were asked; one that never answers is left out.
    """
    rows = table.iloc[[answer.number for answer in answers]].reset_index(drop=True)
    rows = rows.drop(columns=["transcript"]).assign(
        set=name,
        clip=rows["id"],
        words=[answer.transcript.text if answer.used_words else "" for answer in answers],
    )
    said = [answer.predictions for answer in answers]
    scores = {model: as_scores(model, said) for model in models}
    asked = {n: s for n, s in scores.items() if s.probabilities.shape[1] or s.dimensions.shape[1]}
    references = frozenset(model for model in models if analyzer.models[model].reference)
    return Predictions(make_rows(rows), asked, references)


def as_scores(model: str, said: "Sequence[dict[str, Prediction]]") -> Scores:
    """Of all clips; NaN where this model has no answer, a head that never answers left out."""
    heads = []
    for outputs, kind in ((CATEGORIES, "probabilities"), (DIMENSIONS, "dimensions")):
        values = np.full((len(said), len(outputs)), np.nan)
        for number, predictions in enumerate(said):
            if model in predictions and (found := getattr(predictions[model], kind)):
                values[number] = [found.get(name, np.nan) for name in outputs]
        heads.append(values if np.isfinite(values).any() else np.zeros((len(said), 0)))
    return Scores(*heads)
