"""Do answers stay when the sound is disturbed?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ser_core.behaviour.battery.case import CATEGORY, UAR, Case, concordance
from ser_core.behaviour.battery.clips import Heard, Progress, answers
from ser_core.behaviour.battery.disturbances import ROBUSTNESS, Robustness
from ser_core.behaviour.battery.simulation import dealings
from ser_core.behaviour.battery.table import DRAWS, Row, as_table, row, shows
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.statistics import drawn_units
from ser_core.corpora.pairing import Pairs
from ser_core.errors import SerError
from ser_core.evaluation.comparison import resample
from ser_core.evaluation.measures import Statistic
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions
from ser_core.labels import DIMENSIONS

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

SAME = 0.05  # a dimension that moves less is unchanged
GUESSES = 100  # random models whose mean is shown
_UNCHANGED = (
    "Answers that stay can be wrong, and a model that always says the same stays best of all."
)
_CHANGE = "So few clips show a large loss only; see the interval."


@dataclass(frozen=True)
class Pair:
    """Scores of the same clips before and after."""

    before: Scores
    after: Scores

    def take(self, rows: np.ndarray) -> "Pair":
        """Some of the clips."""
        return Pair(
            *(Scores(s.probabilities[rows], s.dimensions[rows]) for s in (self.before, self.after))
        )


def robustness(
    analyzer: "Analyzer",
    heard: Heard,
    models: Sequence[str] | None = None,
    *,
    unit: str = "speakers",
    draws: int = DRAWS,
    tests: Sequence[Robustness] = ROBUSTNESS,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Findings of every test of robustness, for the models that hear.

    Args:
        models: names; default all.
        unit: what a bootstrap draws, see `statistics.drawn_units`. draws: how often.
        progress: is told the share that is done, between clips.

    Raises:
        SerError: no model hears the voice.
    """
    chosen = [n for n in models or analyzer.models if analyzer.models[n].uses_voice]
    if not chosen:
        raise SerError("No model hears the voice, so that no disturbance of it can be tested.")
    passes = 1 + sum(len(test.disturbances) for test in tests)
    done = 0

    def report(share: float) -> None:
        if progress is not None:
            progress((done + share) / passes)

    clean = answers(analyzer, heard, chosen, progress=report)
    part = Predictions(heard.rows, clean)
    for test in tests:
        found: dict[str, Mapping[str, Scores]] = {}
        for disturbance in test.disturbances:
            done += 1
            found[disturbance.name] = answers(analyzer, heard, chosen, disturbance, report)
        yield from _findings(test, part, found, heard.notes, unit, draws)


def _findings(
    test: Robustness,
    part: Predictions,
    found: Mapping[str, Mapping[str, Scores]],
    notes: Sequence[str],
    unit: str,
    draws: int,
) -> Iterator[Finding]:
    stays: list[Row] = []
    changes: list[Row] = []
    for name, disturbed in found.items():
        for model, after in disturbed.items():
            pair = Pair(part.scores[model], after)
            stays += _unchanged(part, model, name, pair, test.unchanged, unit, draws)
            if np.isfinite(test.uar):
                changes += _changes(part, model, name, pair, test, unit, draws)
    where = f"Measured on {len(part)} clips of {part.rows['set'].iloc[0]}, with their own words."
    over = drawn_units(part, unit)[1]
    said = (where, *over, *test.left_out, "Models that do not hear are left out.", *notes)
    for key, question, rows, measure, not_shown in (
        ("unchanged", test.question, stays, "share of clips with the same answer", _UNCHANGED),
        (
            "change",
            test.question.replace("Do answers stay", "Do answers stay right"),
            changes,
            "UAR or CCC after less before",
            _CHANGE,
        ),
    ):
        if rows:
            table = as_table(rows)
            yield Finding(
                f"battery_{test.key}_{key}",
                "battery",
                question,
                shows(table),
                not_shown,
                measure,
                table,
                said,
            )


def _unchanged(
    part: Predictions,
    model: str,
    name: str,
    pair: Pair,
    least: float,
    unit: str,
    draws: int,
) -> Iterator[Row]:
    """Share of clips with the same class; and of those where each dimension stays, the least."""
    for case, head, columns in (
        ("class", pair.after.probabilities, ("",)),
        ("dimensions", pair.after.dimensions, DIMENSIONS),
    ):
        rows = np.flatnonzero(np.isfinite(head).all(axis=1))
        if not head.shape[1] or not len(rows):
            continue
        kept, of = part.take(rows), pair.take(rows)
        same = _same(of.before, of.after, case)
        worst = int(same.mean(axis=0).argmin())
        statistic = Statistic(
            np.column_stack([np.ones(len(same)), same[:, worst]]), lambda s: s[..., 1] / s[..., 0]
        )
        interval = resample({"": statistic}, drawn_units(kept, unit)[0], draws)[""].interval
        guessed = [
            _same(of.before, _dealt(of.after, order), case)[:, worst].mean()
            for order in dealings(np.arange(len(same)), GUESSES)
        ]
        yield row(
            model,
            f"{name}: {case}",
            (interval.value, interval.low, interval.high),
            len(same),
            (least, np.inf),
            float(np.mean(guessed)),
            columns[worst],
        )


def _same(before: Scores, after: Scores, what: str) -> np.ndarray:
    """Which clips have the same class [N, 1], or nearly the same dimensions [N, 3]."""
    if what == "class":
        decided = (of.probabilities.argmax(axis=1) for of in (before, after))
        return np.equal(*decided)[:, None]
    return np.abs(before.dimensions - after.dimensions) < SAME


def _dealt(of: Scores, order: np.ndarray) -> Scores:
    return Scores(of.probabilities[order], of.dimensions[order])


def _changes(
    part: Predictions,
    model: str,
    name: str,
    pair: Pair,
    test: Robustness,
    unit: str,
    draws: int,
) -> Iterator[Row]:
    """Change of UAR; and of the CCC of the dimension that loses most."""
    cases = {"UAR": [UAR], "CCC": [concordance(dimension) for dimension in DIMENSIONS]}
    for figure, of_figure in cases.items():
        told = [
            one for case in of_figure if (one := _change(part, case, pair, unit, draws)) is not None
        ]
        if not told:
            continue
        interval, n, random, head = min(told, key=lambda one: one[0][0])
        least = test.uar if figure == "UAR" else test.ccc
        place = "" if head == CATEGORY else head
        yield row(model, f"{name}: {figure}", interval, n, (least, np.inf), random, place)


def _change(
    part: Predictions, case: Case, pair: Pair, unit: str, draws: int
) -> tuple[tuple[float, float, float], int, float, str] | None:
    """Interval of the change, number of clips, the same of a random model, and the head."""
    answered = case.rows(part.examples, pair.before) & case.rows(part.examples, pair.after)
    rows = np.flatnonzero(answered)
    kept, of = part.take(rows), pair.take(rows)
    if len(rows) < 2:
        return None
    before, after = (case.terms(kept.examples, one) for one in (of.before, of.after))
    size = before.shape[1]

    def figure(sums: np.ndarray) -> np.ndarray:
        change: np.ndarray = case.figure(sums[..., size:]) - case.figure(sums[..., :size])
        return change[..., 0]

    statistic = Statistic(np.hstack([before, after]), figure)
    found = resample({"": statistic}, drawn_units(kept, unit)[0], draws)[""].interval
    if not np.isfinite(found.value):
        return None
    examples: Pairs = kept.examples
    guesses = [
        float(figure(np.r_[before.sum(0), case.terms(examples, _dealt(of.after, order)).sum(0)]))
        for order in dealings(np.arange(len(rows)), GUESSES)
    ]
    return (found.value, found.low, found.high), len(rows), float(np.nanmean(guesses)), case.head
