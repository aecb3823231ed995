"""Models on the same rows: bootstrap intervals, paired tests of differences, Holm's correction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from ser_core.evaluation.measures import Statistic

DRAWS = 10_000
CELLS = 8_000_000  # of counts at a time, 64 MB


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


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


def smallest_p(pairs: int, draws: int) -> float:
    """The smallest p that Holm's correction over so many pairs can leave.

    >>> round(smallest_p(66, 1000), 3)
    0.132
    """
    return min(1.0, 2 * pairs / (draws + 1))


def enough_draws(models: int) -> int:
    """`DRAWS`, or for many models 400 a pair, so that `smallest_p` is at most .005.

    >>> enough_draws(5), enough_draws(12)
    (10000, 26400)
    """
    return max(DRAWS, 400 * comb(models, 2))


def resampled_counts(size: int, draws: int, seed: int = 0) -> Iterator[np.ndarray]:
    """How often each of `size` groups is in each bootstrap resample, [draws, size] in parts."""
    generator = np.random.default_rng(seed)
    at_once = max(1, CELLS // size)
    for start in range(0, draws, at_once):
        counts = np.empty((min(at_once, draws - start), size))
        for row in counts:
            row[:] = np.bincount(generator.integers(0, size, size), minlength=size)
        yield counts


def resample(
    statistics: Mapping[str, Statistic], groups: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> dict[str, Resampled]:
    """Every statistic on the rows and on the same resamples, so that they compare in pairs.

    Args:
        statistics: by name of the model, all of the same N rows.
        groups: of each row, such as its speaker, [N]; whole groups are drawn, with replacement.
        draws: number of resamples.
        seed: the same seed gives the same resamples.

    A single group is all of every resample, which would show no doubt at all: its draws are NaN.

    Raises:
        ValueError: a statistic is of other rows.
    """
    if any(len(statistic.terms) != len(groups) for statistic in statistics.values()):
        raise ValueError(f"Statistics of other rows than these {len(groups)} cannot be compared.")
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    if len(starts) < 2:
        none = np.full(draws, np.nan)
        return {name: Resampled(of.value, none) for name, of in statistics.items()}
    sums = {name: np.add.reduceat(of.terms[order], starts) for name, of in statistics.items()}
    figures: dict[str, list[np.ndarray]] = {name: [] for name in statistics}
    for counts in resampled_counts(len(starts), draws, seed):
        for name, statistic in statistics.items():
            figures[name].append(statistic.figure(counts @ sums[name]))
    return {
        name: Resampled(statistic.value, np.concatenate(figures[name]))
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
    """Every pair of models that were resampled together, Holm's correction over all of them.

    >>> right = {"a": np.array([1, 1, 0, 1] * 50), "b": np.array([0, 1, 0, 0] * 50)}
    >>> accuracy = {
    ...     name: Statistic(np.stack([np.ones(200), of], axis=1), lambda s: s[..., 1] / s[..., 0])
    ...     for name, of in right.items()
    ... }
    >>> (difference,) = compare(resample(accuracy, groups=np.arange(200)))
    >>> print(f"{difference.interval.value:.3f}, p = {difference.p:.4f}")
    0.500, p = 0.0002
    """
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
