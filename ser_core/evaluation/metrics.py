"""Metrics: pure functions of arrays, and bootstrap intervals around them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


def confusion(truth: np.ndarray, decision: np.ndarray, classes: int) -> np.ndarray:
    """Counts [classes, classes]; rows are the truth, columns the decisions.

    Args:
        truth, decision: class numbers, int [N].

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    counts = np.bincount(truth * classes + decision, minlength=classes * classes)
    return counts.reshape(classes, classes)


def unweighted_average_recall(counts: np.ndarray) -> float:
    """UAR: mean of the recalls of all classes that occur; from a confusion matrix.

    >>> unweighted_average_recall(np.array([[9, 1], [1, 1]]))
    0.7
    """
    occurring = counts.sum(axis=1)
    present = occurring > 0
    return float(np.mean(counts.diagonal()[present] / occurring[present]))


def macro_f1(counts: np.ndarray) -> float:
    """Mean over the classes that occur of F1 = 2 TP / (2 TP + FP + FN).

    >>> macro_f1(np.array([[2, 0], [0, 2]]))
    1.0
    """
    present = counts.sum(axis=1) > 0
    f1 = 2 * counts.diagonal() / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    return float(np.mean(f1[present]))


def concordance(truth: np.ndarray, prediction: np.ndarray) -> float:
    """Concordance correlation coefficient (Lin, 1989), with biased moments; in [-1, 1].

    CCC = 2 cov / (var_x + var_y + (mean_x - mean_y)^2). NaN for fewer than two values, or where
    both are one and the same constant.

    >>> concordance(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    1.0
    """
    if len(truth) < 2:
        return float("nan")
    covariance = np.mean((truth - truth.mean()) * (prediction - prediction.mean()))
    spread = truth.var() + prediction.var() + (truth.mean() - prediction.mean()) ** 2
    return float(2 * covariance / spread) if spread > 0 else float("nan")


def expected_calibration_error(
    truth: np.ndarray, probabilities: np.ndarray, bins: int = 15
) -> float:
    """Mean gap between confidence and accuracy over equal-width bins (Guo et al., 2017).

    Args:
        truth: class numbers [N]. probabilities: [N, K].
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == truth
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for k in range(bins):
        inside = bin_of == k
        if inside.any():
            gap += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return float(gap)


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def resamples(
    size: int, groups: np.ndarray | None = None, draws: int = 1000, seed: int = 0
) -> Iterator[np.ndarray]:
    """Row numbers of bootstrap resamples: rows, or whole groups, drawn with replacement.

    Args:
        size: number of rows N.
        groups: a group of each row [N], such as its speaker; whole groups are then drawn.
        draws: number of resamples.
        seed: the same seed gives the same resamples, so that models can be compared in pairs.

    >>> [len(rows) for rows in resamples(3, draws=2)]
    [3, 3]
    """
    generator = np.random.default_rng(seed)
    members = None
    if groups is not None:
        order = np.argsort(groups, kind="stable")
        ordered = groups[order]
        members = np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)
    for _ in range(draws):
        if members is None:
            yield generator.integers(0, size, size)
        else:
            picked = generator.integers(0, len(members), len(members))
            yield np.concatenate([members[k] for k in picked])


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    size: int,
    groups: np.ndarray | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap (Efron, 1979) of a statistic of row numbers.

    Args:
        statistic: rows [M] (with repeats) -> figure.
        size, groups, draws, seed: see `resamples`.
    """
    values = np.array([statistic(rows) for rows in resamples(size, groups, draws, seed)])
    low, high = np.nanquantile(values, [0.025, 0.975])
    return Interval(statistic(np.arange(size)), float(low), float(high))
