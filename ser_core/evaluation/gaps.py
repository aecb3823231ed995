"""The largest gap between groups, beside the gaps of models that know nothing of the groups."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.comparison import Interval, Resampled
from ser_core.evaluation.measured import statistic
from ser_core.evaluation.predict import Scores


@dataclass(frozen=True)
class Gap:
    """The largest difference between two groups.

    Attributes:
        high, low: the groups with the highest and the lowest figure.
        interval: of the difference between these two, 95 %.
        random: 95 % of random models of the same group sizes have a smaller gap.
        random_max: the largest gap of all random models that were drawn.
        shuffled: 95 % of shufflings of the groups' names give a smaller gap.
        p: share of shufflings with a gap as large as this, at least 1 / (draws + 1).
        by_speaker: whether whole speakers were shuffled, and not single rows.
    """

    high: str
    low: str
    interval: Interval
    random: float
    random_max: float
    shuffled: float
    p: float
    by_speaker: bool

    @property
    def beyond_random(self) -> bool:
        """Larger than that of every random model: what a fairness test calls a failure."""
        return self.interval.value > self.random_max


@dataclass(frozen=True)
class Groups:
    """Labelled rows, and the group of each.

    Attributes:
        names: of the groups that count.
        codes: number of each row's group, -1 for one that does not count, int [N].
        speakers: of each row, "" where nobody is named, [N].
        examples: the rows' labels.
    """

    names: Sequence[str]
    codes: np.ndarray
    speakers: np.ndarray
    examples: Pairs

    @property
    def by_speaker(self) -> bool:
        """Whether each speaker is of one group only, and there are more speakers than groups."""
        if (self.speakers == "").any():
            return False
        known, place = np.unique(self.speakers, return_inverse=True)
        of_speaker = self._of_speakers()
        alike = bool((of_speaker[place] == self.codes).all())
        return alike and len(known) > len(self.names)

    def _of_speakers(self) -> np.ndarray:
        """Group of each speaker, by that of the first row; speakers in sorted order."""
        _, first = np.unique(self.speakers, return_index=True)
        result: np.ndarray = self.codes[first]
        return result

    def shuffled(self, generator: np.random.Generator, by_speaker: bool) -> "Groups":
        """The groups' names dealt out anew, over speakers or over rows."""
        if not by_speaker:
            return replace(self, codes=generator.permutation(self.codes))
        _, place = np.unique(self.speakers, return_inverse=True)
        return replace(self, codes=generator.permutation(self._of_speakers())[place])


def measure_gap(
    resampled: Sequence[Resampled],
    groups: Groups,
    scores: Scores,
    figure: str,
    draws: int,
    seed: int = 0,
) -> Gap | None:
    """The largest gap of one model; None with fewer than two figures.

    A random model gives each row the predictions that this one gives another row, drawn at random:
    it knows nothing, but decides for each category as often, and its groups are as large.
    Shuffling keeps each row's prediction, and deals out the groups' names.

    Args:
        resampled: of each group, in the order of `groups.names`.
        scores: of the rows of `groups`.
        figure: one of `measured.FIGURES`.
        draws: of random models, and of shufflings.
    """
    values = np.array([of.value for of in resampled])
    if np.isfinite(values).sum() < 2:
        return None
    high, low = int(np.nanargmax(values)), int(np.nanargmin(values))
    one, other = resampled[high], resampled[low]
    size = len(groups.names)
    generator = np.random.default_rng(seed)
    own = statistic(groups.examples, scores, figure)
    random = np.empty(draws)
    for draw in range(draws):
        dealt = generator.permutation(len(groups.codes))
        guess = Scores(scores.probabilities[dealt], scores.dimensions[dealt])
        terms = statistic(groups.examples, guess, figure).terms
        random[draw] = spread(own.figure(sums_by(terms, groups.codes, size)))
    by_speaker = groups.by_speaker
    shuffled = np.empty(draws)
    for draw in range(draws):
        codes = groups.shuffled(generator, by_speaker).codes
        shuffled[draw] = spread(own.figure(sums_by(own.terms, codes, size)))
    value = one.value - other.value
    return Gap(
        groups.names[high],
        groups.names[low],
        Resampled(value, one.draws - other.draws).interval,
        float(np.quantile(random, 0.95)),
        float(random.max()),
        float(np.quantile(shuffled, 0.95)),
        float((np.sum(shuffled >= value - 1e-12) + 1) / (draws + 1)),
        by_speaker,
    )


def sums_by(terms: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    """Sums of the rows of each group, [size, K], of terms [N, K]; code -1 counts nowhere."""
    inside = codes >= 0
    return np.eye(size)[codes[inside]].T @ terms[inside]


def spread(figures: np.ndarray) -> float:
    """Highest less lowest."""
    return float(np.nanmax(figures) - np.nanmin(figures))
