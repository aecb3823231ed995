"""The shallow rule of late fusion: how the posteriors and scores of two models become one.

- `mean`:        p_c ~ w_c t_c + (1 - w_c) a_c
- `log_linear`:  log p_c = k (w_c log t_c + (1 - w_c) log a_c + m_c b_c) + const

t are the posteriors of the text model, a those of the audio model, w_c the text's weight in
category c. Logarithmic pooling (Genest and Zidek, 1986) asks both for their consent, the mean takes
what either says. Three settings are ours; m_c = 4 w_c (1 - w_c) makes them nothing where one model
counts alone, so that the weights 0 and 1 give the parents:

- a bias b: a negative one for neutral says that the absence of emotion in the words is no evidence
  against one in the voice, nor the other way round. Neutral needs both.
- smoothing s: t and a are (1 - m_c s) times the posterior + m_c s / K. Of words that are neutral
  with .97, whether anger has .001 or .01 of the rest says nothing; its logarithm would.
- sharpness, k at m = 1 (1 at m = 0): a mean of two is less sure than both; it changes no decision.

In posteriors (`mean` with one weight) or in the logarithms of the smoothed posteriors, but for the
constant (`log_linear`), the rule is linear in its parents; so it is in dimension scores.

All of it takes arrays and tensors alike: predictions use arrays, explanations tensors, through
which gradients pass.
"""

from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

POOLINGS = ("mean", "log_linear")
_FLOOR = 1e-6  # of a posterior, before its logarithm

Values = TypeVar("Values", np.ndarray, Tensor)


@dataclass(frozen=True)
class LateRule:
    """One late fusion's rule.

    Attributes:
        pooling: one of `POOLINGS`.
        categories: w, the text's weight in each category, in [0, 1].
        dimensions: the text's weight in each dimension, in [0, 1].
        bias: b of each category, for `log_linear`.
        smoothing: s, for `log_linear`, in [0, 1].
        sharpness: k, for `log_linear`.
    """

    pooling: str
    categories: tuple[float, ...]
    dimensions: tuple[float, ...]
    bias: tuple[float, ...]
    smoothing: float = 0.0
    sharpness: float = 1.0

    def posteriors(self, text: Values, audio: Values) -> Values:
        """Posteriors [..., K] of both -> the pooled ones; [..., 0] where there are none."""
        if not text.shape[-1]:
            return text
        if self.pooling == "log_linear":
            library = _library(text)
            pooled = self.logits(text, audio)
            pooled = library.exp(pooled - library.amax(pooled, -1)[..., None])
        else:
            pooled = late_fusion(text, audio, self.categories)
        return pooled / pooled.sum(-1)[..., None]

    def logits(self, text: Values, audio: Values) -> Values:
        """What `log_linear` pools, [..., K]: linear in `log_posteriors` of both."""
        library = _library(text)
        words, voice = self.log_posteriors(text), self.log_posteriors(audio)
        both, bias = library.asarray(self._both), library.asarray(np.asarray(self.bias))
        pooled = late_fusion(words, voice, self.categories) + both * bias
        return self.scale * pooled

    def log_posteriors(self, posteriors: Values) -> Values:
        """Logarithms of one parent's smoothed posteriors, [..., K]."""
        library = _library(posteriors)
        share = library.asarray(self.smoothing * self._both)
        smoothed = (1 - share) * posteriors + share / posteriors.shape[-1]
        return library.log(smoothed.clip(min=_FLOOR))

    @property
    def scale(self) -> float:
        """By which sharpness multiplies what is pooled; 1 where one model counts alone."""
        return float(1 + (self.sharpness - 1) * self._both.mean())

    @property
    def _both(self) -> np.ndarray:
        """m: 1 where both parents count alike, 0 where one counts alone."""
        weight = np.asarray(self.categories, dtype=np.float64)
        result: np.ndarray = 4 * weight * (1 - weight)
        return result

    def scores(self, text: Values, audio: Values) -> Values:
        """Dimension scores [..., K] of both -> their weighted means."""
        return late_fusion(text, audio, self.dimensions) if text.shape[-1] else text


def late_fusion(text: Values, audio: Values, weight: float | tuple[float, ...] = 0.5) -> Values:
    """Weighted mean of two models' posteriors or dimension scores (our choice).

    Args:
        text: [..., K]. audio: [..., K].
        weight: the text's, in [0, 1]; one, or one of each column.
    """
    share = _library(text).asarray(np.asarray(weight, dtype=np.float64))
    return share * text + (1 - share) * audio


def _library(values: np.ndarray | Tensor) -> ModuleType:
    return torch if isinstance(values, Tensor) else np
