"""Predictions of cells -> metrics with intervals, and paired tests between models."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.corpora.pairing import Pairs, one_hot
from ser_core.evaluation.comparison import compare, resample
from ser_core.evaluation.measures import Measure, mean_of, measures
from ser_core.experiments.cells import Cell
from ser_core.experiments.scoring import scores_of
from ser_core.labels import DIMENSIONS
from ser_core.training.split_data import NO_TEXT

SPEAKERS, UTTERANCES = "speakers", "utterances"
RESULTS = ("set", "metric", "model", "value", "low", "high", "sd", "seeds", "n", "speakers")
COMPARISONS = ("set", "metric", "a", "b", "difference", "low", "high", "p", "p_holm")
NOT_COMPARED = ("ECE",)  # lower is better, and it is no figure of what a model knows


@dataclass(frozen=True)
class Tables:
    """Long tables.

    Attributes:
        results: columns `RESULTS`. comparisons: columns `COMPARISONS`.
        folds: names of the folds that are in them.
    """

    results: pd.DataFrame
    comparisons: pd.DataFrame
    folds: list[str]


def countable(done: set[tuple[str, int, str]]) -> tuple[list[str], dict[str, list[int]]]:
    """Folds and seeds by model that make one table of the same utterances for every model.

    A fold counts when every model that has any result has one in it; a seed of a model when it is
    done in all of these folds.

    Args:
        done: model, seed, fold.
    """
    models = {model for model, _, _ in done}
    folds = sorted(
        fold
        for fold in {fold for _, _, fold in done}
        if {model for model, _, of in done if of == fold} == models
    )
    seeds = sorted({seed for _, seed, _ in done})
    complete = {
        model: [s for s in seeds if folds and all((model, s, f) in done for f in folds)]
        for model in models
    }
    return folds, {model: found for model, found in complete.items() if found}


def tabulate(cells: list[Cell], bootstrap: str, draws: int) -> Tables:
    """Metrics and comparisons of the cells that are done."""
    done = {(c.recipe.name, c.recipe.seed, c.fold.name): c for c in cells}
    folds, seeds = countable(set(done))
    order = sorted(seeds, key=lambda name: (_order(done, name), name))
    runs = {
        name: [
            pd.concat([done[name, seed, fold].read_predictions() for fold in folds])
            for seed in seeds[name]
        ]
        for name in order
    }
    results: list[dict[str, object]] = []
    comparisons: list[dict[str, object]] = []
    sets = list(dict.fromkeys(name for run in runs.values() for name in run[0]["test_set"]))
    for test_set in sets:
        of_set = {
            name: [
                run[run["test_set"] == test_set].sort_values(["fold", "corpus", "id"])
                for run in of_model
            ]
            for name, of_model in runs.items()
        }
        rows, differences = _measure_set(of_set, bootstrap, draws)
        results += [{"set": test_set, **row} for row in rows]
        comparisons += [{"set": test_set, **row} for row in differences]
    return Tables(
        pd.DataFrame(results, columns=list(RESULTS)),
        pd.DataFrame(comparisons, columns=list(COMPARISONS)),
        folds,
    )


def _order(done: Mapping[tuple[str, int, str], Cell], name: str) -> int:
    return next(cell.recipe.order for (model, _, _), cell in done.items() if model == name)


def _measure(run: pd.DataFrame) -> dict[str, Measure]:
    size = len(run)
    none = pd.Series([""] * size)
    truth = (
        run[list(DIMENSIONS)].to_numpy(float)
        if DIMENSIONS[0] in run
        else np.full((size, 3), np.nan)
    )
    examples = Pairs(
        np.arange(size), np.full(size, NO_TEXT), one_hot(run.get("category", none)), truth
    )
    return measures(examples, scores_of(run))


def _measure_set(
    runs: Mapping[str, list[pd.DataFrame]], bootstrap: str, draws: int
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Results and comparisons of one test set; `runs` are a model's predictions by seed."""
    first = next(iter(runs.values()))[0]
    speakers = first["speaker"].to_numpy(dtype=str)
    units = np.where(
        (speakers == "") | (bootstrap == UTTERANCES), np.arange(len(first)).astype(str), speakers
    )
    _, units = np.unique(units, return_inverse=True)
    measured = {name: [_measure(run) for run in of_model] for name, of_model in runs.items()}
    results: list[dict[str, object]] = []
    comparisons: list[dict[str, object]] = []
    for metric, example in next(iter(measured.values()))[0].items():
        statistics = {
            name: mean_of([seed[metric].statistic for seed in seeds])
            for name, seeds in measured.items()
        }
        rows = example.groups  # row numbers: every clip is a group of its own here
        resampled = resample(statistics, units[rows], draws)
        for name, seeds in measured.items():
            values = [seed[metric].statistic.value for seed in seeds]
            interval = resampled[name].interval
            results.append(
                {
                    "metric": metric,
                    "model": name,
                    "value": interval.value,
                    "low": interval.low,
                    "high": interval.high,
                    "sd": float(np.std(values, ddof=1)) if len(values) > 1 else np.nan,
                    "seeds": len(values),
                    "n": len(rows),
                    "speakers": len(set(speakers[rows]) - {""}),
                }
            )
        if metric in NOT_COMPARED:
            continue
        comparisons += [
            {
                "metric": metric,
                "a": found.a,
                "b": found.b,
                "difference": found.interval.value,
                "low": found.interval.low,
                "high": found.interval.high,
                "p": found.p,
                "p_holm": found.p_holm,
            }
            for found in compare(resampled)
        ]
    return results, comparisons
