"""Train a recipe: data, network, Lightning's trainer, and the finished checkpoint folder."""

from collections.abc import Mapping
from pathlib import Path

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging, TQDMProgressBar

from ser_core.analysis import CHECKPOINTS
from ser_core.errors import RecipeError
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
from ser_core.labels import CATEGORIES
from ser_core.models import checkpoint as checkpoints
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.fusion import Network
from ser_core.training.across_processes import is_first_process, wait_for_all
from ser_core.training.calibrate import fit_temperature
from ser_core.training.checks import require_trainer, require_writable
from ser_core.training.data import Encoders, RecipeData, name_encoders
from ser_core.training.familiarity import fit_familiarity
from ser_core.training.initialisation import fit_inputs, fit_typical, start_from, start_last_stage
from ser_core.training.kept_epochs import KeptEpoch
from ser_core.training.lightning_hints import quiet
from ser_core.training.lock import sole_trainer
from ser_core.training.log import EpochLog
from ser_core.training.module import SerModule
from ser_core.training.precision import trainable_precision
from ser_core.training.recipe import Recipe
from ser_core.training.sampling import draw_epoch
from ser_core.training.split_data import Material


def class_weights(data: RecipeData) -> torch.Tensor:
    """Inverse frequency of the categories as they are drawn, [2, 4]: for clips or texts alone and
    for constructed pairs, there to the power `pair_balance`. Neutral is rare among joint labels, as
    it takes a neutral voice with neutral words; were it made up for with clips alone too, the
    models would call every other clip neutral, and made up for in full in pairs, most voices with
    neutral words.
    """
    examples = draw_epoch(data.train, data.recipe, 0)
    constructed = data.train.constructed(examples)
    weights = np.ones((2, len(CATEGORIES)))
    for kind in (0, 1):
        frequency = examples.categories[constructed == bool(kind)].sum(axis=0)
        if frequency.any():
            weights[kind] = frequency.sum() / (len(CATEGORIES) * frequency.clip(min=1))
    weights[1] **= data.recipe.optimiser.pair_balance
    return torch.from_numpy(weights).float()


def prepare_network(network: Network, recipe: Recipe, train: Material, out: Path) -> None:
    """What a network starts from, as the recipe says: training statistics, other checkpoints."""
    settings = recipe.optimiser
    fit_typical(network, train)
    if settings.standardise:
        fit_inputs(network, train)
    if settings.start:
        start_from(network, _trained(settings.start, out), train)
    if settings.start_text:
        start_last_stage(network, _trained(settings.start_text, out))


def _trained(name: str, out: Path) -> Checkpoint:
    folder = next((f for f in (out / name, CHECKPOINTS / name) if f.exists()), None)
    if folder is None:
        raise RecipeError(f"The recipe starts from '{name}': run `ser train {name}` first.")
    return checkpoints.load(folder)


def train(
    recipe: Recipe, root: Path, out: Path, packed: Path | None = None, **trainer_flags: object
) -> Checkpoint:
    """Train, resuming where a run of the same recipe was stopped, and write the checkpoint.

    Args:
        recipe: from `ser_core.training.recipe.load`.
        root: folder of the corpora.
        out: the run goes to `out / recipe.name`: `training/` holds Lightning's state and the log,
            the folder itself becomes the checkpoint.
        packed: folder of a pack to read in place of the corpora, see `ser_core.training.packing`.
        trainer_flags: passed on to Lightning's Trainer (accelerator, devices, nodes, strategy).

    Raises:
        CorpusError, AudioError: the data cannot be used.
        RecipeError: the recipe cannot be used, or another command trains it in `out`.
        SerError: `out` cannot be written to, or Lightning cannot use its flags.
    """
    require_writable(out / recipe.name)
    require_trainer(trainer_flags)
    if recipe.model.architecture == "late":
        return finish(recipe, None, out, {})
    data = RecipeData.unpack(recipe, packed) if packed else RecipeData.read(recipe, root)
    return fit(data, out, **trainer_flags)


def fit(data: RecipeData, out: Path, **trainer_flags: object) -> Checkpoint:
    """`train` on data that is read already; only the first of several processes writes."""
    folder = out / data.recipe.name / "training"
    with sole_trainer(folder), quiet():
        return _fit(data, out, folder, **trainer_flags)


def _fit(data: RecipeData, out: Path, folder: Path, **trainer_flags: object) -> Checkpoint:
    recipe = data.recipe
    L.seed_everything(recipe.seed, verbose=False)
    module = SerModule(recipe, class_weights(data), list(data.dev_sets))
    if recipe.optimiser.distil:
        module.learn_statistics(torch.from_numpy(data.train.statistics))
    prepare_network(module.network, recipe, data.train, out)
    best = KeptEpoch(
        folder, filename="best", monitor="dev/score", mode="max", enable_version_counter=False
    )
    # To resume from. Lightning's `save_last` is written only when the best changes.
    last = KeptEpoch(
        folder, filename="last", enable_version_counter=False, save_on_train_epoch_end=True
    )
    callbacks: list[Callback] = [best, last, EpochLog(folder), TQDMProgressBar(refresh_rate=10)]
    if recipe.optimiser.average:
        callbacks.append(EMAWeightAveraging(decay=recipe.optimiser.average))
    precision = trainable_precision(
        recipe.optimiser.precision, trainer_flags.get("accelerator", "auto")
    )
    trainer = L.Trainer(
        max_epochs=recipe.optimiser.epochs,
        precision=precision,  # type: ignore[arg-type]
        callbacks=callbacks,
        logger=False,
        num_sanity_val_steps=0,
        check_val_every_n_epoch=recipe.optimiser.dev_every,
        reload_dataloaders_every_n_epochs=1,
        gradient_clip_val=recipe.optimiser.clip or None,
        enable_model_summary=False,
        **trainer_flags,  # type: ignore[arg-type]
    )
    stopped = folder / "last.ckpt"
    try:
        trainer.fit(module, data, ckpt_path=str(stopped) if stopped.exists() else None)
    except SystemExit as stop:  # Ctrl-C or SIGTERM, of which Lightning says no more, or even 0
        raise SystemExit("Stopped: run the same command again to go on.") from stop
    # A real copy from disk: a kept state_dict would alias the weights that go on training.
    state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)
    module.load_state_dict(state["state_dict"])
    # Not with `trainer`: its callbacks would put the last averaged weights in place of the best.
    L.Trainer(
        precision=precision,  # type: ignore[arg-type]
        logger=False,
        enable_checkpointing=False,
        **trainer_flags,  # type: ignore[arg-type]
    ).validate(module, data, verbose=False)
    temperature = fit_temperature(module.dev_logits())
    measured: dict[str, float | str] = {
        "dev_score": float(best.best_model_score or 0.0),
        "best_epoch": int(state["epoch"]),
        "train_clips": len(data.train.clips),
        "train_texts": data.train.independent,
    }
    if trainer.world_size > 1:  # each had a batch of the recipe's size
        measured["processes"] = trainer.world_size
    if precision != recipe.optimiser.precision:
        measured["precision"] = precision
    checkpoint = finish(recipe, module, out, measured, temperature, data.encoders)
    known = fit_familiarity(recipe.model.architecture, data.train, data.dev)
    if known is not None and is_first_process():
        known.save(checkpoint.folder)
    wait_for_all()  # the next model may start from what the first process has just written
    return checkpoint


def finish(
    recipe: Recipe,
    module: SerModule | None,
    out: Path,
    measured: Mapping[str, float | str],
    temperature: float = 1.0,
    encoders: Encoders | None = None,
) -> Checkpoint:
    """Write the checkpoint folder of a trained module.

    Args:
        encoders: see `RecipeData`.
    """
    reads, listens = recipe.model.uses_text, recipe.model.architecture == "foundation"
    if encoders is None:
        encoders = name_encoders(
            TextEncoder(recipe.data.text_encoder) if reads else None,
            Recogniser(recipe.data.speech_encoder) if listens else None,
        )
    checkpoint = Checkpoint(
        folder=out / recipe.name,
        name=recipe.name,
        title=recipe.title,
        model=recipe.model,
        front_end=recipe.data.front_end,
        text_encoder=encoders["text"] if reads else {},
        speech_encoder=encoders["speech"] if listens else {},
        temperature=round(temperature, 4),
        order=recipe.order,
        reference=recipe.reference,
        training={"recipe": recipe.to_dict(), **measured},
    )
    if is_first_process():
        checkpoints.save(checkpoint, module.network if module else None)
    return checkpoint
