"""Predictions of checkpoints on the sets of `ser evaluate`, with what is known of each example."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.evaluation.predict import Predictor, Scores
from ser_core.evaluation.predictions import Predictions, join, make_rows
from ser_core.evaluation.report import RATERS, load_evaluation_material
from ser_core.evaluation.test_sets import EvaluationSet, evaluation_sets
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.registry import choose
from ser_core.training.split_data import NO_TEXT, Material


def collect(
    predictor: Predictor, models: Iterable[Checkpoint], sets: Iterable[EvaluationSet]
) -> Predictions:
    """Every model on every set that has what it reads, as `report.evaluate` asks them.

    Human raters stand beside the models, by the name `RATERS`, where there were some.
    """
    chosen = list(models)
    return join(list(_each(predictor, chosen, sets)))


def predict_checkpoints(
    models: dict[str, Checkpoint], root: Path, split: str, names: Sequence[str] | None = None
) -> Predictions:
    """`collect` on the demonstration corpora below `root`; see `report.evaluate_checkpoints`.

    Raises:
        CheckpointError, CorpusError, EncoderError: see there.
    """
    chosen = choose(models, names)
    material = load_evaluation_material(chosen, root, split)
    return collect(Predictor(models, material), chosen, evaluation_sets(material, split))


def _each(
    predictor: Predictor, models: list[Checkpoint], sets: Iterable[EvaluationSet]
) -> Iterator[Predictions]:
    references = frozenset({RATERS, *(c.name for c in models if c.reference)})
    for test_set in sets:
        scores = {
            c.name: predictor.predict(c, test_set)
            for c in models
            if predictor.can_predict(c, test_set)
        }
        if scores and test_set.heard is not None:
            scores[RATERS] = Scores(test_set.heard, np.zeros((len(test_set.heard), 0)))
        yield Predictions(describe(predictor.material, test_set), scores, references)


def describe(material: Material, test_set: EvaluationSet) -> pd.DataFrame:
    """The rows of one set, see `predictions.COLUMNS`; texts of a pair are named in its id."""
    examples = test_set.examples
    texts = material.texts.iloc[np.maximum(examples.texts, 0)].reset_index(drop=True)
    read = examples.texts != NO_TEXT
    words = texts["transcript"].where(read, "")
    rows = texts
    if test_set.has_voice:
        rows = material.clips.iloc[examples.clips].reset_index(drop=True)
    clips = rows["corpus"] + "/" + rows["id"]
    paired = read & (texts["corpus"] != "own").to_numpy() & test_set.has_voice
    labelled = examples.categories.sum(axis=1) > 0
    named = np.array(CATEGORIES)[examples.categories.argmax(axis=1)]
    return make_rows(
        pd.DataFrame(
            {
                "id": clips.where(~paired, clips + " + " + texts["corpus"] + "/" + texts["id"]),
                "set": test_set.name,
                "clip": clips,
                "corpus": rows["corpus"],
                "speaker": rows["speaker"],
                "sex": rows["sex"],
                "language": rows["language"],
                "words": words,
                "category": np.where(labelled, named, ""),
                **{name: examples.dimensions[:, k] for k, name in enumerate(DIMENSIONS)},
                **_of_voice_and_words(rows, texts, paired),
            }
        )
    )


def _of_voice_and_words(
    clips: pd.DataFrame, texts: pd.DataFrame, paired: np.ndarray
) -> dict[str, object]:
    """What voice and words say by themselves, where both are labelled; "" elsewhere."""
    return {
        "voice": clips["category"].where(paired, ""),
        "text": texts["category"].where(paired, ""),
    }
