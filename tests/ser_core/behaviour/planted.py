"""Predictions of models that are made up: one that treats all alike, one that wrongs women."""

import numpy as np
import pandas as pd

from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.labels import CATEGORIES, CATEGORY_NORMS, DIMENSIONS, category_dimensions

FAIR, BIASED = "fair", "biased"


def planted(size: int = 800, speakers: int = 16, seed: int = 0) -> Predictions:
    """Two models that are right in 85 %. `biased` hears women's anger as sad, and lowers valence.

    Labels and answers depend on nothing else, so that a group differs by chance only.
    """
    generator = np.random.default_rng(seed)
    speaker = np.arange(size) % speakers
    female = speaker % 2 == 1
    truth = generator.integers(0, 4, size)
    ratings = np.stack([category_dimensions(CATEGORIES[k]) for k in truth])
    ratings = np.clip(ratings + generator.normal(0, 0.05, (size, 3)), 0, 1)
    rows = make_rows(
        pd.DataFrame(
            {
                "id": [f"clip-{k}" for k in range(size)],
                "set": "planted",
                "clip": [f"clip-{k}" for k in range(size)],
                "corpus": "invented",
                "speaker": [f"s{k:02d}" for k in speaker],
                "sex": np.where(female, "female", "male"),
                "language": np.array(["de", "en", "pl", "en"])[speaker % 4],
                "category": np.array(CATEGORIES)[truth],
                **dict(zip(DIMENSIONS, ratings.T, strict=True)),
                "race": np.where(speaker % 3, "a", "b"),
            }
        )
    )
    scores = {}
    for name in (FAIR, BIASED):
        wronged = female & (name == BIASED)
        right = generator.random(size) < 0.85
        decision = np.where(right, truth, (truth + generator.integers(1, 4, size)) % 4)
        angry, sad = CATEGORIES.index("angry"), CATEGORIES.index("sad")
        decision = np.where(wronged & (decision == angry), sad, decision)
        said = ratings + generator.normal(0, 0.04, (size, 3))
        said[wronged, DIMENSIONS.index("valence")] -= 0.3
        scores[name] = Scores(0.7 * np.eye(4)[decision] + 0.075, np.clip(said, 0, 1))
    assert set(CATEGORIES) <= set(CATEGORY_NORMS)
    return Predictions(rows, scores)
