"""Each case of each model: its figure, its interval, and what random models get."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ser_core.behaviour.battery.case import Case, mean_of_known
from ser_core.behaviour.battery.simulation import farthest, random_models
from ser_core.behaviour.battery.table import LEAST, Asked, Row, row
from ser_core.behaviour.statistics import drawn_units
from ser_core.errors import SerError
from ser_core.evaluation.comparison import resample
from ser_core.evaluation.measures import Statistic
from ser_core.evaluation.predictions import Predictions

Figures = Callable[[np.ndarray], np.ndarray]  # of sums
RANDOM = 100  # random models whose mean stands beside a figure that is compared with a fixed limit


def figures(asked: Asked, cases: Sequence[Case], random: bool = True) -> Iterator[Row]:
    """Figures over all rows, against the limits of their cases.

    Args:
        cases: of one figure each.
        random: whether a random model can fail them; one that decides as often as the model always
            has its distribution.
    """
    for model in asked.models():
        for of_kind in alike(cases):
            rows = np.flatnonzero(of_kind[0].rows(asked.part.examples, asked.part.scores[model]))
            if len(rows):
                yield from _figures(asked, model, asked.part.take(rows), of_kind, random)


def _figures(
    asked: Asked, model: str, part: Predictions, cases: Sequence[Case], random: bool
) -> Iterator[Row]:
    scores = part.scores[model]
    statistics = {
        case.name: Statistic(case.terms(part.examples, scores), _first(case.figure))
        for case in cases
    }
    found = resample(statistics, drawn_units(part, asked.unit)[0], asked.draws)
    means = np.full(len(cases), np.nan)
    if random:
        together = np.zeros(len(part), int)
        draws = min(RANDOM, asked.draws)
        drawn = random_models(cases, part.examples, scores, together, 1, _only, draws)
        means = mean_of_known(drawn, axis=0)
    for case, mean in zip(cases, means, strict=True):
        of = found[case.name].interval
        n = case.count(part.examples)
        yield row(
            model, case.name, (of.value, of.low, of.high), n, (case.lower, case.upper), float(mean)
        )


def by_groups(
    asked: Asked, of_row: np.ndarray, cases: Sequence[Case], simulated: bool = True
) -> Iterator[Row]:
    """How far the farthest group, and figure of a case, is from the mean over the groups.

    Args:
        of_row: group of each row, text [N]; "" for none.
        cases: of one or more figures each.
        simulated: take as limit the largest distance of `asked.draws` random models of the same
            group sizes; else the case's own.

    Raises:
        SerError: fewer than two groups have enough rows for any figure.
    """
    told = False
    for model in asked.models():
        scores = asked.part.scores[model]
        for of_kind in alike(cases):
            rows = np.flatnonzero(of_kind[0].rows(asked.part.examples, scores) & (of_row != ""))
            names, counts = np.unique(of_row[rows], return_counts=True)
            names = names[counts >= LEAST]
            if len(names) < 2:
                continue
            told = True
            rows = rows[np.isin(of_row[rows], names)]
            codes = np.searchsorted(names, of_row[rows])
            yield from _compare(asked, model, rows, names, codes, of_kind, simulated)
    if not told:
        raise SerError(f"There are not two groups of {LEAST} labelled examples to compare.")


def _compare(
    asked: Asked,
    model: str,
    rows: np.ndarray,
    names: np.ndarray,
    codes: np.ndarray,
    cases: Sequence[Case],
    simulated: bool,
) -> Iterator[Row]:
    part = asked.part.take(rows)
    scores = part.scores[model]
    size = len(names)
    drawn = random_models(
        cases, part.examples, scores, codes, size, farthest, asked.draws if simulated else RANDOM
    )
    units = drawn_units(part, asked.unit)[0]
    if min(len(np.unique(units[codes == code])) for code in range(size)) < 2:
        units = drawn_units(part, "utterances")[0]  # a group of one speaker would have no doubt
    for number, case in enumerate(cases):
        terms = case.terms(part.examples, scores)
        inside = np.eye(size)[codes]
        masked = (inside[:, :, None] * terms[:, None, :]).reshape(len(terms), -1)
        distances = _distances(case, size)
        here = distances(masked.sum(axis=0))
        if not np.isfinite(here).any():
            continue
        group, k = np.unravel_index(np.nanargmax(np.abs(here)), here.shape)
        statistic = Statistic(masked, _at(distances, int(group), int(k)))
        found = resample({"": statistic}, units, asked.draws)[""].interval
        limits = (case.lower, case.upper)
        if simulated:
            most = float(np.nanmax(drawn[:, number]))
            limits = (-most, most)
        yield row(
            model,
            case.name,
            (found.value, found.low, found.high),
            int((codes == group).sum()),
            limits,
            float(mean_of_known(drawn[:, number])),
            ", ".join(filter(None, (str(names[group]), case.parts[k]))),
            case.upper,
        )


def _distances(case: Case, size: int) -> Figures:
    """Sums of all groups [..., G K] -> their figures less the mean over groups, [..., G, F]."""

    def distances(sums: np.ndarray) -> np.ndarray:
        found = case.figure(sums.reshape(*sums.shape[:-1], size, -1))
        return found - mean_of_known(found, axis=-2)[..., None, :]

    return distances


def alike(cases: Sequence[Case]) -> list[list[Case]]:
    """Cases that the same rows count in, in their order."""
    kinds: dict[tuple[str, str | None], list[Case]] = {}
    for case in cases:
        kinds.setdefault((case.head, case.labels), []).append(case)
    return list(kinds.values())


def _at(figures: Figures, group: int, k: int) -> Figures:
    return lambda sums: figures(sums)[..., group, k]


def _first(figures: Figures) -> Figures:
    return lambda sums: figures(sums)[..., 0]


def _only(found: np.ndarray) -> float:
    return float(found[0, 0])
