"""Which stages matter over many clips, by what the clips and words are."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from ser_core.evaluation.comparison import DRAWS, resample
from ser_core.evaluation.measures import Statistic
from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.stages import StageFunction, integrate_stages, leave_out_stages

ALL = "all"


def stage_table(
    cases: Sequence[Case],
    labels: Sequence[Mapping[str, str]],
    steps: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """One row a case and stage: what its conditioning adds to the case's output.

    Args:
        cases: of fusion models, with words; each with the output that it is asked for.
        labels: of each case, such as the `category` of its voice and whether its words are
            `congruent` with it; they become columns.
        steps: of the integrated gradients.
        progress: see `Progress`.

    Returns:
        model, output, clip (its digest), the labels, stage, share (integrated gradients), left_out.

    Raises:
        SerError: a model without stages, or no words.
    """
    counter = Steps(progress, len(cases))
    rows: list[dict[str, object]] = []
    for case, own in zip(cases, labels, strict=True):
        function = StageFunction(case)
        shares, _ = integrate_stages(function, steps)
        left_out = leave_out_stages(function)
        about = {
            "model": case.checkpoint.name,
            "output": case.choice.name,
            "clip": case.clip.digest,
            **own,
        }
        rows += [
            {**about, "stage": name, "share": shares[name], "left_out": left_out[name]}
            for name in function.names
        ]
        counter.advance(1)
    return pd.DataFrame(rows)


def summarise_stages(
    table: pd.DataFrame,
    by: Sequence[str] = (),
    column: str = "share",
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Mean size of each stage's part, and its part of all stages', with 95 % bootstrap intervals.

    Sizes, not signed means: a stage that raises one clip and lowers another matters for both. Clips
    are drawn as wholes.

    Args:
        table: from `stage_table`; each model apart.
        by: columns to group by, one at a time; all rows are always a group.
        column: `share` or `left_out`.

    Returns:
        model, by, group, stage, clips, size, size_low, size_high, part, part_low, part_high.
    """
    found: list[dict[str, object]] = []
    for model, of_model in table.groupby("model", sort=False):
        groups = [(ALL, ALL, of_model)]
        for name in by:
            groups += [(name, str(value), rows) for value, rows in of_model.groupby(name)]
        for name, value, rows in groups:
            about = {"model": model, "by": name, "group": value}
            found += [{**about, **one} for one in _sizes(rows, column, draws, seed)]
    return pd.DataFrame(found)


def _sizes(rows: pd.DataFrame, column: str, draws: int, seed: int) -> list[dict[str, object]]:
    stages = list(dict.fromkeys(rows["stage"]))
    sizes = np.column_stack(
        [rows.loc[rows["stage"] == stage, column].abs().to_numpy() for stage in stages]
    )
    clips = rows.loc[rows["stage"] == stages[0], "clip"].to_numpy()
    terms = np.column_stack([sizes, np.ones(len(sizes))])
    statistics: dict[str, Statistic] = {}
    for number, stage in enumerate(stages):
        statistics[f"size {stage}"] = Statistic(terms, partial(_size, number))
        statistics[f"part {stage}"] = Statistic(terms, partial(_part, number))
    drawn = resample(statistics, clips, draws, seed)
    found = []
    for stage in stages:
        row: dict[str, object] = {"stage": stage, "clips": len(np.unique(clips))}
        for kind in ("size", "part"):
            interval = drawn[f"{kind} {stage}"].interval
            row |= {
                kind: interval.value,
                f"{kind}_low": interval.low,
                f"{kind}_high": interval.high,
            }
        found.append(row)
    return found


def _size(number: int, sums: np.ndarray) -> np.ndarray:
    return np.asarray(sums[..., number] / sums[..., -1])


def _part(number: int, sums: np.ndarray) -> np.ndarray:
    return np.asarray(sums[..., number] / np.maximum(sums[..., :-1].sum(axis=-1), 1e-12))
