"""What is measured of predictions on a set: each metric as a statistic of row numbers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.comparison import Statistic
from ser_core.evaluation.metrics import (
    concordance,
    confusion,
    expected_calibration_error,
    macro_f1,
    unweighted_average_recall,
)
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS

MEAN_CCC = "mean CCC"
METRICS = {
    "UAR": "unweighted average recall of the four categories",
    "macro-F1": "mean F1 of the four categories",
    "ECE": "expected calibration error, 15 bins",
    **{f"CCC {name}": f"concordance of {name}" for name in DIMENSIONS},
    MEAN_CCC: "mean concordance of the three dimensions",
}


@dataclass(frozen=True)
class Measure:
    """A metric of one model on one set.

    Attributes:
        statistic: numbers of labelled rows (with repeats) -> figure.
        groups: of each labelled row; drawn as wholes in a bootstrap. Its length is their number.
    """

    statistic: Statistic
    groups: np.ndarray


def measures(examples: Pairs, scores: Scores) -> dict[str, Measure]:
    """The metrics that labels and heads allow.

    A clip that occurs in several pairs is one group. Soft labels count as their most probable
    category. The rows of a metric depend on the examples alone, so that models compare in pairs.
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
            statistic = _of_dimension(examples.dimensions[known, k], scores.dimensions[known, k])
            found[f"CCC {name}"] = Measure(statistic, groups[known])
            concordances.append(found[f"CCC {name}"])
    sizes = {len(measure.groups) for measure in concordances}
    if len(concordances) == len(DIMENSIONS) and len(sizes) == 1:
        statistics = [measure.statistic for measure in concordances]
        found[MEAN_CCC] = Measure(
            lambda rows: float(np.mean([statistic(rows) for statistic in statistics])),
            concordances[0].groups,
        )
    return found


def _of_categories(truth: np.ndarray, probabilities: np.ndarray) -> dict[str, Statistic]:
    decision = probabilities.argmax(axis=1)

    def of_counts(figure: Callable[[np.ndarray], float]) -> Statistic:
        return lambda rows: figure(confusion(truth[rows], decision[rows], len(CATEGORIES)))

    return {
        "UAR": of_counts(unweighted_average_recall),
        "macro-F1": of_counts(macro_f1),
        "ECE": lambda rows: expected_calibration_error(truth[rows], probabilities[rows]),
    }


def _of_dimension(truth: np.ndarray, prediction: np.ndarray) -> Statistic:
    return lambda rows: concordance(truth[rows], prediction[rows])
