"""The shallow rule of late fusion: how the posteriors and scores of two models become one.

- `mean`:        p_c ~ w_c t_c + (1 - w_c) a_c
- `log_linear`:  log p_c = w_c log t_c + (1 - w_c) log a_c + 4 w_c (1 - w_c) b_c + const

t are the posteriors of the text model, a those of the audio model, w_c the text's weight in
category c. Logarithmic pooling (Genest and Zidek, 1986) asks both for their consent, the mean takes
what either says. The bias b, ours, is nothing where one model counts alone, so that the weights 0
and 1 give the parents. A negative one for neutral says that the absence of emotion in the words is
no evidence against one in the voice, nor the other way round: neutral needs both.

In posteriors (`mean` with one weight) or in log-posteriors but for the constant (`log_linear`) the
rule is linear in its parents; dimension scores are weighted means in both.
"""

from dataclasses import dataclass

import numpy as np

POOLINGS = ("mean", "log_linear")
_FLOOR = 1e-6  # of a posterior, before its logarithm


@dataclass(frozen=True)
class LateRule:
    """One late fusion's rule.

    Attributes:
        pooling: one of `POOLINGS`.
        categories: w, the text's weight in each category, in [0, 1].
        dimensions: the text's weight in each dimension, in [0, 1].
        bias: b of each category, for `log_linear`.
    """

    pooling: str
    categories: tuple[float, ...]
    dimensions: tuple[float, ...]
    bias: tuple[float, ...]

    def posteriors(self, text: np.ndarray, audio: np.ndarray) -> np.ndarray:
        """Posteriors [..., K] of both -> the pooled ones; [..., 0] where there are none."""
        if not text.shape[-1]:
            return text
        if self.pooling == "log_linear":
            pooled = self.logits(text, audio)
            pooled = np.exp(pooled - pooled.max(axis=-1, keepdims=True))
        else:
            pooled = late_fusion(text, audio, self.categories)
        total: np.ndarray = pooled.sum(axis=-1, keepdims=True)
        return pooled / total

    def logits(self, text: np.ndarray, audio: np.ndarray) -> np.ndarray:
        """What `log_linear` pools, [..., K]: linear in the log-posteriors of both."""
        words, voice = (np.log(np.maximum(p, _FLOOR)) for p in (text, audio))
        weight = np.asarray(self.categories)
        bias: np.ndarray = 4 * weight * (1 - weight) * np.asarray(self.bias)
        return late_fusion(words, voice, self.categories) + bias

    def scores(self, text: np.ndarray, audio: np.ndarray) -> np.ndarray:
        """Dimension scores [..., K] of both -> their weighted means."""
        return late_fusion(text, audio, self.dimensions) if text.shape[-1] else text


def late_fusion(
    text: np.ndarray, audio: np.ndarray, weight: float | tuple[float, ...] = 0.5
) -> np.ndarray:
    """Weighted mean of two models' posteriors or dimension scores (our choice).

    Args:
        text: [..., K]. audio: [..., K].
        weight: the text's, in [0, 1]; one, or one of each column.
    """
    share = np.asarray(weight, dtype=np.float64)
    result: np.ndarray = share * text + (1 - share) * audio
    return result
