"""Which stages matter over many clips: means with intervals, one panel a group."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ser_core.figures.style import GREY, axis, base_layout

_ROW, _TOP, _BOTTOM, _SPACE = 30, 48, 44, 0.03


def stage_summary(summary: pd.DataFrame, unit: str, largest: float | None = None) -> go.Figure:
    """Mean size of each stage's effect with its 95 % interval.

    Args:
        summary: from `ser_core.explain.stage_summary.summarise_stages`, of one model.
        unit: of the effects.
        largest: end of the scale, so that figures can share one; default from the intervals.
    """
    groups = list(dict.fromkeys(summary["group"]))
    stages = list(dict.fromkeys(summary["stage"]))
    width = (1 + _SPACE) / len(groups)
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    labels = []
    largest = largest or float(summary["size_high"].max()) * 1.05 or 1.0
    for number, group in enumerate(groups):
        x = "x" if number == 0 else f"x{number + 1}"
        part = summary[summary["group"] == group].set_index("stage").reindex(stages)
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "xaxis": x,
                "y": list(range(len(stages))),
                "x": part["size"],
                "width": 0.6,
                "marker": {"color": GREY},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": part["size_high"] - part["size"],
                    "arrayminus": part["size"] - part["size_low"],
                    "thickness": 1.4,
                    "width": 4,
                },
                "hovertemplate": "%{x:.3f}<extra></extra>",
            }
        )
        domain = [number * width, (number + 1) * width - _SPACE]
        layout[x.replace("x", "xaxis")] = axis(domain=domain, range=[0, largest], nticks=3)
        above = {"xref": f"{x} domain", "x": 0, "yref": "paper", "y": 1, "yanchor": "bottom"}
        text = f"{group}<br>{int(part['clips'].max())} clips"
        label = {"text": text, "showarrow": False, "align": "left", "xanchor": "left"}
        labels.append({**label, "font": {"size": 12}, **above})
    below = {"xref": "paper", "x": 0, "yref": "paper", "y": 0, "yanchor": "top", "yshift": -22}
    labels.append(
        {"text": unit, "showarrow": False, "xanchor": "left", "font": {"size": 12}, **below}
    )
    ticks = {"tickvals": list(range(len(stages))), "ticktext": stages, "tickfont": {"size": 13}}
    return go.Figure(
        traces,
        base_layout(
            _ROW * len(stages) + _TOP + _BOTTOM,
            margin={"l": 8, "r": 8, "t": _TOP, "b": _BOTTOM},
            yaxis=axis(range=[len(stages) - 0.5, -0.5], automargin=True, **ticks),
            annotations=labels,
            **layout,
        ),
    )
