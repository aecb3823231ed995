"""Metrics: pure functions of arrays, each a figure of sums over the rows.

What is summed are the terms of each row, [N, K]. A figure takes sums [..., K] and gives [...], so
that a bootstrap needs the sums of its resamples only (see `comparison.resample`).
"""

from math import isqrt

import numpy as np


def confusion_terms(truth: np.ndarray, decision: np.ndarray, classes: int) -> np.ndarray:
    """The cell of the confusion matrix that each row counts in, one-hot, [N, classes²].

    Args:
        truth, decision: class numbers, int [N].
    """
    return np.eye(classes * classes)[truth * classes + decision]


def confusion(truth: np.ndarray, decision: np.ndarray, classes: int) -> np.ndarray:
    """Counts [classes, classes]; rows are the truth, columns the decisions.

    Args:
        truth, decision: class numbers, int [N].

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    counts = confusion_terms(truth, decision, classes).sum(axis=0)
    return counts.astype(int).reshape(classes, classes)


def recall_of_sums(sums: np.ndarray) -> np.ndarray:
    """UAR: mean of the recalls of all classes that occur; of `confusion_terms`."""
    hits, occurring, _ = _by_class(sums)
    return np.mean(hits / np.maximum(occurring, 1), axis=-1, where=occurring > 0)


def f1_of_sums(sums: np.ndarray) -> np.ndarray:
    """Mean over the classes that occur of F1 = 2 TP / (2 TP + FP + FN); of `confusion_terms`.

    >>> float(f1_of_sums(np.array([2, 0, 0, 2])))
    1.0
    """
    hits, occurring, decided = _by_class(sums)
    f1 = 2 * hits / np.maximum(occurring + decided, 1)
    return np.mean(f1, axis=-1, where=occurring > 0)


def _by_class(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each class: rows that are it and are taken for it, that are it, that are taken for it."""
    classes = isqrt(sums.shape[-1])
    counts = sums.reshape(*sums.shape[:-1], classes, classes)
    return counts.diagonal(axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-2)


def unweighted_average_recall(counts: np.ndarray) -> float:
    """UAR of a confusion matrix [C, C]; see `recall_of_sums`.

    >>> unweighted_average_recall(np.array([[9, 1], [1, 1]]))
    0.7
    """
    return float(recall_of_sums(counts.ravel()))


def concordance_terms(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """What `concordance_of_sums` needs of each row: 1, x, y, x y, (x - y)²; [N, 5].

    x and y are centred by their means over all rows, which changes no covariance: sums of
    squares far from 0 would lose its digits.

    Args:
        truth, prediction: [N].
    """
    x, y = (np.asarray(of, np.float64) for of in (truth, prediction))
    gap = (x - y) ** 2
    if len(x):
        x, y = x - x.mean(), y - y.mean()
    return np.stack([np.ones(len(x)), x, y, x * y, gap], axis=-1)


def concordance_of_sums(sums: np.ndarray) -> np.ndarray:
    """Concordance correlation coefficient (Lin, 1989), with biased moments; in [-1, 1].

    CCC = 2 cov / (var_x + var_y + (mean_x - mean_y)²), whose denominator is mean((x - y)²) + 2 cov.
    NaN for fewer than two rows, or where both are one and the same constant.
    """
    n, x, y, xy, gap = np.moveaxis(sums, -1, 0)
    n = np.where(n >= 2, n, np.nan)
    product = xy / n
    covariance = product - x * y / n**2
    # Of rows that are all alike only rounding is left, of which no quotient must be made.
    covariance = np.where(np.abs(covariance) > 1e-12 * np.abs(product), covariance, 0.0)
    spread = gap / n + 2 * covariance
    return 2 * covariance / np.where(spread > 0, spread, np.nan)


def concordance(truth: np.ndarray, prediction: np.ndarray) -> float:
    """CCC of [N] and [N]; see `concordance_of_sums`.

    >>> concordance(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    1.0
    """
    return float(concordance_of_sums(concordance_terms(truth, prediction).sum(axis=0)))


def squared_error_terms(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """1 and (x - y)² of each row, [N, 2]; truth and prediction are [N]."""
    gap = np.asarray(truth, np.float64) - np.asarray(prediction, np.float64)
    return np.stack([np.ones(len(gap)), gap**2], axis=-1)


def rmse_of_sums(sums: np.ndarray) -> np.ndarray:
    """Root mean square error, of `squared_error_terms`.

    >>> float(rmse_of_sums(np.array([2.0, 0.5])))
    0.5
    """
    return np.sqrt(sums[..., 1] / np.maximum(sums[..., 0], 1))


def calibration_terms(truth: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> np.ndarray:
    """1, and in the bin of its confidence how much correct (0 or 1) exceeds it; [N, 1 + bins].

    Args:
        truth: class numbers [N]. probabilities: [N, K].
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == truth
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return np.column_stack(
        [np.ones(len(truth)), np.eye(bins)[bin_of] * (correct - confidence)[:, None]]
    )


def calibration_of_sums(sums: np.ndarray) -> np.ndarray:
    """Mean gap between confidence and accuracy over equal-width bins (Guo et al., 2017).

    ECE = Σ_b n_b / n |accuracy_b - confidence_b|, in which n_b cancels: Σ_b |Σ (correct - c)| / n.
    """
    return np.abs(sums[..., 1:]).sum(axis=-1) / np.maximum(sums[..., 0], 1)
