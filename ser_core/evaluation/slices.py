"""Figures by the values of a column: an interval for each slice, and the largest gap.

found = slice_by(part, ["audio"], "sex", "UAR")
found["audio"].slices, found["audio"].gap
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ser_core.evaluation.comparison import Interval, Resampled, resample
from ser_core.evaluation.gaps import Gap, Groups, measure_gap
from ser_core.evaluation.measured import groups, labelled, statistic
from ser_core.evaluation.measures import Statistic
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import COLUMNS, Predictions
from ser_core.labels import DIMENSIONS

DRAWS = 1000
LEAST = 20  # rows of a slice that has a figure
MOST_VALUES = 60
SENSITIVE = ("race", "ethnic")  # parts of names of columns that only those see who ask for them
_QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
_FEW_NUMBERS = 12  # that are each a slice of their own
UNKNOWN = "not known"


@dataclass(frozen=True)
class Slice:
    """The rows with one value of the column.

    Attributes:
        value: of the column.
        rows: their numbers, int [M].
        n: how many of them are labelled.
        speakers: how many speak in these; 0 where nobody is named.
        interval: the figure with its 95 % interval (NaN where only one clip or speaker could be
            drawn); None where n is below the least.
    """

    value: str
    rows: np.ndarray
    n: int
    speakers: int
    interval: Interval | None = None


@dataclass(frozen=True)
class Sliced:
    """One model's slices, sorted by their values; no gap with fewer than two figures."""

    slices: list[Slice]
    gap: Gap | None


def columns(rows: pd.DataFrame, sensitive: bool = False) -> list[str]:
    """Columns that can be sliced by: some values, but not one for each row.

    Args:
        sensitive: also those of race and ethnicity, see `SENSITIVE`.
    """
    skipped = {"id", "set", "clip", "words", *DIMENSIONS}
    found = []
    for name in [*COLUMNS, *rows.columns.difference(list(COLUMNS), sort=False)]:
        hidden = not sensitive and any(word in str(name).lower() for word in SENSITIVE)
        if name in skipped or hidden:
            continue
        if 1 < values(rows, name).nunique() <= min(MOST_VALUES, max(2, len(rows) // 2)):
            found.append(str(name))
    return found


def values(rows: pd.DataFrame, column: str) -> pd.Series:
    """What each row is sliced by, as text: the column's value; of many numbers, their quarters."""
    written = rows[column].astype(str).where(rows[column].notna(), "")
    numbers = pd.to_numeric(written, errors="coerce")
    if (numbers.notna() | (written == "")).all() and numbers.nunique() > _FEW_NUMBERS:
        quarter = pd.qcut(numbers, 4, labels=False, duplicates="drop")
        names = {
            q: f"{_QUARTERS[int(str(q))]} ({of.min():g} to {of.max():g})"
            for q, of in numbers.groupby(quarter.astype("Int64"))
        }
        return quarter.map(names).fillna(UNKNOWN)
    return written.replace("", UNKNOWN)


def slice_by(
    part: Predictions,
    models: Sequence[str],
    column: str,
    figure: str,
    *,
    unit: str = "utterances",
    least: int = LEAST,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Sliced]:
    """One figure of several models by the values of a column.

    All slices and models share their resamples. Speakers by themselves are resampled by utterance.

    Args:
        part: the rows of one set.
        models: that can have the figure, see `measured.can_measure`.
        column: of `part.rows`. figure: one of `measured.FIGURES`.
        unit: what a bootstrap draws. least: labelled rows of a slice that has a figure.
        draws: of bootstraps, of random models, and of shufflings.
        progress: is told the share of the models that is done.
    """
    known = np.flatnonzero(labelled(part.examples, figure))
    examples = part.examples.rows(known)
    labels = values(part.rows, column).to_numpy(dtype=str)
    speakers = part.rows["speaker"].to_numpy(dtype=str)
    drawn = groups(part, "utterances" if column == "speaker" else unit)[known]
    slices = []
    for value in sorted(set(labels)):
        of = known[labels[known] == value]
        spoken = len(set(speakers[of]) - {""})
        slices.append(Slice(value, np.flatnonzero(labels == value), len(of), spoken))
    counted = [one.value for one in slices if one.n >= least]
    codes = np.array([counted.index(v) if v in counted else -1 for v in labels[known]], int)
    found: dict[str, Sliced] = {}
    for number, name in enumerate(models):
        if progress is not None:
            progress(number / len(models))
        of_model = part.scores[name]
        scores = Scores(of_model.probabilities[known], of_model.dimensions[known])
        resampled = _resample(
            statistic(examples, scores, figure), codes, drawn, counted, draws, seed
        )
        gap = None
        if len(counted) > 1:
            dealt = Groups(counted, codes, speakers[known], examples)
            gap = measure_gap(list(resampled.values()), dealt, scores, figure, draws, seed)
        found[name] = Sliced(
            [
                replace(one, interval=resampled[one.value].interval)
                if one.value in resampled
                else one
                for one in slices
            ],
            gap,
        )
    return found


def _resample(
    of: Statistic,
    codes: np.ndarray,
    drawn: np.ndarray,
    names: Sequence[str],
    draws: int,
    seed: int,
) -> dict[str, Resampled]:
    """Each group's figure, all on the same resamples."""

    def figure(sums: np.ndarray) -> np.ndarray:
        empty = np.abs(sums).sum(axis=-1, keepdims=True) == 0  # no row of it was drawn
        return np.where(empty[..., 0], np.nan, of.figure(np.where(empty, 1.0, sums)))

    inside = [codes == code for code in range(len(names))]
    masked = {
        name: Statistic(of.terms * mask[:, None], figure)
        for name, mask in zip(names, inside, strict=True)
    }
    if not masked:
        return {}
    found = resample(masked, drawn, draws, seed)
    for name, mask in zip(names, inside, strict=True):
        if len(np.unique(drawn[mask])) < 2:  # which every resample repeats, so that it has no doubt
            found[name] = Resampled(found[name].value, np.full(draws, np.nan))
    return found
