"""What is familiar to a model: measured on the clips of its recipe."""

from pathlib import Path

import numpy as np

from ser_core.errors import RecipeError
from ser_core.inputs.speech import Recogniser
from ser_core.models import checkpoint as checkpoints
from ser_core.models.familiarity import Familiarity, of_log_mel
from ser_core.training.recipe import section
from ser_core.training.recipe_sections import DataConfig
from ser_core.training.split_data import Material, load_material


def fit_familiarity(architecture: str, train: Material, dev: Material) -> Familiarity | None:
    """Of a model that hears the clips; None of one that reads only words, or without clips."""
    if architecture in ("text", "late") or not len(train.clips) or not len(dev.clips):
        return None
    of = _statistics if architecture == "foundation" else _log_mels
    return Familiarity.fit(of(train), of(dev))


def _statistics(material: Material) -> np.ndarray:
    return np.asarray(material.statistics, np.float64)


def _log_mels(material: Material) -> np.ndarray:
    return np.stack(
        [of_log_mel(material.log_mels[row].numpy()) for row in range(len(material.clips))]
    )


def add_familiarity(checkpoint: checkpoints.Checkpoint, root: Path) -> bool:
    """Measure it for a trained checkpoint, by the recipe that it keeps, and write it beside.

    Args:
        root: folder of the corpora.

    Returns:
        whether the model hears anything.

    Raises:
        RecipeError: the checkpoint keeps no recipe.
        CorpusError: a corpus of it is not below `root`.
    """
    if not checkpoint.uses_voice or checkpoint.model.parents:
        return False
    kept = checkpoint.training.get("recipe", {}).get("data")
    if not isinstance(kept, dict):
        raise RecipeError(f"'{checkpoint.name}' keeps no recipe: train it by `ser train`.")
    names = {"speech": kept.get("speech", ()), "level_db": checkpoint.front_end.level_db}
    listens = checkpoint.model.architecture == "foundation"
    recogniser = Recogniser(kept.get("speech_encoder")) if listens else None
    if recogniser is not None:
        checkpoints.require_encoder(checkpoint, recogniser.fingerprint, "speech")
    data = section(DataConfig, names, "data")
    train, dev = (load_material(data, root, split, None, recogniser) for split in ("train", "dev"))
    found = fit_familiarity(checkpoint.model.architecture, train, dev)
    if found is None:
        return False
    found.save(checkpoint.folder)
    return True
