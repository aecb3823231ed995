"""The report of `ser evaluate`, and finer figures, of predictions that are already there."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.comparison import enough_draws
from ser_core.evaluation.measures import METRICS, Measure, Statistic, measures
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.report import RATERS, Report, Rows, measure_set
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import confusion_terms, rmse_of_sums, squared_error_terms

UNITS = ("utterances", "speakers")
RECALL, RMSE = "recall of ", "RMSE "
FIGURES = {
    **{name: said for name, said in METRICS.items() if name in ("UAR", "macro-F1", "ECE")},
    **{f"{RECALL}{name}": f"share of {name} clips that are called so" for name in CATEGORIES},
    **{f"CCC {name}": METRICS[f"CCC {name}"] for name in DIMENSIONS},
    **{f"{RMSE}{name}": f"root mean square error of {name}" for name in DIMENSIONS},
}


def evaluate_predictions(
    predictions: Predictions,
    draws: int | None = None,
    unit: str = "utterances",
    progress: Callable[[float], None] | None = None,
) -> Report:
    """The same figures as `report.evaluate` gives of the models that made the predictions.

    Args:
        predictions: of one or more sets.
        draws: resamples; see `report.evaluate`.
        unit: what a bootstrap draws, one of `UNITS`; rows without a speaker are drawn one by one.
        progress: is told the share of the sets that is done.
    """
    results: Rows = []
    comparisons: Rows = []
    asked = [name for name in predictions.scores if name != RATERS]
    draws = enough_draws(len(asked)) if draws is None else draws
    for number, name in enumerate(predictions.sets):
        if progress is not None:
            progress(number / len(predictions.sets))
        part = predictions.of_set(name)
        found = {model: of_model(part, model, unit) for model in part.scores}
        more = measure_set(name, found, {*predictions.references, RATERS}, draws)
        results += more[0]
        comparisons += more[1]
    return Report(pd.DataFrame(results), pd.DataFrame(comparisons))


def of_model(part: Predictions, model: str, unit: str = "utterances") -> dict[str, Measure]:
    """The metrics of one model on the rows of one set, as `measures` gives them."""
    examples = part.examples
    if unit == "speakers":
        drawn = groups(part, unit)
        examples = replace(examples, clips=drawn, texts=drawn)
    found = measures(examples, part.scores[model])
    if model == RATERS:  # shares that do not add up to 1 have no calibration
        found = {metric: found[metric] for metric in ("UAR", "macro-F1") if metric in found}
    return found


def drawn_unit(part: Predictions, unit: str) -> str:
    """What is drawn where `unit` is asked for: speakers only where all rows name theirs."""
    return unit if unit == "speakers" and (part.rows["speaker"] != "").all() else "utterances"


def groups(part: Predictions, unit: str) -> np.ndarray:
    """Number of what a bootstrap draws as a whole, of each row: its clip, or its speaker [N]."""
    if drawn_unit(part, unit) == "speakers":
        return pd.factorize(part.rows["speaker"])[0]
    clips = part.examples.clips
    return clips if len(np.unique(clips)) > 1 else part.examples.texts


def can_measure(part: Predictions, model: str, figure: str) -> bool:
    """Whether a model has the head, and the rows have the labels, of one of `FIGURES`."""
    of = part.scores[model]
    if model == RATERS and figure == "ECE":
        return False
    head = of.dimensions if _dimension(figure) else of.probabilities
    return bool(head.shape[1]) and bool(labelled(part.examples, figure).any())


def labelled(examples: Pairs, figure: str) -> np.ndarray:
    """Which rows count in one of `FIGURES`, bool [N]."""
    name = _dimension(figure)
    if name:
        return np.isfinite(examples.dimensions[:, DIMENSIONS.index(name)])
    known: np.ndarray = examples.categories.sum(axis=1) > 0
    return known


def statistic(examples: Pairs, scores: Scores, figure: str) -> Statistic:
    """One of `FIGURES` of rows that are all labelled.

    Args:
        examples, scores: of the same rows [N].
    """
    name = _dimension(figure)
    if name and figure.startswith(RMSE):
        k = DIMENSIONS.index(name)
        errors = squared_error_terms(examples.dimensions[:, k], scores.dimensions[:, k])
        return Statistic(errors, rmse_of_sums)
    if figure.startswith(RECALL):
        k = CATEGORIES.index(figure.removeprefix(RECALL))
        truth, decision = examples.categories.argmax(axis=1), scores.probabilities.argmax(axis=1)
        return Statistic(confusion_terms(truth, decision, len(CATEGORIES)), _recall(k))
    return measures(examples, scores)[figure].statistic


def _recall(k: int) -> Callable[[np.ndarray], np.ndarray]:
    def figure(sums: np.ndarray) -> np.ndarray:
        row = sums[..., k * len(CATEGORIES) : (k + 1) * len(CATEGORIES)]
        total = row.sum(axis=-1)
        return row[..., k] / np.where(total > 0, total, np.nan)

    return figure


def _dimension(figure: str) -> str:
    """The dimension that a figure is of; "" for one of the categories."""
    return next((name for name in DIMENSIONS if figure.endswith(name)), "")
