"""How far the sound of a clip lies from the clips that a model was trained on.

A network answers a bell or a bad line as surely as speech. The distance of its input from those of
training (Mahalanobis, as in Lee et al., "A simple unified framework for detecting
out-of-distribution samples", NeurIPS 2018, here of the input's statistics) tells that it is on
ground that it does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ser_core.errors import CheckpointError

FILE = "familiarity.safetensors"
FAR = 0.01  # share of unseen clips of the training corpora that lie as far: then it is told
KEPT, MOST = 0.99, 256  # share of the variance, and number of components
FLOOR, ROUNDED = 1e-6, 1e-3


@dataclass(frozen=True)
class Familiarity:
    """Statistics of a model's training inputs, and distances of clips that it did not see.

    Attributes:
        mean, scale: of each feature over the training clips, [F].
        components: directions of their standardised features, each divided by its SD, [C, F].
        rest: variance of what these leave out, which counts as one more component; infinite where
            they leave out nothing.
        distances: of the development clips, sorted, [N].
    """

    mean: np.ndarray
    scale: np.ndarray
    components: np.ndarray
    rest: float
    distances: np.ndarray

    @classmethod
    def fit(cls, train: np.ndarray, dev: np.ndarray) -> "Familiarity":
        """From features [N, F] of training clips and of development clips."""
        mean, scale = train.mean(axis=0), train.std(axis=0) + FLOOR
        _, sizes, directions = np.linalg.svd((train - mean) / scale, full_matrices=False)
        variances = sizes**2 / len(train)
        below = np.cumsum(variances) / max(variances.sum(), FLOOR) < KEPT
        count = min(int(below.sum()) + 1, MOST, int((variances > FLOOR).sum()))
        components = directions[:count] / np.sqrt(variances[:count, None])
        rest = float(variances[count:].sum())
        if rest < ROUNDED * variances.sum():  # float16 would make a difference of nothing
            rest = np.inf
        # As they are stored: what is read again gives the same distances.
        mean, scale, components = map(_rounded, (mean, scale, components))
        found = cls(mean, scale, components, rest, np.zeros(0))
        distances = np.sort([found.distance(one) for one in dev])
        return replace(found, distances=distances.astype(np.float32))

    def distance(self, features: np.ndarray) -> float:
        """Mahalanobis distance of a clip's features [F] from the training clips."""
        standard = (features - self.mean) / np.maximum(self.scale, FLOOR)
        along = self.components @ standard
        left = max(float(standard @ standard - self._variances @ along**2), 0.0)
        return float(np.sqrt(along @ along + left / self.rest))

    @cached_property
    def _variances(self) -> np.ndarray:
        """Of the components; they are orthogonal, so each one's length is the inverse of its SD."""
        result: np.ndarray = 1 / np.maximum((self.components**2).sum(axis=1), FLOOR)
        return result

    def rarity(self, features: np.ndarray) -> float:
        """Share of clips of its corpora, which the model did not see, that lie at least as far.

        In (0, 1]: the clip itself counts as one more of them.
        """
        nearer = int(np.searchsorted(self.distances, self.distance(features)))
        return (len(self.distances) - nearer + 1) / (len(self.distances) + 1)

    def save(self, folder: Path) -> None:
        """Write it into the folder of its checkpoint."""
        values: dict[str, np.ndarray] = {
            "mean": self.mean.astype(np.float16),
            "scale": self.scale.astype(np.float16),
            "components": self.components.astype(np.float16),
            "rest": np.array([self.rest], np.float64),
            "distances": self.distances,
        }
        save_file(values, folder / FILE)


def _rounded(values: np.ndarray) -> np.ndarray:
    """As float16 has them."""
    return values.astype(np.float16).astype(np.float64)


def load(folder: Path) -> Familiarity | None:
    """What `save` wrote into a checkpoint's folder; None where there is nothing.

    Raises:
        CheckpointError: the file is damaged.
    """
    if not (folder / FILE).exists():
        return None
    try:
        values = load_file(folder / FILE)
        return Familiarity(
            _rounded(values["mean"]),
            _rounded(values["scale"]),
            _rounded(values["components"]),
            float(values["rest"][0]),
            values["distances"],
        )
    except (SafetensorError, OSError, KeyError, IndexError) as error:
        raise CheckpointError(
            f"{FILE} of '{folder.name}' is damaged: remove it, or run `ser familiarity` again."
        ) from error


def features(inputs: Mapping[str, torch.Tensor]) -> np.ndarray | None:
    """What is compared of a network's inputs, a batch of one; None where it hears nothing.

    Returns:
        of a log-Mel spectrogram the mean and SD over time of each band, [128]; else the statistics
        of the speech encoder, [2 D].
    """
    if "log_mel" in inputs:
        return of_log_mel(inputs["log_mel"][0].numpy())
    if "speech_statistics" in inputs:
        return np.asarray(inputs["speech_statistics"][0].numpy(), np.float64)
    return None


def of_log_mel(log_mel: np.ndarray) -> np.ndarray:
    """Mean and SD over time of each band of a spectrogram [T, 64], [128]."""
    bands = np.asarray(log_mel, np.float64)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0)])
