"""What is measured of predictions on a set: each metric as a figure of sums over its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import (
    calibration_of_sums,
    calibration_terms,
    concordance_of_sums,
    concordance_terms,
    confusion_terms,
    f1_of_sums,
    recall_of_sums,
)

MEAN_CCC = "mean CCC"
METRICS = {
    "UAR": "unweighted average recall of the four categories",
    "macro-F1": "mean F1 of the four categories",
    "ECE": "expected calibration error, 15 bins",
    **{f"CCC {name}": f"concordance of {name}" for name in DIMENSIONS},
    MEAN_CCC: "mean concordance of the three dimensions",
}


@dataclass(frozen=True)
class Statistic:
    """A figure of sums over rows.

    Attributes:
        terms: what each row adds, [N, K].
        figure: sums [..., K] -> figures [...].
    """

    terms: np.ndarray
    figure: Callable[[np.ndarray], np.ndarray]

    @property
    def value(self) -> float:
        """The figure of all rows."""
        return float(self.figure(self.terms.sum(axis=0)))


@dataclass(frozen=True)
class Measure:
    """A metric of one model on one set.

    Attributes:
        statistic: of the labelled rows.
        groups: of each labelled row; drawn as wholes in a bootstrap. Its length is their number.
    """

    statistic: Statistic
    groups: np.ndarray


def mean_of(statistics: Sequence[Statistic]) -> Statistic:
    """The mean of several statistics of the same rows, such as one of each seed of a model."""
    ends = np.cumsum([statistic.terms.shape[1] for statistic in statistics])

    def figure(sums: np.ndarray) -> np.ndarray:
        parts = np.split(sums, ends[:-1], axis=-1)
        figures = [one.figure(part) for one, part in zip(statistics, parts, strict=True)]
        return np.asarray(np.mean(figures, axis=0))

    return Statistic(np.hstack([statistic.terms for statistic in statistics]), figure)


def measures(examples: Pairs, scores: Scores) -> dict[str, Measure]:
    """The metrics that labels and heads allow.

    A clip that occurs in several pairs is one group. Soft labels count as their most probable
    category. The rows of a metric depend on the examples alone, so that models compare in pairs.
    Scores that are no numbers, as of a training that diverged, make a metric NaN.
    """
    found: dict[str, Measure] = {}
    groups = examples.clips if len(np.unique(examples.clips)) > 1 else examples.texts
    known = np.flatnonzero(examples.categories.sum(axis=1) > 0)
    if len(known) and scores.probabilities.shape[1]:
        truth = examples.categories[known].argmax(axis=1)
        probabilities = scores.probabilities[known]
        for name, statistic in _of_categories(truth, probabilities).items():
            found[name] = Measure(statistic, groups[known])
    if not scores.dimensions.shape[1]:
        return found
    concordances = []
    for k, name in enumerate(DIMENSIONS):
        known = np.flatnonzero(np.isfinite(examples.dimensions[:, k]))
        if len(known) > 1:
            terms = concordance_terms(examples.dimensions[known, k], scores.dimensions[known, k])
            found[f"CCC {name}"] = Measure(Statistic(terms, concordance_of_sums), groups[known])
            concordances.append(found[f"CCC {name}"])
    sizes = {len(measure.groups) for measure in concordances}
    if len(concordances) == len(DIMENSIONS) and len(sizes) == 1:
        together = mean_of([measure.statistic for measure in concordances])
        found[MEAN_CCC] = Measure(together, concordances[0].groups)
    return found


def _of_categories(truth: np.ndarray, probabilities: np.ndarray) -> dict[str, Statistic]:
    if not np.isfinite(probabilities).all():  # whose largest would be the first category
        never = Statistic(np.ones((len(truth), 1)), lambda sums: np.full(sums.shape[:-1], np.nan))
        return dict.fromkeys(("UAR", "macro-F1", "ECE"), never)
    counted = confusion_terms(truth, probabilities.argmax(axis=1), len(CATEGORIES))
    return {
        "UAR": Statistic(counted, recall_of_sums),
        "macro-F1": Statistic(counted, f1_of_sums),
        "ECE": Statistic(calibration_terms(truth, probabilities), calibration_of_sums),
    }
