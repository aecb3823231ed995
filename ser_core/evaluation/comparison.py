"""Comparison of models on the same rows: differences with intervals, tests, Holm's correction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ser_core.evaluation.metrics import Interval, resamples

Statistic = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class Resampled:
    """A figure and what it is on each bootstrap resample.

    Attributes:
        value: on the rows themselves.
        draws: on the resamples, [draws]; NaN where it is not defined.
    """

    value: float
    draws: np.ndarray

    @property
    def interval(self) -> Interval:
        """With the 95 % percentile interval (Efron, 1979); NaN where no draw is defined."""
        known = self.draws[np.isfinite(self.draws)]
        low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
        return Interval(self.value, float(low), float(high))


@dataclass(frozen=True)
class Difference:
    """How much higher the figure of `a` is than that of `b`.

    Attributes:
        a, b: names of the two models.
        interval: of the difference, with its 95 % bootstrap interval.
        p: two-sided p-value of no difference.
        p_holm: p after Holm's correction over the family of pairs; p itself for a single pair.
    """

    a: str
    b: str
    interval: Interval
    p: float
    p_holm: float


def mean_of(statistics: Sequence[Statistic]) -> Statistic:
    """The mean of several statistics of the same rows, such as one of each seed of a model.

    >>> mean_of([lambda rows: 0.25, lambda rows: 0.75])(np.arange(3))
    0.5
    """
    return lambda rows: float(np.mean([statistic(rows) for statistic in statistics]))


def resample(
    statistics: Mapping[str, Statistic],
    size: int,
    groups: np.ndarray | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, Resampled]:
    """Every statistic on the rows and on the same resamples, so that they compare in pairs.

    Args:
        statistics: by name of the model; rows [M] (with repeats) -> figure.
        size, groups, draws, seed: see `metrics.resamples`.
    """
    values: dict[str, list[float]] = {name: [] for name in statistics}
    for rows in resamples(size, groups, draws, seed):
        for name, statistic in statistics.items():
            values[name].append(statistic(rows))
    everything = np.arange(size)
    return {
        name: Resampled(statistic(everything), np.array(values[name]))
        for name, statistic in statistics.items()
    }


def two_sided_p(differences: np.ndarray) -> float:
    """Bootstrap p-value of a difference of 0, from the differences on the resamples.

    2 min(#(d <= 0) + 1, #(d >= 0) + 1) / (draws + 1), at most 1: the smallest level whose
    percentile interval leaves 0 out (Efron and Tibshirani, 1993), with one added to both counts so
    that it is never 0 (Davison and Hinkley, 1997). NaN where no draw is defined.

    >>> two_sided_p(np.ones(999))
    0.002
    """
    known = differences[np.isfinite(differences)]
    if not len(known):
        return float("nan")
    smaller = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (smaller + 1) / (len(known) + 1))


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) step-down correction: p-values that hold for the whole family.

    The k-th smallest of m is multiplied by m - k + 1; none becomes smaller than one before it.
    NaN stays NaN and does not count.

    Args:
        p: p-values [M].

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    corrected = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return corrected


def compare(resampled: Mapping[str, Resampled]) -> list[Difference]:
    """Every pair of models that were resampled together, Holm's correction over all of them."""
    pairs = list(combinations(resampled, 2))
    found = [
        Resampled(resampled[a].value - resampled[b].value, resampled[a].draws - resampled[b].draws)
        for a, b in pairs
    ]
    p = np.array([two_sided_p(difference.draws) for difference in found])
    return [
        Difference(a, b, difference.interval, float(one), float(corrected))
        for (a, b), difference, one, corrected in zip(pairs, found, p, holm(p), strict=True)
    ]


def paired_bootstrap(
    statistic_a: Statistic,
    statistic_b: Statistic,
    size: int,
    groups: np.ndarray | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Difference:
    """Difference of one metric between two models on the same rows.

    Args:
        statistic_a, statistic_b: rows [M] (with repeats) -> figure; `mean_of` makes one of
            several seeds.
        size, groups, draws, seed: see `metrics.resamples`.

    >>> truth, good, bad = np.array([0, 1] * 50), np.array([0, 1] * 50), np.array([0] * 100)
    >>> difference = paired_bootstrap(
    ...     lambda rows: np.mean(truth[rows] == good[rows]),
    ...     lambda rows: np.mean(truth[rows] == bad[rows]),
    ...     size=100,
    ... )
    >>> print(f"{difference.interval.value:.3f}, p = {difference.p:.4f}")
    0.500, p = 0.0020
    """
    return compare(resample({"a": statistic_a, "b": statistic_b}, size, groups, draws, seed))[0]
