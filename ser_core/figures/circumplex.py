"""The valence-arousal plane (Russell's circumplex): every model a labelled point."""

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.rows import ALIKE, Row
from ser_core.figures.style import GREY, NEUTRAL_TICKS, POLES, RULE, axis, base_layout
from ser_core.labels import CATEGORIES, category_dimensions

if TYPE_CHECKING:
    from ser_core.analysis import Prediction

HEIGHT = 400
_CORNERS = {(0, 1): "tense", (1, 1): "excited", (0, 0): "tired", (1, 0): "relaxed"}

# Sizes of labels in units of the axes, for a plot of about 340 pixels.
_CHARACTER, _LINE, _MARK = 0.0195, 0.05, 0.024

Point = tuple[float, float]  # valence, arousal
Box = tuple[float, float, float, float]  # left, bottom, right, top


def plane(
    rows: Sequence[Row], categories: Sequence[str] = CATEGORIES, compared: str = "before"
) -> go.Figure:
    """Models as points (valence, arousal), both in [0, 1].

    Args:
        rows: from `make_rows`; models without dimensions are left out. `row.other` is drawn as a
            hollow point, with a line to the full one.
        categories: whose norms are shown faintly.
        compared: what `row.other` is called on hover.
    """
    norms = [category_dimensions(category) for category in categories]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": "norms",
            "x": [float(norm[1]) for norm in norms],
            "y": [float(norm[0]) for norm in norms],
            "mode": "markers+text",
            "marker": {"symbol": "cross-thin", "size": 7, "line": {"color": GREY, "width": 1.2}},
            "text": list(categories),
            "textposition": "bottom center",
            "textfont": {"color": GREY, "size": 11},
            "hovertemplate": "typical for the word “%{text}”<extra></extra>",
        }
    ]
    hidden = [(float(norm[1]), float(norm[0]) - _LINE / 2) for norm in norms]
    hidden += [
        (abs(x - inward), abs(y - 0.04)) for x, y in _CORNERS for inward in (0.04, 0.09, 0.14)
    ]
    shown = [(row, point) for row in rows if (point := _point(row.prediction))]
    for row, point in shown:
        before = _before(row, point)
        traces += _traces(row, point, before, compared)
        steps = np.linspace(point, before or point, 8 if before else 1)
        hidden += [(float(x), float(y)) for x, y in steps]
    places = _label_places([(row.title, point) for row, point in shown], hidden)
    labels = [
        {
            "text": row.title,
            "x": point[0],
            "y": point[1],
            "ax": x,
            "ay": y,
            "axref": "x",
            "ayref": "y",
            "xanchor": side,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": RULE,
            "standoff": 7,
            "font": {"size": 12},
        }
        for (row, point), (x, y, side) in zip(shown, places, strict=True)
    ]
    frame = {"range": [0, 1], "showline": True, "linecolor": RULE, "mirror": True}
    square = {"constrain": "domain", "automargin": True, **NEUTRAL_TICKS}
    line = {"type": "line", "line": {"color": RULE, "width": 1}, "layer": "below"}
    return go.Figure(
        traces,
        base_layout(
            HEIGHT,
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis=axis(title=_title("valence"), **frame, **square),
            yaxis=axis(title=_title("arousal"), scaleanchor="x", **frame, **square),
            annotations=[*(_corner(*at, word) for at, word in _CORNERS.items()), *labels],
            shapes=[
                line | {"x0": 0.5, "x1": 0.5, "y0": 0, "y1": 1},
                line | {"x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5},
            ],
        ),
    )


def _title(dimension: str) -> dict[str, Any]:
    low, high = POLES[dimension]
    return {"text": f"{dimension} ({low} → {high})", "font": {"size": 12}, "standoff": 4}


def _corner(x: int, y: int, word: str) -> dict[str, Any]:
    return {
        "text": f"<i>{word}</i>",
        "x": x,
        "y": y,
        "xanchor": "right" if x else "left",
        "yanchor": "top" if y else "bottom",
        "showarrow": False,
        "font": {"color": GREY, "size": 12},
        "borderpad": 4,
    }


def _point(prediction: "Prediction | None") -> Point | None:
    dimensions = prediction.dimensions if prediction else {}
    if "valence" in dimensions and "arousal" in dimensions:
        return dimensions["valence"], dimensions["arousal"]
    return None


def _before(row: Row, point: Point) -> Point | None:
    """Where the model was, if it has moved."""
    before = _point(row.other)
    return None if before is None or math.dist(before, point) < ALIKE else before


def _traces(row: Row, point: Point, before: Point | None, compared: str) -> list[dict[str, Any]]:
    """The model's point; and a hollow one with a line, where it was."""
    text = f"<b>{row.title}</b><br>valence {point[0]:.3f}, arousal {point[1]:.3f}"
    full = {
        "type": "scatter",
        "name": row.title,
        "x": [point[0]],
        "y": [point[1]],
        "mode": "markers",
        "cliponaxis": False,
        "marker": {"symbol": row.style.symbol, "color": row.style.colour, "size": 13},
        "hovertemplate": f"{text}<extra></extra>",
    }
    if before is None:
        return [full]
    text += f"<br>{compared}: valence {before[0]:.3f}, arousal {before[1]:.3f}"
    hollow = {
        "type": "scatter",
        "name": f"{row.title}, {compared}",
        "x": [before[0], point[0]],
        "y": [before[1], point[1]],
        "mode": "lines+markers",
        "cliponaxis": False,
        "line": {"color": row.style.colour, "width": 1.5},
        "marker": {
            "symbol": f"{row.style.symbol}-open",
            "color": row.style.colour,
            "size": [11, 0],
            "line": {"width": 1.8},
        },
        "hoverinfo": "skip",
    }
    return [hollow, full | {"hovertemplate": f"{text}<extra></extra>"}]


def _label_places(
    labels: Sequence[tuple[str, Point]], hidden: Sequence[Point]
) -> list[tuple[float, float, str]]:
    """A place (x, y, anchor) for each label, greedily where it hides the least.

    Models often lie close together, where labels at fixed places would cover each other.

    Args:
        labels: texts and what they belong to.
        hidden: centres of what should not be hidden.
    """
    taken: list[Box] = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in hidden]
    places = []
    for title, (x, y) in labels:
        width = _CHARACTER * len(title)
        best: tuple[float, Box, str] | None = None
        steps = product(("left", "right"), (0.035, 0.1, 0.18), range(-5, 6))
        for side, reach, step in steps:
            left = x + reach if side == "left" else x - reach - width
            middle = y + 0.6 * step * _LINE
            box = (left, middle - _LINE / 2, left + width, middle + _LINE / 2)
            outside = sum(max(0.0, over) for over in (-box[0], -box[1], box[2] - 1, box[3] - 1))
            covered = sum(_overlap(box, other) for other in taken)
            cost = 400 * covered + 40 * outside + reach + 0.02 * abs(step)
            if best is None or cost < best[0]:
                best = (cost, box, side)
        assert best is not None
        _, box, side = best
        taken.append(box)
        places.append((box[0] if side == "left" else box[2], (box[1] + box[3]) / 2, side))
    return places


def _overlap(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
