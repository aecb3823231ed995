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
from ser_core.experiments.protocol import OWN_TRANSCRIPTS, Experiment, Protocol
from ser_core.models.checkpoint import CONFIG
from ser_core.speech import DEFAULT_RECOGNISER
from ser_core.training.recipe import Recipe, from_values, section

PREDICTIONS = "predictions.parquet"
SETTINGS = "cell.json"
_SEED = re.compile(r"(?:.*_)?seed(\d+)")
# What a result depends on, beside the words. Not the path: a corpus may be moved.
_CONTENT = [name for name in COLUMNS if name not in ("path", "duration_s", "transcript")]


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
    def parents(self) -> tuple["Cell", ...]:
        """Of late fusion, the cells that it fuses."""
        names = self.recipe.model.parents
        return tuple(replace(self, recipe=replace(self.recipe, name=name)) for name in names)

    @property
    def done(self) -> bool:
        """Whether there are predictions; of late fusion, none older than those that it fuses."""
        if not self.predictions.exists():
            return False
        fused = [cell.predictions for cell in self.parents if cell.predictions.exists()]
        made = self.predictions.stat().st_mtime_ns
        return all(file.stat().st_mtime_ns <= made for file in fused)

    def settings(self, contents: np.ndarray | None) -> dict[str, Any]:
        """All that the result depends on, as stored in `cell.json`.

        Args:
            contents: of each utterance as `contents` gives them; None leaves them out.
        """
        values = {**_settings(self.recipe, self.protocol), "fold": self.fold.name}
        if contents is not None:
            digest = hashlib.sha256()
            for part in (self.fold.train, self.fold.dev, *self.fold.tests.values()):
                digest.update(contents[part].tobytes() + b"\0")
            values["utterances"] = digest.hexdigest()
        plain: dict[str, Any] = json.loads(json.dumps(values))
        return plain

    def changes(self, settings: dict[str, Any]) -> list[str]:
        """How `settings` differ from those that it was made with; [] where nothing is made yet."""
        file = self.folder / SETTINGS
        made = (self.predictions, self.folder / CONFIG, self.folder / "training" / "last.ckpt")
        if not file.exists() or not any(path.exists() for path in made):
            return []
        try:
            stored = json.loads(file.read_text("utf-8"))
            # Settings that are younger than the file have their defaults.
            recipe = from_values(stored["recipe"], self.recipe.name)
            protocol = section(Protocol, stored["protocol"], "protocol")
            stored |= json.loads(json.dumps(_settings(recipe, protocol)))
        except (ValueError, KeyError, TypeError, RecipeError):
            return [f"{SETTINGS} is of another version"]
        return differences({name: stored.get(name) for name in settings}, settings)

    def check(self, settings: dict[str, Any]) -> None:
        """Refuse to mix with what an earlier experiment of the same name has left.

        Raises:
            RecipeError: it was made with other settings.
        """
        if changed := self.changes(settings):
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


def _settings(recipe: Recipe, protocol: Protocol) -> dict[str, Any]:
    """Recipe and protocol with what no result depends on set alike.

    That are names and places in the table, and how many clips are scored together; and where the
    words come from, as they are themselves among the contents of the utterances.
    """
    data = replace(recipe.data, whole_batch=1)
    recipe = replace(recipe, title=recipe.name, order=0, reference=False, data=data)
    protocol = replace(protocol, transcripts=OWN_TRANSCRIPTS, recogniser=DEFAULT_RECOGNISER)
    return {"recipe": recipe.to_dict(), "protocol": protocol.to_dict()}


def contents(table: pd.DataFrame, words: bool) -> np.ndarray:
    """A number for what is known of each utterance, [N]; of its words only with `words`."""
    columns = table[[*_CONTENT, "transcript"] if words else _CONTENT]
    numbers: np.ndarray = pd.util.hash_pandas_object(columns, index=False).to_numpy()
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


def seeds_done(folder: Path) -> list[int]:
    """Seeds of which there are predictions in the folder of an experiment."""
    done = {file.parent.parent.name for file in folder.glob(f"*/*/{PREDICTIONS}")}
    return sorted({int(found[1]) for name in done if (found := _SEED.fullmatch(name))})


def select(
    cells: list[Cell],
    models: list[str] | None = None,
    seeds: list[int] | None = None,
    folds: list[str] | None = None,
) -> list[Cell]:
    """Some of the cells; late fusion brings its parents along, a model what it starts from.

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
        needed = list(models)
        for name in needed:  # grows: what a model needs may need another
            needed += [n for n in recipes[name].needs if n in recipes and n not in needed]
        wanted["model"] = (needed, wanted["model"][1])
    return [
        cell
        for cell in cells
        if all(not names or of(cell) in names for names, of in wanted.values())
    ]


def _folder_name(fold: Fold, seed: int) -> str:
    session = re.sub(r"\W+", "-", fold.name)
    return f"{session}_seed{seed}" if session else f"seed{seed}"
