"""Background voices and sentences: what stands in for a voice or for words that are not given.

One spectrogram (silence, the mean) is no voice that a network ever heard, so the shares of voice
and words are averages over several voices and sentences (Štrumbelj & Kononenko, 2014). A folder
`background` beside the checkpoints holds them, made by `ser explain-background`:

    voices.safetensors  log_mel uint8 [N, T, 64], as recorded; speech_statistics float16 [N, 2 D]
    voices.csv          where each voice comes from
    sentences.csv       text, category
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log10
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ser_core.analysis import CHECKPOINTS
from ser_core.errors import SerError
from ser_core.explain.sounds import Sound
from ser_core.inputs.features import FrontEnd
from ser_core.models.checkpoint import Checkpoint, require_encoder
from ser_core.support.integrity import sha256

FOLDER = "background"
VOICES, SOURCES, SENTENCES = "voices.safetensors", "voices.csv", "sentences.csv"
FLOOR_DB, STEP_DB = -100.0, 0.55  # one byte reaches from -100 to 40 dB


def quantise(log_mel: Tensor) -> Tensor:
    """dB -> uint8; half a step, 0.28 dB, is lost at most."""
    return ((log_mel - FLOOR_DB) / STEP_DB).round().clamp(0, 255).to(torch.uint8)


def restore(quantised: Tensor) -> Tensor:
    """Inverse of `quantise`, float32 in dB."""
    return quantised.float() * STEP_DB + FLOOR_DB


@dataclass(frozen=True, eq=False)
class Background:
    """Voices and sentences, as many of each.

    Attributes:
        log_mels: float32 [N, T, 64] in dB, at the level of the recording.
        statistics: of the speech encoder, float32 [N, 2 D].
        sentences: N texts of all kinds.
        front_end: of the log-Mels, without level normalisation.
        speech_encoder: SHA-256 of the speech encoder.
        digest: of all of it.
    """

    log_mels: Tensor
    statistics: Tensor
    sentences: tuple[str, ...]
    front_end: FrontEnd
    speech_encoder: str
    digest: str

    def __len__(self) -> int:
        return len(self.sentences)

    def voices(self) -> list[Sound]:
        """The voices, for whichever checkpoint hears them."""
        return [self._voice(number) for number in range(len(self))]

    def _voice(self, number: int) -> Sound:
        def inputs(checkpoint: Checkpoint) -> Mapping[str, Tensor]:
            if "speech_statistics" in checkpoint.network.inputs:
                require_encoder(checkpoint, self.speech_encoder, "speech")
                return {"speech_statistics": self.statistics[number]}
            if replace(checkpoint.front_end, level_db=None) != self.front_end:
                raise SerError(
                    f"The background voices have not the front end of '{checkpoint.name}': make "
                    "others with `ser explain-background`."
                )
            return {"log_mel": at_level(self.log_mels[number], checkpoint.front_end)}

        return inputs


def at_level(log_mel: Tensor, front_end: FrontEnd) -> Tensor:
    """A log-Mel as recorded [T, 64], as `log_mel` gives it with this front end's `level_db`."""
    if front_end.level_db is None:
        return log_mel
    power = (10.0 ** (log_mel / 10.0)).mean()
    return log_mel + (front_end.level_db - 10.0 * log10(float(power) + front_end.amin))


def background_of(checkpoint: Checkpoint) -> Background:
    """The background in the folder of a checkpoint's neighbours, or the shipped one.

    Raises:
        SerError: there is none, or it is damaged.
    """
    beside = checkpoint.folder.parent / FOLDER
    return load_background(beside if beside.is_dir() else CHECKPOINTS / FOLDER)


def load_background(folder: Path) -> Background:
    """Read a background.

    Raises:
        SerError: there is none, or it is damaged.
    """
    files = [folder / VOICES, folder / SENTENCES]
    if not all(file.is_file() for file in files):
        raise SerError(
            f"There are no background voices in {folder}: fetch them, or make some with "
            "`ser explain-background --data FOLDER`."
        )
    return _read(folder, sha256(files[0]) + sha256(files[1]))


@lru_cache(maxsize=4)
def _read(folder: Path, digest: str) -> Background:
    try:
        with safe_open(folder / VOICES, framework="pt") as file:
            settings = json.loads(file.metadata()["settings"])
            log_mels = restore(file.get_tensor("log_mel"))
            statistics = file.get_tensor("speech_statistics").float()
        sentences = pd.read_csv(folder / SENTENCES, keep_default_na=False)["text"].tolist()
        front_end = FrontEnd(**settings["front_end"])
        if not len(sentences) == len(log_mels) == len(statistics) > 0:
            raise ValueError("voices and sentences differ in number")
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise SerError(
            f"The background voices in {folder} are damaged: fetch them again, or make others "
            "with `ser explain-background`."
        ) from error
    return Background(
        log_mels,
        statistics,
        tuple(np.array(sentences, dtype=str).tolist()),
        front_end,
        settings["speech_encoder"],
        digest,
    )
