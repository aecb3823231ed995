"""Figures with their intervals: a row for each group, a mark for each model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import FAINT, RULE, Style, axis, base_layout

PITCH, GAP, HEAD = 17, 16, 74  # pixels: of a mark, between rows, of legend and axis
LEAST = 160  # with less Plotly gives the axis no room: its title is drawn over its numbers


@dataclass(frozen=True)
class Series:
    """One model's figures.

    Attributes:
        title: of the model. style: its mark.
        values, low, high: of each row, [R]; NaN where there is none.
    """

    title: str
    style: Style
    values: np.ndarray
    low: np.ndarray
    high: np.ndarray


def intervals(rows: Sequence[str], series: Sequence[Series], label: str) -> go.Figure:
    """Dots with 95 % intervals; a click on one gives [row, number of the series].

    Args:
        rows: names of the groups, the first on top.
        series: one a model, in display order.
        label: of the axis of values.
    """
    step = len(series) * PITCH + GAP
    height = max(HEAD + step * len(rows), LEAST)
    places = middles(len(rows), len(series))
    traces = []
    for number, of in enumerate(series):
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": of.title,
                "x": of.values,
                "y": places[:, number],
                "marker": {"symbol": of.style.symbol, "color": of.style.colour, "size": 11},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": np.nan_to_num(of.high - of.values),
                    "arrayminus": np.nan_to_num(of.values - of.low),
                    "color": of.style.colour,
                    "thickness": 2,
                    "width": 0,
                },
                "customdata": [[row, number] for row in range(len(rows))],
                "hovertemplate": [
                    f"{of.title}, {row.replace('<br>', ' ')}: %{{x:.3f}} {_said(low, high)}"
                    "<extra></extra>"
                    for row, low, high in zip(rows, of.low, of.high, strict=True)
                ],
                "unselected": {"marker": {"opacity": 1}},
            }
        )
    lines = [
        {
            "type": "line",
            **{"xref": "paper", "x0": 0, "x1": 1, "y0": -step * row, "y1": -step * row},
            "line": {"color": RULE, "width": 1},
        }
        for row in range(1, len(rows))
    ]
    return go.Figure(
        traces,
        base_layout(
            height,
            margin={"l": 8, "r": 16, "t": 34, "b": 8},
            showlegend=len(series) > 1,
            legend={"orientation": "h", "y": 1, "yanchor": "bottom", "font": {"size": 12}},
            shapes=lines,
            xaxis=axis(
                showgrid=True,
                gridcolor=FAINT,
                title={"text": label, "font": {"size": 12}, "standoff": 14},
                automargin=True,
            ),
            yaxis=axis(
                tickvals=places.mean(axis=1),
                ticktext=list(rows),
                range=[-step * len(rows), 0],
                automargin=True,
            ),
        ),
    )


def middles(rows: int, series: int) -> np.ndarray:
    """Where the mark of each row and series stands, in pixels up from the top, [R, S]."""
    middle = -(np.arange(rows) + 0.5) * (series * PITCH + GAP)
    offset = ((series - 1) / 2 - np.arange(series)) * PITCH
    return np.asarray(middle[:, None] + offset)


def _said(low: float, high: float) -> str:
    return f"[{low:.3f}, {high:.3f}]" if np.isfinite(low) else "(no interval)"
