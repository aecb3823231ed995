"""The cells of an experiment: a model by a seed by a fold, and where each of them stands."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ser_core.errors import RecipeError
from ser_core.experiments.folds import Fold
from ser_core.experiments.protocol import OWN_TRANSCRIPTS, Experiment, Protocol
from ser_core.experiments.provenance import differences
from ser_core.inputs.speech import DEFAULT_RECOGNISER
from ser_core.models.checkpoint import CONFIG
from ser_core.support.atomic import whole, write_whole
from ser_core.training.recipe import Recipe, from_values, section

PREDICTIONS = "predictions.parquet"
SETTINGS = "cell.json"
_LAST_EPOCH = Path("training", "last.ckpt")
_SEED = re.compile(r"(?:.*_)?seed(\d+)")


@dataclass(frozen=True)
class Cell:
    """One run of one model.

    Attributes:
        root: folder of all models of this seed and fold; `SER_CHECKPOINTS` can name it.
        recipe: with the seed set.
        fold: which utterances.
        protocol: of the experiment.
        made_from: the cells that it fuses, text and audio, or starts from.
    """

    root: Path
    recipe: Recipe
    fold: Fold
    protocol: Protocol
    made_from: tuple["Cell", ...] = ()

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
    def is_late(self) -> bool:
        """Whether it is made of predictions in a moment, and not trained."""
        return self.recipe.model.architecture == "late"

    @property
    def done(self) -> bool:
        """Whether there are predictions; of late fusion, none older than those that it fuses."""
        if not self.predictions.exists():
            return False
        fused = [c.predictions for c in self.made_from if self.is_late and c.predictions.exists()]
        made = self.predictions.stat().st_mtime_ns
        return all(file.stat().st_mtime_ns <= made for file in fused)

    @property
    def begun(self) -> bool:
        """Whether there is anything that was made."""
        made = (PREDICTIONS, CONFIG, _LAST_EPOCH)
        return any((self.folder / name).exists() for name in made)

    def settings(
        self, utterances: np.ndarray | None = None, words: np.ndarray | None = None
    ) -> dict[str, Any]:
        """All that the result depends on, as stored in `cell.json`.

        Args:
            utterances: a number for what is known of each, see `contents`; [N].
            words: a number for the words of each, which count for a model that reads them; [N].
                What is None is left out, as it is not known.
        """
        values: dict[str, Any] = {**_settings(self), "fold": self.fold.name}
        if utterances is not None:
            values["utterances"] = self._digest(utterances)
        if words is not None and self.recipe.model.uses_text:
            values["words"] = self._digest(words)
        return values

    def _digest(self, contents: np.ndarray) -> str:
        digest = hashlib.sha256()
        for part in (self.fold.train, self.fold.dev, *self.fold.tests.values()):
            digest.update(contents[part].tobytes() + b"\0")
        return digest.hexdigest()

    def changes(self, settings: dict[str, Any]) -> list[str]:
        """How `settings` differ from those that it was made with; [] where nothing is made yet."""
        if not self.begun:
            return []
        try:
            stored = json.loads((self.folder / SETTINGS).read_text("utf-8"))
            stored |= _settings(_stored_cell(self, stored))
        except FileNotFoundError:
            return [f"{SETTINGS} is missing"]
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
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        write_whole(self.folder / SETTINGS, text)

    def write_predictions(self, table: pd.DataFrame) -> None:
        """Write predictions whole or not at all."""
        with whole(self.predictions) as file:
            table.to_parquet(file, index=False)

    def read_predictions(self) -> pd.DataFrame:
        """As they were written.

        Raises:
            RecipeError: the file is damaged.
        """
        try:
            return pd.read_parquet(self.predictions)
        except (OSError, ValueError) as error:  # what pyarrow raises is one of these
            raise RecipeError(
                f"{self.predictions} is damaged: delete it, to have the model predict again."
            ) from error


def _settings(cell: Cell) -> dict[str, Any]:
    """Recipe and protocol with what no result depends on set alike.

    That are names and places in the table, and how many clips are scored together; and where the
    words come from, as they are themselves among the contents of the utterances.
    """
    protocol = replace(cell.protocol, transcripts=OWN_TRANSCRIPTS, recogniser=DEFAULT_RECOGNISER)
    recipe = replace(
        cell.recipe,
        title=cell.recipe.name,
        order=0,
        reference=False,
        data=replace(cell.recipe.data, whole_batch=1),
    )
    values = {"recipe": recipe.to_dict(), "protocol": protocol.to_dict()}
    plain: dict[str, Any] = json.loads(json.dumps(values))  # as they will be read again
    return {**plain, "made_from": {c.recipe.name: _settings(c) for c in cell.made_from}}


def _stored_cell(cell: Cell, stored: dict[str, Any]) -> Cell:
    """The cell as its stored settings say; settings that are younger have their defaults."""
    return replace(
        cell,
        recipe=from_values(stored["recipe"], stored["recipe"]["name"]),
        protocol=section(Protocol, stored["protocol"], "protocol"),
        made_from=tuple(_stored_cell(cell, source) for source in stored["made_from"].values()),
    )


def list_cells(experiment: Experiment, folds: list[Fold], out: Path) -> list[Cell]:
    """Every cell: seed by seed and fold by fold, late fusion after its parents."""
    late_last = sorted(
        experiment.models.values(), key=lambda recipe: recipe.model.architecture == "late"
    )

    def cell(seed: int, fold: Fold, recipe: Recipe) -> Cell:
        sources = [experiment.models[name] for name in recipe.needs if name in experiment.models]
        return Cell(
            out / experiment.name / _folder_name(fold, seed),
            replace(recipe, seed=seed),
            fold,
            experiment.protocol,
            tuple(cell(seed, fold, source) for source in sources),
        )

    return [
        cell(seed, fold, recipe)
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
