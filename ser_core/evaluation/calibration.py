"""How far a model's confidence is what it should be: the reliability diagram."""

from dataclasses import dataclass

import numpy as np

BINS = 15  # as in ECE, see `ser_core.metrics.calibration_terms`
_Z = 1.959963984540054  # of a two-sided 95 % interval


@dataclass(frozen=True)
class Bin:
    """Rows whose confidence lies in one range.

    Attributes:
        low, high: of the confidence, in [0, 1].
        rows: their numbers, int [M], M > 0.
        confidence: their mean.
        accuracy: share of them that is right.
        interval: 95 %, of the accuracy (Wilson, 1927); of single rows, whoever speaks.
    """

    low: float
    high: float
    rows: np.ndarray
    confidence: float
    accuracy: float
    interval: tuple[float, float]


def reliability(truth: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> list[Bin]:
    """The bins that hold any rows; their weighted gaps add up to the ECE (Guo et al., 2017).

    Args:
        truth: class numbers [N]; rows with -1 do not count.
        probabilities: [N, K].
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bin_of = np.where(truth >= 0, np.minimum((confidence * bins).astype(int), bins - 1), -1)
    found = []
    for number in np.unique(bin_of[bin_of >= 0]):
        rows = np.flatnonzero(bin_of == number)
        accuracy = float(right[rows].mean())
        found.append(
            Bin(
                number / bins,
                (number + 1) / bins,
                rows,
                float(confidence[rows].mean()),
                accuracy,
                wilson(int(right[rows].sum()), len(rows)),
            )
        )
    return found


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share.

    >>> [round(limit, 3) for limit in wilson(5, 10)]
    [0.237, 0.763]
    """
    share, squared = hits / n, _Z**2
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = _Z / (1 + squared / n) * np.sqrt(share * (1 - share) / n + squared / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
