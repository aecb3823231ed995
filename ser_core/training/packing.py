"""Everything that a recipe reads, packed into a few files: training without corpora and decoding.

A machine that is lent for minutes should train, not decode. A pack holds the training and dev
examples of a recipe: tables, log-Mels and embeddings in 8 bits, the rest in 16. No file is larger
than `PART_BYTES`, so that it passes the limits of most ways to copy files.

    pack.json                 what was packed: corpora, front end, encoders
    train/clips.parquet       tables
    train/log_mels.000.npz    arrays, in parts
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from ser_core.errors import RecipeError
from ser_core.support.atomic import whole
from ser_core.training.feature_cache import LogMels
from ser_core.training.recipe import Recipe
from ser_core.training.references import Voices
from ser_core.training.split_data import Material

FORMAT = 1
PART_BYTES = 55 * 2**20
SPLITS = ("train", "dev")
# A recipe can be trained from a pack that was made with the same values of these in [data]. The
# other settings, shares and balances, are about what is drawn, not what is read.
_READ = ("speech", "texts", "text_encoder", "level_db", "fold", "folds")


@dataclass(frozen=True)
class Pack:
    """What a pack holds.

    Attributes:
        materials: by split.
        encoders: names and sha256 of the text and the speech encoder, as checkpoints keep them.
    """

    materials: dict[str, Material]
    encoders: dict[str, dict[str, Any]]


def write_pack(
    folder: Path, recipe: Recipe, materials: dict[str, Material], encoders: dict[str, Any]
) -> None:
    """Pack what a recipe reads into a new folder.

    Raises:
        SerError: it cannot be written.
    """
    with whole(folder) as half:
        for split, material in materials.items():
            (half / split).mkdir(parents=True)
            _write_material(half / split, material)
        about = {"format": FORMAT, "data": _reads(recipe), "encoders": encoders}
        (half / "pack.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def read_pack(folder: Path, recipe: Recipe) -> Pack:
    """Unpack what a recipe reads.

    Raises:
        RecipeError: no pack is there, a damaged one, or one of other data than the recipe's.
    """
    try:
        about = json.loads((folder / "pack.json").read_text("utf-8"))
        if about["format"] != FORMAT:
            raise RecipeError(f"The pack {folder} is of another version: run `ser pack` again.")
        packed, wanted = about["data"], _reads(recipe)
        for name, value in wanted.items():
            if packed[name] != value:
                raise RecipeError(
                    f"The pack {folder} was made with another `{name}` ({packed[name]!r}) than the "
                    f"recipe '{recipe.name}' has ({value!r}): run `ser pack` for it."
                )
        materials = {split: _read_material(folder / split, recipe) for split in SPLITS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise RecipeError(f"There is no whole pack in {folder}: run `ser pack` first.") from error
    return Pack(materials, about["encoders"])


def _reads(recipe: Recipe) -> dict[str, Any]:
    """What decides what a recipe reads, as plain values."""
    values = {name: getattr(recipe.data, name) for name in _READ}
    values |= {
        "references": recipe.data.reference > 0,
        "summary": recipe.model.summary if recipe.model.uses_text else None,
        "speech_encoder": (recipe.data.speech_encoder or "") if recipe.listens else None,
    }
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain


def _write_material(folder: Path, material: Material) -> None:
    material.clips.to_parquet(folder / "clips.parquet")
    material.texts.to_parquet(folder / "texts.parquet")
    frames = [material.log_mels[row].numpy() for row in range(len(material.log_mels))]
    _write(folder, "log_mels", np.concatenate([np.zeros((0, 64), np.float32), *frames]), bits=8)
    _write(folder, "lengths", material.log_mels.lengths[:, None])
    _write(folder, "embeddings", material.embeddings, bits=8)
    _write(folder, "own", material.own[:, None])
    _write(folder, "statistics", material.statistics.astype(np.float16))
    if material.voices is not None:
        voices = (material.voices.bands, material.voices.levels[:, None])
        _write(folder, "voices", np.concatenate(voices, axis=1).astype(np.float16))


def _read_material(folder: Path, recipe: Recipe) -> Material:
    clips = pd.read_parquet(folder / "clips.parquet")
    statistics = _read(folder, "statistics").astype(np.float32)
    starts = np.cumsum([0, *_read(folder, "lengths")[:, 0]])
    voices = None
    if recipe.data.reference:
        levels = _read(folder, "voices").astype(np.float32)
        speakers = clips["speaker"].to_numpy(str)
        level_db = recipe.data.level_db
        voices = Voices(speakers, levels[:, :-1], levels[:, -1], statistics, level_db)
    return Material(
        clips,
        LogMels(_read(folder, "log_mels").astype(np.float16), starts),
        pd.read_parquet(folder / "texts.parquet"),
        _read(folder, "embeddings").astype(np.float32),
        _read(folder, "own")[:, 0],
        statistics,
        recipe.data.front_end,
        voices,
    )


def _write(folder: Path, name: str, values: np.ndarray, bits: int | None = None) -> None:
    """An array [N, D] in parts; in 8 bits by the range of each column, where asked."""
    scale = {}
    if bits == 8 and values.size:
        low = values.min(axis=0)
        step = np.maximum(values.max(axis=0) - low, 1e-6) / 255
        values = np.round((values - low) / step).astype(np.uint8)
        scale = {"low": low.astype(np.float32), "step": step.astype(np.float32)}
    rows = max(1, PART_BYTES // max(1, values.itemsize * values.shape[1]))
    for part, start in enumerate(range(0, max(len(values), 1), rows)):
        file = folder / f"{name}.{part:03d}.npz"
        np.savez(file, values=values[start : start + rows], **scale)


def _read(folder: Path, name: str) -> np.ndarray:
    files = sorted(folder.glob(f"{name}.*.npz"))
    parts = []
    for file in files:
        with np.load(file) as stored:
            values = stored["values"]
            if "low" in stored:
                values = (values * stored["step"] + stored["low"]).astype(np.float16)
            parts.append(values)
    found: np.ndarray = np.concatenate(parts)
    return found
