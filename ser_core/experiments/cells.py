"""The cells of an experiment: a model by a seed by a fold, and where each of them stands."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ser_core.corpora.table import COLUMNS
from ser_core.errors import RecipeError
from ser_core.experiments.folds import Fold
from ser_core.experiments.protocol import Experiment, Protocol
from ser_core.training.recipe import Recipe

PREDICTIONS = "predictions.parquet"
SETTINGS = "cell.json"
# What a result depends on. Not the path: a corpus may be moved.
_CONTENT = [name for name in COLUMNS if name not in ("path", "duration_s")]


@dataclass(frozen=True)
class Cell:
    """One run of one model.

    Attributes:
        root: folder of all models of this seed and fold; `SER_CHECKPOINTS` can name it.
        recipe: with the seed set.
        fold: which utterances.
        protocol: of the experiment.
    """

    root: Path
    recipe: Recipe
    fold: Fold
    protocol: Protocol

    @property
    def folder(self) -> Path:
        """The checkpoint, with settings and predictions."""
        return self.root / self.recipe.name

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.root.name}/{self.recipe.name}"

    @property
    def predictions(self) -> Path:
        """A row for each test utterance."""
        return self.folder / PREDICTIONS

    @property
    def done(self) -> bool:
        """Whether there are predictions."""
        return self.predictions.exists()

    def settings(self, contents: np.ndarray) -> dict[str, Any]:
        """All that the result depends on, as stored in `cell.json`; `contents` as below."""
        digest = hashlib.sha256()
        for part in (self.fold.train, self.fold.dev, *self.fold.tests.values()):
            digest.update(contents[part].tobytes() + b"\0")
        values = {
            "recipe": self.recipe.to_dict(),
            "protocol": self.protocol.to_dict(),
            "fold": self.fold.name,
            "utterances": digest.hexdigest(),
        }
        plain: dict[str, Any] = json.loads(json.dumps(values))
        return plain

    def check(self, settings: dict[str, Any]) -> None:
        """Refuse to mix with what an earlier experiment of the same name has left.

        Raises:
            RecipeError: the settings stored are not today's.
        """
        file = self.folder / SETTINGS
        if not file.exists():
            return
        try:
            stored = json.loads(file.read_text("utf-8"))
        except ValueError:
            stored = {}
        if changed := differences(stored, settings):
            raise RecipeError(
                f"{self.folder} was made with other settings ({', '.join(changed[:3])}): delete it "
                "to make it anew, or choose another folder with --out."
            )

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Remember what this cell is made with; before it is made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        (self.folder / SETTINGS).write_text(text, "utf-8")

    def write_predictions(self, table: pd.DataFrame) -> None:
        """Write predictions whole or not at all."""
        partial = self.predictions.with_suffix(".partial")
        table.to_parquet(partial, index=False)
        partial.replace(self.predictions)


def contents(table: pd.DataFrame) -> np.ndarray:
    """A number for what is known of each utterance, [N]."""
    numbers: np.ndarray = pd.util.hash_pandas_object(table[_CONTENT], index=False).to_numpy()
    return numbers


def differences(stored: Any, today: Any, name: str = "") -> list[str]:
    """What has changed, as `optimiser.lr 0.01 -> 0.02`."""
    if isinstance(stored, dict) and isinstance(today, dict):
        return [
            found
            for key in sorted({*stored, *today})
            for found in differences(stored.get(key), today.get(key), f"{name}.{key}".strip("."))
        ]
    if stored == today:
        return []
    if name == "utterances":
        return ["the corpus has changed"]
    return [f"{name.removeprefix('recipe.')} {stored} -> {today}"]


def list_cells(experiment: Experiment, folds: list[Fold], out: Path) -> list[Cell]:
    """Every cell: seed by seed and fold by fold, late fusion after its parents."""
    late_last = sorted(
        experiment.models.values(), key=lambda recipe: recipe.model.architecture == "late"
    )
    return [
        Cell(
            out / experiment.name / _folder_name(fold, seed),
            replace(recipe, seed=seed),
            fold,
            experiment.protocol,
        )
        for seed in experiment.protocol.seeds
        for fold in folds
        for recipe in late_last
    ]


def select(
    cells: list[Cell],
    models: list[str] | None = None,
    seeds: list[int] | None = None,
    folds: list[str] | None = None,
) -> list[Cell]:
    """Some of the cells; late fusion brings its parents along.

    Raises:
        RecipeError: an unknown name or seed.
    """
    recipes = {cell.recipe.name: cell.recipe for cell in cells}
    wanted = {
        "model": (models, lambda cell: cell.recipe.name),
        "seed": (seeds, lambda cell: cell.recipe.seed),
        "fold": (folds, lambda cell: cell.fold.name),
    }
    for kind, (names, of) in wanted.items():
        known = list(dict.fromkeys(map(of, cells)))
        if unknown := [name for name in names or () if name not in known]:
            listed = ", ".join(str(name) for name in known if name != "") or "none: there is one"
            raise RecipeError(f"Unknown {kind} '{unknown[0]}': choose from {listed}.")
    if models:
        parents = [parent for name in models for parent in recipes[name].model.parents]
        wanted["model"] = ([*models, *parents], wanted["model"][1])
    return [
        cell
        for cell in cells
        if all(not names or of(cell) in names for names, of in wanted.values())
    ]


def _folder_name(fold: Fold, seed: int) -> str:
    session = re.sub(r"\W+", "-", fold.name)
    return f"{session}_seed{seed}" if session else f"seed{seed}"
