"""Cells of made-up predictions, as if they had been trained."""

from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.experiments.cells import Cell
from ser_core.experiments.folds import Fold
from ser_core.experiments.protocol import Protocol
from ser_core.experiments.scoring import PREDICTED, PROBABILITIES
from ser_core.experiments.transcripts import DOUBT
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.config import ModelConfig
from ser_core.training.recipe import Recipe


def predictions(skill: float, seed: int, size: int = 120, fold: str = "") -> pd.DataFrame:
    """Utterances of twelve speakers (every tenth unknown); `skill` from 0 to 1."""
    fixed, own = np.random.default_rng(0), np.random.default_rng([seed, int(100 * skill)])
    truth, ratings = fixed.integers(0, 4, size), fixed.random((size, 3))
    right = own.random(size) < skill
    decision = np.where(right, truth, own.integers(0, 4, size))
    table = pd.DataFrame(
        {
            "id": [f"{fold}{k:03d}" for k in range(size)],
            "corpus": "c",
            "speaker": [f"s{k % 12}" if k % 10 else "" for k in range(size)],
            "category": np.array(CATEGORIES)[truth],
            "has_transcript": True,
            DOUBT: "",
            "test_set": "c test",
            "fold": fold,
        }
    )
    table[list(PROBABILITIES)] = np.eye(4)[decision] * 0.6 + 0.1
    table[list(DIMENSIONS)] = ratings
    noise = own.random((size, 3))
    table[list(PREDICTED)] = skill * ratings + (1 - skill) * noise
    return table.sample(frac=1, random_state=seed)  # the order of rows must not matter


def cell(root: Path, model: str, seed: int, table: pd.DataFrame | None, fold: str = "") -> Cell:
    """A cell that is done where there is a table."""
    recipe = Recipe(model, model.title(), ModelConfig("text"), seed=seed)
    made = Cell(
        root / f"{fold}seed{seed}", recipe, Fold(fold, *[np.zeros(0, int)] * 2, {}), Protocol("c")
    )
    made.folder.mkdir(parents=True)
    if table is not None:
        made.write_predictions(table)
    return made
