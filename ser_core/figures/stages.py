"""Measures of fusion stages, one row a stage and one panel a measure."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ser_core.figures.style import GREY, LOWERS, RAISES, RULE, axis, base_layout

_ROW, _TOP, _BOTTOM = 32, 44, 44
_SPACE = 0.03


def stage_panels(
    stages: Sequence[str],
    measures: Mapping[str, Sequence[float]],
    levels: Mapping[str, Sequence[float]],
    unit: str,
    span: tuple[float, float] | None = None,
) -> go.Figure:
    """Bars by stage: signed measures on one scale, then levels of the output as points.

    Args:
        stages: names, in the order of the network.
        measures: title -> signed values of each stage, all of one unit.
        levels: title -> values of the output at each stage (not differences).
        unit: of all.
        span: of the measures' axis, to compare figures; default what fits.
    """
    panels = [*measures, *levels]
    width = (1 + _SPACE) / len(panels)
    low, high = span or measures_span([measures])
    rows = list(range(len(stages)))
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    labels = []
    for number, title in enumerate(panels):
        x = "x" if number == 0 else f"x{number + 1}"
        signed = title in measures
        values = list(measures[title] if signed else levels[title])
        colours = [RAISES if value >= 0 else LOWERS for value in values] if signed else GREY
        shared = {"y": rows, "x": values, "xaxis": x, "hovertemplate": "%{x:.3f}<extra></extra>"}
        if signed:
            bar = {"type": "bar", "orientation": "h", "width": 0.6, "marker": {"color": colours}}
            traces.append(shared | bar)
        else:
            line = {"type": "scatter", "mode": "lines+markers", "line": {"color": GREY}}
            traces.append(shared | line)
        domain = [number * width, (number + 1) * width - _SPACE]
        layout[x.replace("x", "xaxis")] = axis(
            domain=domain,
            range=[low, high] if signed else None,
            zeroline=signed,
            zerolinecolor=RULE,
            nticks=4,
        )
        above = {"xref": x + " domain", "x": 0, "yref": "paper", "y": 1, "yanchor": "bottom"}
        labels.append(
            {
                "text": title,
                "showarrow": False,
                "align": "left",
                "xanchor": "left",
                "font": {"size": 13},
                **above,
            }
        )
    ticks = {"tickvals": rows, "ticktext": list(stages), "tickfont": {"size": 13}}
    return go.Figure(
        traces,
        base_layout(
            _ROW * len(stages) + _TOP + _BOTTOM,
            margin={"l": 8, "r": 8, "t": _TOP, "b": _BOTTOM},
            yaxis=axis(range=[len(stages) - 0.5, -0.5], automargin=True, **ticks),
            annotations=[
                *labels,
                {
                    "text": unit,
                    "showarrow": False,
                    "xref": "paper",
                    "x": 0,
                    "yref": "paper",
                    "y": 0,
                    "yanchor": "top",
                    "yshift": -24,
                    "xanchor": "left",
                    "font": {"size": 12},
                },
            ],
            **layout,
        ),
    )


def measures_span(many: Sequence[Mapping[str, Sequence[float]]]) -> tuple[float, float]:
    """An axis on which the signed measures of several figures fit."""
    values = [0.0, *(value for one in many for row in one.values() for value in row)]
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.01
    return low - margin, high + margin
