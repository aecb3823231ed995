"""Run an experiment cell by cell; what is done is not done again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ser_core.corpora.table import Corpus, join
from ser_core.errors import CheckpointError
from ser_core.experiments.cells import Cell, list_cells, select
from ser_core.experiments.data import prepare, read_corpora
from ser_core.experiments.folds import make_folds
from ser_core.experiments.inputs_of_rows import Materials
from ser_core.experiments.protocol import Experiment
from ser_core.experiments.report import QUICK_DRAWS, SPEAKERS
from ser_core.experiments.scoring import as_table, device_of, fuse, predict
from ser_core.experiments.status import Standing
from ser_core.inputs.text import TextEncoder
from ser_core.models.checkpoint import WEIGHTS, Checkpoint, load
from ser_core.training.across_processes import is_first_process
from ser_core.training.checks import require_trainer, require_writable
from ser_core.training.data import RecipeData
from ser_core.training.lock import sole_trainer
from ser_core.training.recipe import Recipe
from ser_core.training.run import finish, fit


@dataclass(frozen=True)
class Choice:
    """Which cells to run; None for all."""

    models: list[str] | None = None
    seeds: list[int] | None = None
    folds: list[str] | None = None

    def of(self, cells: list[Cell]) -> list[Cell]:
        """The chosen ones of `cells`; RecipeError for an unknown name."""
        return select(cells, self.models, self.seeds, self.folds)


def plan(experiment: Experiment, roots: Mapping[str, Path], out: Path) -> list[Cell]:
    """All cells, without opening a recording.

    Raises:
        CorpusError, RecipeError: see `run`.
    """
    return _planned(experiment, read_corpora(experiment, roots), out)


def _planned(experiment: Experiment, corpora: list[Corpus], out: Path) -> list[Cell]:
    return list_cells(experiment, make_folds(experiment, join(corpora)), out)


def run(
    experiment: Experiment,
    roots: Mapping[str, Path],
    out: Path,
    choice: Choice = Choice(),
    *,
    bootstrap: str = SPEAKERS,
    leave_out_damaged: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    **trainer_flags: object,
) -> Path:
    """Train, predict, and write the tables of an experiment, resuming it where it was stopped.

    Args:
        experiment: see `ser_core.experiments.files.load`.
        roots: folder of each corpus by name.
        out: the results go to `out / experiment.name`, a folder of checkpoints for each seed and
            fold in it.
        choice: what to run; the tables are of all cells that are done, of any seed.
        bootstrap: `speakers` or `utterances`: what is drawn for intervals and tests.
        leave_out_damaged: go on without recordings that are missing or damaged, and say so.
        progress: told about every cell.
        trainer_flags: passed on to Lightning's Trainer (accelerator, devices, num_nodes, strategy).

    Returns:
        The folder of the results.

    Raises:
        CorpusError, AudioError, EncoderError, RecogniserError: the data cannot be used.
        RecipeError: a cell that is to be run was made with other settings.
        SerError: `out` cannot be written to, or Lightning cannot use its flags.
    """
    require_writable(out / experiment.name)
    require_trainer(trainer_flags)
    corpora = read_corpora(experiment, roots)
    chosen = choice.of(_planned(experiment, corpora, out))
    reading = {c.recipe.data.text_encoder for c in chosen if c.recipe.model.uses_text}
    encoders = {name: TextEncoder(name) for name in reading}
    front_end = next(iter(experiment.models.values())).data.front_end
    data = prepare(experiment, corpora, front_end, leave_out_damaged, words=bool(reading))
    standing = Standing(experiment, data, out, bootstrap, words_known=bool(reading))
    names = {cell.name for cell in chosen}
    chosen = [cell for cell in standing.cells() if cell.name in names]
    for cell in chosen:  # all of them first: an hour of training must not end in this error
        if not cell.is_late or (cell.folder / WEIGHTS).exists():  # late fusion has none to lose
            cell.check(standing.settings(cell))
    materials = Materials(data.table, data.log_mels, encoders)
    for number, cell in enumerate(chosen, 1):
        settings = standing.settings(cell)
        done = cell.done and not cell.changes(settings)
        if is_first_process():
            progress(f"{number}/{len(chosen)} {cell.name}{': done before' if done else ''}")
        if done:
            continue
        if cell.is_late:
            _fuse(cell, settings)
        else:
            _train(cell, settings, materials, trainer_flags)
        if is_first_process():  # what is done so far can be looked at while the rest is running
            standing.report(QUICK_DRAWS)
    if is_first_process():
        standing.report()
    return standing.folder


def with_encoder_size(recipe: Recipe, materials: Materials) -> Recipe:
    """The recipe with the size of e that its text encoder gives."""
    if not recipe.model.uses_text:
        return recipe
    size = materials.encoder(recipe.data.text_encoder).summary_dim(recipe.model.summary)
    return replace(recipe, model=replace(recipe.model, input_dim=size))


def _train(
    cell: Cell,
    settings: dict[str, Any],
    materials: Materials,
    trainer_flags: Mapping[str, object],
) -> None:
    with sole_trainer(cell.folder / "training"):
        cell.check(settings)  # again: another command may have begun, or even ended
        if cell.done:
            return
        if is_first_process():
            cell.write_settings(settings)
        recipe = with_encoder_size(cell.recipe, materials)
        checkpoint = _trained(cell)
        if checkpoint is None:
            train, dev = (materials.of(rows, recipe) for rows in (cell.fold.train, cell.fold.dev))
            checkpoint = fit(RecipeData(recipe, train, dev), cell.root, **trainer_flags)
        if is_first_process():
            device = device_of(trainer_flags.get("accelerator"))
            _predict(cell, checkpoint, recipe, materials, device)


def _predict(
    cell: Cell, checkpoint: Checkpoint, recipe: Recipe, materials: Materials, device: torch.device
) -> None:
    tables = []
    for name, rows in cell.fold.tests.items():
        material = materials.of(rows, recipe)
        scores = predict(checkpoint, recipe, material, device)
        frames, rate = material.log_mels.lengths, material.front_end.frame_rate
        table = as_table(materials.table.iloc[rows], frames, rate, scores)
        tables.append(_described(table, cell, name))
    cell.write_predictions(pd.concat(tables, ignore_index=True))
    for state in (cell.folder / "training").glob("*.ckpt"):  # gigabytes, to resume from
        state.unlink()


def _trained(cell: Cell) -> Checkpoint | None:
    """The checkpoint of a run that was stopped before its predictions were written."""
    try:
        checkpoint = load(cell.folder)
        checkpoint.network.eval()
    except CheckpointError:
        return None
    return checkpoint


def _described(table: pd.DataFrame, cell: Cell, test_set: str) -> pd.DataFrame:
    recipe = cell.recipe
    return table.assign(test_set=test_set, fold=cell.fold.name, seed=recipe.seed, model=recipe.name)


def _fuse(cell: Cell, settings: dict[str, Any]) -> None:
    if not is_first_process():
        return
    with sole_trainer(cell.folder / "training"):
        text, audio = (parent.read_predictions() for parent in cell.made_from)
        cell.write_settings(settings)
        finish(cell.recipe, None, cell.root, {})
        fused = fuse(text, audio, cell.recipe.model.late_rule())
        cell.write_predictions(fused.assign(model=cell.recipe.name))
