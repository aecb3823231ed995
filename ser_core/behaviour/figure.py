"""A finding as a figure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ser_core.behaviour.finding import Finding
from ser_core.figures import Series, Verdicts, intervals, tested
from ser_core.figures.model_marks import model_marks
from ser_core.figures.style import Style
from ser_core.figures.verdicts import label

if TYPE_CHECKING:  # it imports torch
    from ser_core.models.checkpoint import Checkpoint


def figure(one: Finding, models: "Mapping[str, Checkpoint]") -> go.Figure | None:
    """Its values with intervals, limits and verdicts; None where there is no value at all."""
    table = one.table
    if not np.isfinite(table["value"].to_numpy(float)).any():
        return None
    cases = list(dict.fromkeys(table["case"]))
    titles, styles = marks_of([table], models)
    series, verdicts = [], []
    for name, title in titles.items():
        of = table[table["model"] == name].drop_duplicates("case").set_index("case").reindex(cases)
        numbers = (of[column].to_numpy(float) for column in ("value", "low", "high"))
        series.append(Series(title, styles[name], *numbers))
        if one.tested:
            passed = [None if pd.isna(given) else bool(given) for given in of["passed"]]
            verdicts.append(Verdicts(_limits(of), of["random"].to_numpy(float), passed))
    rows = [label(str(case)) for case in cases]
    if one.tested:
        return tested(rows, series, verdicts, one.measure)
    return intervals(rows, series, one.measure)


def marks_of(
    tables: Sequence[pd.DataFrame], models: "Mapping[str, Checkpoint]"
) -> tuple[dict[str, str], dict[str, Style]]:
    """Titles and marks of what some findings' tables are of, see `model_marks`."""
    names = list(dict.fromkeys(str(name) for table in tables for name in table["model"]))
    return model_marks(models, names, [name for name in names if name not in models])


def _limits(of: pd.DataFrame) -> np.ndarray:
    """Lower and upper limits, [R, 2]; from what is told where there are no columns of numbers."""
    if {"lower", "upper"} <= set(of):
        limits = of[["lower", "upper"]].to_numpy(float)
        return np.where(np.isfinite(limits), limits, np.nan)
    told = of["limit"].astype(str).str.extract(r"(-?\d*\.?\d+)", expand=False)
    one = pd.to_numeric(told, errors="coerce").to_numpy(float)
    return np.stack([one, np.full(len(one), np.nan)], axis=1)
