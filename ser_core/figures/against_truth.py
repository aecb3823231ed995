"""Predictions against what is true: the reliability diagram, and scatter of a dimension."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import FAINT, GREY, RULE, Style, axis, base_layout

HEIGHT = 360
_DIAGONAL = {
    "type": "line",
    **{"x0": 0, "y0": 0, "x1": 1, "y1": 1},
    "line": {"color": RULE, "width": 1, "dash": "dot"},
}


def reliability(
    edges: Sequence[tuple[float, float]],
    accuracy: Sequence[float],
    limits: Sequence[tuple[float, float]],
    confidence: Sequence[float],
    sizes: Sequence[int],
    style: Style,
) -> go.Figure:
    """A bar for each bin of confidence, as high as its accuracy; a click gives [bin].

    Args:
        edges: of the bins. accuracy: of each. limits: of its 95 % interval.
        confidence: mean of each bin, where the model's mark stands on the diagonal.
        sizes: rows of each bin. style: of the model.
    """
    value, ends = np.array(accuracy), np.array(limits).reshape(-1, 2)
    bars = {
        "type": "bar",
        "x": [(low + high) / 2 for low, high in edges],
        "width": [0.94 * (high - low) for low, high in edges],
        "y": value,
        "marker": {"color": "rgba(128, 128, 128, 0.45)"},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": ends[:, 1] - value,
            "arrayminus": value - ends[:, 0],
            "color": GREY,
            "thickness": 1.5,
            "width": 3,
        },
        "customdata": [[number] for number in range(len(sizes))],
        "hovertemplate": [
            f"{n} rows, confidence {c:.2f}: {a:.2f} right<extra></extra>"
            for n, c, a in zip(sizes, confidence, accuracy, strict=True)
        ],
        "unselected": {"marker": {"opacity": 1}},
    }
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": list(confidence),
        "y": list(confidence),
        "marker": {"symbol": style.symbol, "color": style.colour, "size": 9},
        "hoverinfo": "skip",
    }
    return go.Figure([bars, marks], _square("confidence", "share that is right"))


def dimension_scatter(
    truth: np.ndarray, prediction: np.ndarray, rows: np.ndarray, name: str, style: Style
) -> go.Figure:
    """One dot a row, the label across and the prediction upwards; a click or a box gives [row].

    Args:
        truth, prediction: in [0, 1], [N]. rows: their numbers, [N].
        name: of the dimension. style: of the model.
    """
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": truth,
        "y": prediction,
        "marker": {"symbol": style.symbol, "color": style.colour, "size": 7, "opacity": 0.45},
        "customdata": [[int(row)] for row in rows],
        "hovertemplate": f"label %{{x:.2f}}, predicted {name} %{{y:.2f}}<extra></extra>",
        "unselected": {"marker": {"opacity": 0.2}},
    }
    layout = _square(f"{name}, label", f"{name}, predicted")
    return go.Figure([dots], layout | {"dragmode": "select"})


def _square(across: str, upwards: str) -> dict[str, object]:
    settings = {
        "range": [-0.02, 1.02],
        "showgrid": True,
        "gridcolor": FAINT,
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "automargin": True,
    }
    return base_layout(
        HEIGHT,
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        shapes=[_DIAGONAL],
        xaxis=axis(title={"text": across, "font": {"size": 12}, "standoff": 6}, **settings),
        yaxis=axis(title={"text": upwards, "font": {"size": 12}, "standoff": 6}, **settings),
    )
