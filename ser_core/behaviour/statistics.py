"""Figures as sums over rows, all on the same resamples, and the table of a finding from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ser_core.behaviour.finding import COLUMNS
from ser_core.evaluation.comparison import Interval, Resampled, resample
from ser_core.evaluation.measured import groups
from ser_core.evaluation.measures import Statistic
from ser_core.evaluation.predictions import Predictions

DRAWS = 1000
LEAST_SPEAKERS = 5  # fewer are no sample of speakers


def mean_among(values: np.ndarray, among: np.ndarray | None = None) -> Statistic:
    """Mean of some rows; a share, of truth values.

    Args:
        values: [N]. among: bool [N], which rows count; default all.
    """
    counted = np.ones(len(values)) if among is None else np.asarray(among, np.float64)
    terms = np.stack([counted, np.where(counted > 0, values, 0.0)], axis=1)
    return Statistic(terms, _mean_of_sums)


def _mean_of_sums(sums: np.ndarray) -> np.ndarray:
    total = sums[..., 0]
    result: np.ndarray = sums[..., 1] / np.where(total > 0, total, np.nan)
    return result


def correlation(x: np.ndarray, y: np.ndarray) -> Statistic:
    """Pearson's correlation coefficient of [N] and [N]; NaN where one of them is constant."""
    x, y = (np.asarray(of, np.float64) - np.mean(of) for of in (x, y))
    return Statistic(np.stack([np.ones(len(x)), x, y, x * y, x * x, y * y], axis=1), _correlation)


def _correlation(sums: np.ndarray) -> np.ndarray:
    n, x, y, xy, xx, yy = np.moveaxis(sums, -1, 0)
    n = np.where(n >= 2, n, np.nan)
    covariance = xy / n - x * y / n**2
    spreads = (xx / n - (x / n) ** 2) * (yy / n - (y / n) ** 2)
    result: np.ndarray = covariance / np.sqrt(np.where(spreads > 1e-18, spreads, np.nan))
    return np.clip(result, -1.0, 1.0)


def within(statistic: Statistic, among: np.ndarray) -> Statistic:
    """The same figure of some of the rows, bool [N]; NaN on resamples that hold none of them."""

    def figure(sums: np.ndarray) -> np.ndarray:
        empty = (sums == 0).all(axis=-1)
        return np.where(empty, np.nan, statistic.figure(np.where(empty[..., None], 1.0, sums)))

    return Statistic(statistic.terms * among[:, None], figure)


@dataclass(frozen=True)
class Entry:
    """One row of a finding's table, before it is resampled.

    Attributes:
        model, case: as in a finding's table.
        statistic: its value, as a figure of sums over the rows of all entries.
        n: examples that it rests on.
        more: further columns.
    """

    model: str
    case: str
    statistic: Statistic
    n: int
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """Entries with their intervals.

    Attributes:
        table: as in a finding.
        figures: value and draws by model and case; draws are paired over all of them.
    """

    table: pd.DataFrame
    figures: Mapping[tuple[str, str], Resampled]

    def interval(self, model: str, case: str) -> Interval:
        """One row's value and interval."""
        return self.figures[model, case].interval

    def difference(self, one: tuple[str, str], other: tuple[str, str]) -> Interval:
        """How much higher one figure is than another, by the same resamples."""
        a, b = self.figures[one], self.figures[other]
        return Resampled(a.value - b.value, a.draws - b.draws).interval


def measure(
    entries: Iterable[Entry], drawn: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> Measured:
    """Every entry with its 95 % bootstrap interval; NaN where there is but one thing to draw.

    Args:
        drawn: number of what is drawn as a whole, of each row [N].
        draws: resamples. seed: of them.
    """
    kept = [entry for entry in entries if entry.n]
    if not kept:
        return Measured(pd.DataFrame(columns=list(COLUMNS)), {})
    found = resample({str(k): one.statistic for k, one in enumerate(kept)}, drawn, draws, seed)
    figures: dict[tuple[str, str], Resampled] = {}
    rows = []
    for k, one in enumerate(kept):
        figure = found[str(k)]
        if len(np.unique(drawn[(one.statistic.terms != 0).any(axis=1)])) < 2:
            figure = Resampled(figure.value, np.full(draws, np.nan))
        figures[one.model, one.case] = figure
        interval = figure.interval
        values = (one.model, one.case, interval.value, interval.low, interval.high, one.n)
        rows.append({**dict(zip(COLUMNS, values, strict=True)), **one.more})
    return Measured(pd.DataFrame(rows), figures)


def usable_unit(part: Predictions, unit: str) -> str:
    """`utterances` where `speakers` are asked for, but fewer than `LEAST_SPEAKERS` are named."""
    speakers = part.rows["speaker"]
    known = bool((speakers != "").all()) and speakers.nunique() >= LEAST_SPEAKERS
    return unit if known else "utterances"


def drawn_units(part: Predictions, unit: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """What a bootstrap draws, of each row [N], and a note that says what it is.

    Args:
        unit: `speakers`, which become clips where fewer than `LEAST_SPEAKERS` are known, or
            `utterances`.
    """
    usable = usable_unit(part, unit)
    by_speaker = usable == "speakers"
    drawn = groups(part, usable)
    count = len(np.unique(drawn))
    if count == 1:
        return drawn, ("There is one example only, so that no interval can be told.",)
    clips = "clips" if part.rows["clip"].nunique() > 1 else "texts"  # see `groups`
    what = "speakers" if by_speaker else clips
    few = unit == "speakers" and not by_speaker
    why = f"; fewer than {LEAST_SPEAKERS} speakers are named" if few else ""
    return drawn, (f"Intervals are over {count} {what}{why}.",)


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def told(interval: Interval, percent: bool = False, sign: bool = False) -> str:
    """A figure with its interval, within a sentence.

    Args:
        percent: of a share. sign: of a difference, with its + or -.

    >>> told(Interval(0.5, 0.4, 0.6)), told(Interval(0.5, 0.4, 0.6), percent=True)
    ('0.50 [0.40, 0.60]', '50 % [40, 60]')
    """
    factor, form = (100, "{:.0f}") if percent else (1, "{:+.2f}" if sign else "{:.2f}")
    value, low, high = (
        form.format(factor * of) for of in (interval.value, interval.low, interval.high)
    )
    unit = " %" if percent else ""
    return f"{value}{unit}" if np.isnan(interval.low) else f"{value}{unit} [{low}, {high}]"


def span_of(measured: Measured, model: str, cases: Sequence[str]) -> str:
    """Between which cases a model's figure lies, and by how much they differ."""
    known = [case for case in cases if np.isfinite(measured.figures[model, case].value)]
    if not known:
        return f"{model} has no figure"
    order = sorted(known, key=lambda case: measured.figures[model, case].value)
    low, high = order[0], order[-1]
    if measured.figures[model, high].value - measured.figures[model, low].value < 1e-6:
        return f"{model} is {measured.figures[model, low].value:.2f} with all"
    return (
        f"{model} lies from {measured.figures[model, low].value:.2f} with {low} to "
        f"{measured.figures[model, high].value:.2f} with {high} (difference "
        f"{told(measured.difference((model, high), (model, low)))})"
    )
