"""Predictions of models that are made up, so that what is found in them is known."""

import numpy as np
import pandas as pd

from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.labels import CATEGORIES, DIMENSIONS

MODELS = ("fair", "biased")


def made_up(size: int = 600, speakers: int = 20, seed: int = 0) -> Predictions:
    """Two models that are right in about 80 %: `biased` is so for men, and in 35 % for women."""
    generator = np.random.default_rng(seed)
    speaker = np.arange(size) % speakers
    sex = np.where(speaker % 2, "female", "male")
    truth = generator.integers(0, 4, size)
    ratings = generator.random((size, 3))
    rows = make_rows(
        pd.DataFrame(
            {
                "id": [f"clip-{k}" for k in range(size)],
                "set": "made up",
                "clip": [f"clip-{k}" for k in range(size)],
                "corpus": "invented",
                "speaker": [f"s{k:02d}" for k in speaker],
                "sex": sex,
                "category": np.array(CATEGORIES)[truth],
                **{name: ratings[:, k] for k, name in enumerate(DIMENSIONS)},
                "age": 20 + speaker,
                "race": np.where(speaker % 3, "a", "b"),
            }
        )
    )
    scores = {}
    for name in MODELS:
        right = np.where((name == "biased") & (sex == "female"), 0.35, 0.8)
        wrong = (truth + generator.integers(1, 4, size)) % 4
        decision = np.where(generator.random(size) < right, truth, wrong)
        noise = generator.dirichlet(np.ones(4), size)
        probabilities = 0.6 * np.eye(4)[decision] + 0.4 * noise
        shift = np.where((name == "biased") & (sex == "female"), 0.3, 0.0)[:, None]
        dimensions = np.clip(0.8 * ratings + 0.2 * generator.random((size, 3)) + shift, 0, 1)
        scores[name] = Scores(probabilities, dimensions)
    return Predictions(rows, scores)
