"""Curves of the models' outputs while one thing about a clip changes."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import FAINT, GREY, Style, axis, base_layout

if TYPE_CHECKING:  # brings torch, which a figure does not need
    from ser_core.perturb.sweep import Point

HEIGHT = 380


def curves(
    points: "Sequence[Point]",
    output: str,
    styles: Mapping[str, tuple[str, Style]],
    label: str,
    *,
    logarithmic: bool = False,
    flips: Sequence[tuple[str, float]] = (),
    heard: float | None = None,
) -> go.Figure:
    """One line a model, a band over draws, and a mark where its decision flips.

    Args:
        points: of one sweep, in any order, all or the first of them.
        output: a category or a dimension.
        styles: title and style of each model, in display order.
        label: of the axis of values.
        logarithmic: whether equal ratios are equal steps.
        flips: (model, value) of decisions that change there.
        heard: the value that is listened to, marked by a line.

    The unchanged clip, where its value is infinite, stands apart at the right.
    """
    done = [point for point in points if point.predictions]
    finite = sorted({p.value for p in done if math.isfinite(p.value)})
    place = {value: value for value in finite}
    unchanged = next((p.value for p in done if p.unchanged), None)
    if unchanged is not None and math.isinf(unchanged):
        place[unchanged] = _beside(finite, logarithmic)
    traces: list[dict[str, Any]] = []
    for name, (title, style) in styles.items():
        values = _by_value(done, name, output)
        at = sorted(values, key=lambda value: place[value])
        if not at:
            continue
        x = [place[value] for value in at]
        mean = [float(np.mean(values[value])) for value in at]
        if any(len(values[value]) > 1 for value in at):
            low = [min(values[value]) for value in at]
            high = [max(values[value]) for value in at]
            traces.append(
                {
                    "type": "scatter",
                    "x": [*x, *x[::-1]],
                    "y": [*high, *low[::-1]],
                    "fill": "toself",
                    "fillcolor": style.colour,
                    "opacity": 0.16,
                    "line": {"width": 0},
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
        traces.append(
            {
                "type": "scatter",
                "name": title,
                "x": x,
                "y": mean,
                "mode": "lines+markers",
                "line": {"color": style.colour, "width": 2},
                "marker": {"symbol": style.symbol, "color": style.colour, "size": 9},
                "hovertemplate": f"{title}<br>%{{x:.3g}}: %{{y:.3f}}<extra></extra>",
            }
        )
        for model, value in flips:
            if model == name:
                traces.append(_flip(value, x, mean, style))
    lines = []
    if heard is not None and heard in place:
        edge = {"x0": place[heard], "x1": place[heard], "yref": "paper", "y0": 0, "y1": 1}
        lines.append({"type": "line", "line": {"color": GREY, "width": 1, "dash": "dot"}, **edge})
    ticks = sorted(place.values())
    names = {at: "unchanged" if math.isinf(value) else f"{value:g}" for value, at in place.items()}
    return go.Figure(
        traces,
        base_layout(
            HEIGHT,
            margin={"l": 8, "r": 16, "t": 8, "b": 8},
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
            shapes=lines,
            xaxis=axis(
                type="log" if logarithmic else "linear",
                tickvals=ticks,
                ticktext=[names[at] for at in ticks],
                title={"text": label, "font": {"size": 12}, "standoff": 8},
                automargin=True,
                tickangle=None,
            ),
            yaxis=axis(
                range=[-0.03, 1.03],
                showgrid=True,
                gridcolor=FAINT,
                title={"text": output, "font": {"size": 12}},
                automargin=True,
            ),
        ),
    )


def _beside(finite: Sequence[float], logarithmic: bool) -> float:
    """Where the unchanged clip stands: one step beyond the last value."""
    if len(finite) < 2:
        return (finite[0] + 1) if finite else 0.0
    if logarithmic:
        return finite[-1] * finite[-1] / finite[-2]
    return finite[-1] + (finite[-1] - finite[0]) / (len(finite) - 1)


def _by_value(points: "Sequence[Point]", model: str, output: str) -> dict[float, list[float]]:
    found: dict[float, list[float]] = {}
    for point in points:
        prediction = point.predictions.get(model)
        if prediction is not None:
            values = {**prediction.probabilities, **prediction.dimensions}
            if output in values:
                found.setdefault(point.value, []).append(values[output])
    return found


def _flip(value: float, x: Sequence[float], y: Sequence[float], style: Style) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [value],
        "y": [float(np.interp(value, x, y))],
        "mode": "markers",
        "marker": {
            "symbol": f"{style.symbol}-open",
            "size": 18,
            "color": style.colour,
            "line": {"width": 2},
        },
        "hovertemplate": "its decision flips here<extra></extra>",
        "showlegend": False,
    }
