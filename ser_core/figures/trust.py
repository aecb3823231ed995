"""Whether an attribution can be trusted: curves against random order, and randomised layers."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import GREY, RAISES, RULE, axis, base_layout

HEIGHT = 230


def against_random(
    shares: np.ndarray, values: np.ndarray, random: np.ndarray, unit: str, verb: str
) -> go.Figure:
    """One curve of f by the attribution's order, thick, and those of random orders, thin.

    Args:
        shares: of the parts, [P] in [0, 1].
        values: f, [P].
        random: f in random orders, [R, P].
        unit: of f.
        verb: what is done with the parts, such as "taken away".
    """
    percent = 100 * shares
    drawn = [
        {
            "type": "scatter",
            "x": percent,
            "y": row,
            "mode": "lines",
            "line": {"color": GREY, "width": 1},
            "name": "random order",
            "hovertemplate": "random order, %{x:.0f} %: %{y:.3f}<extra></extra>",
        }
        for row in random
    ]
    ranked = {
        "type": "scatter",
        "x": percent,
        "y": values,
        "mode": "lines+markers",
        "line": {"color": RAISES, "width": 3},
        "name": "by the attribution",
        "hovertemplate": "by the attribution, %{x:.0f} %: %{y:.3f}<extra></extra>",
    }
    return go.Figure(
        [*drawn, ranked],
        base_layout(
            HEIGHT,
            margin={"l": 8, "r": 12, "t": 8, "b": 8},
            xaxis=_titled(f"% of the parts {verb}, strongest first", range=[0, 100]),
            yaxis=_titled(unit),
        ),
    )


def sanity_lines(layers: Sequence[str], similarity: Mapping[str, Sequence[float]]) -> go.Figure:
    """Rank correlation with the trained network's map, as more last layers are randomised.

    Args:
        layers: the one that joins the randomised ones, from the output on.
        similarity: by input, in [-1, 1], one a layer.
    """
    numbers = list(range(len(layers) + 1))
    dashes = ("solid", "dash", "dot")
    traces = [
        {
            "type": "scatter",
            "x": numbers,
            "y": [1.0, *values],
            "mode": "lines+markers",
            "name": name,
            "line": {"color": RAISES if number == 0 else GREY, "dash": dashes[number], "width": 2},
            "text": ["as trained", *layers],
            "hovertemplate": name + ", up to %{text}: %{y:.2f}<extra></extra>",
        }
        for number, (name, values) in enumerate(similarity.items())
    ]
    return go.Figure(
        traces,
        base_layout(
            HEIGHT,
            margin={"l": 8, "r": 12, "t": 8, "b": 8},
            showlegend=True,
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
            xaxis=_titled("last layers randomised", tickvals=numbers),
            yaxis=_titled("likeness of the map", range=[-0.3, 1.05], zeroline=True),
        ),
    )


def _titled(text: str, **settings: object) -> dict[str, object]:
    title = {"text": text, "font": {"size": 12}, "standoff": 6}
    return axis(title=title, automargin=True, tickfont={"size": 12}, zerolinecolor=RULE, **settings)
