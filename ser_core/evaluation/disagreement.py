"""Where models disagree: by example, and in pairs."""

from collections.abc import Sequence

import numpy as np

from ser_core.evaluation.predictions import Predictions


def divergence(probabilities: np.ndarray) -> np.ndarray:
    """Generalised Jensen-Shannon divergence of M models, in bits (Lin, 1991), [N].

    The entropy of their mean less the mean of their entropies: 0 where all say the same, at most
    log2(M), and at most 2 for four categories.

    Args:
        probabilities: [M, N, K].

    >>> sure = np.eye(2)[:, None]
    >>> divergence(sure).tolist(), divergence(sure[[0, 0]]).tolist()
    ([1.0], [0.0])
    """
    between = _entropy(probabilities.mean(axis=0)) - _entropy(probabilities).mean(axis=0)
    return np.maximum(between, 0.0)


def _entropy(p: np.ndarray) -> np.ndarray:
    result: np.ndarray = -np.sum(p * np.log2(np.where(p > 0, p, 1.0)), axis=-1)
    return result


def of_categories(part: Predictions, models: Sequence[str]) -> np.ndarray:
    """Divergence of these models on each row, bits [N]."""
    return divergence(np.stack([part.scores[name].probabilities for name in models]))


def of_dimension(part: Predictions, models: Sequence[str], k: int) -> np.ndarray:
    """Standard deviation of a dimension over these models, [N]."""
    values = np.stack([part.scores[name].dimensions[:, k] for name in models])
    result: np.ndarray = values.std(axis=0)
    return result


def most(disagreement: np.ndarray, number: int) -> np.ndarray:
    """Numbers of the rows that are disagreed on most, the first the most; ties in row order."""
    return np.argsort(-disagreement, kind="stable")[:number]


def differing(part: Predictions, models: Sequence[str]) -> np.ndarray:
    """Share of the rows that each pair of models decides differently, [M, M]."""
    decisions = np.stack([part.decisions(name) for name in models])
    result: np.ndarray = (decisions[:, None] != decisions[None]).mean(axis=-1)
    return result
