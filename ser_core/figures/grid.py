"""The aligned grid: rows are models, columns are outputs, every column has the same scale.

Figures are built as plain dictionaries and handed to plotly once: adding traces, shapes and
annotations one by one takes ten times as long.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import plotly.graph_objects as go

from ser_core.figures.rows import Row, majority
from ser_core.figures.style import (
    CATEGORY_COLOURS,
    FAINT,
    GREY,
    MARKED,
    NEUTRAL_TICKS,
    OTHER_COLOUR,
    POLES,
    RULE,
    axis,
    base_layout,
)
from ser_core.labels import CATEGORIES, DIMENSIONS

ROW_HEIGHT = 46
_TOP, _BOTTOM = 44, 24
_HALF = 0.25  # half the height of a bar, in rows
_SPACING = 0.02  # between columns, as a share of the width
_GUTTER = 1.22  # room to the right of 1 for the mark of the decision
_REFERENCE_GAP = 0.3
_LABEL_CHARACTER = 6.8  # pixels of a bold character of the row labels, on average

Parts = list[dict[str, Any]]


def category_grid(
    rows: Sequence[Row], columns: Sequence[str] = (), compared: str = "before"
) -> go.Figure:
    """Probability of each category by model, as bars from 0 to 1.

    The decided category of a model has a full colour, a frame and a check mark; a model that
    differs from the majority has a tinted row and "≠" before its word.

    Args:
        rows: from `make_rows`; `row.other` is drawn as an empty bar around the full one.
        columns: categories; default those that the models have.
        compared: what `row.other` is called on hover.
    """
    found = (row.prediction.probabilities for row in rows if row.prediction)
    columns = columns or list(dict.fromkeys(chain.from_iterable(found))) or CATEGORIES
    places = _places(rows)
    traces: Parts = []
    shapes: Parts = []
    for x, name in zip(_x_axes(columns), columns, strict=True):
        colour = CATEGORY_COLOURS.get(name, OTHER_COLOUR)
        shown = [row for row in rows if row.value(name) is not None]
        changed = [row for row in shown if row.other_value(name) is not None]
        decided = [row for row in shown if row.decision == name]
        scale = _scale(x, name, shown, compared, places)
        bar = scale | {"hoverinfo": "skip", "hovertemplate": None, "customdata": None}
        traces += [
            scale,
            bar
            | {
                "name": name,
                "x": [row.value(name) for row in shown],
                "marker": {
                    "color": colour,
                    "opacity": [1.0 if row.decision == name else 0.5 for row in shown],
                },
            },
            bar
            | {
                "name": f"{name}, {compared}",
                "x": [row.other_value(name) for row in changed],
                "y": [places[row.name] for row in changed],
                "width": 3 * _HALF,
                "marker": {"color": "rgba(0,0,0,0)", "line": {"color": GREY, "width": 1.6}},
            },
            {
                "type": "scatter",
                "name": f"{name} decided",
                "x": [(1.0 + _GUTTER) / 2.0] * len(decided),
                "y": [places[row.name] for row in decided],
                "xaxis": x,
                "mode": "text",
                "text": ["<b>✓</b>"] * len(decided),
                "textfont": {"size": 14},
                "hoverinfo": "skip",
            },
        ]
        frame = {"line": {"color": colour, "width": 1.5}}
        shapes += [_cell(x, places[row.name]) | frame for row in decided]
    ticks = {"range": [0.0, _GUTTER], "tickvals": [0, 1], "ticktext": ["0", "1"]}
    headers = {name: f"<b>{name}</b>" for name in columns}
    return _figure(rows, headers, traces, shapes, ticks, decisions=True)


def dimension_grid(
    rows: Sequence[Row], columns: Sequence[str] = (), compared: str = "before"
) -> go.Figure:
    """Arousal, valence and dominance by model: a mark at the value, a line from the neutral 0.5.

    Args:
        rows: from `make_rows`; `row.other` is drawn as a hollow mark.
        columns: dimensions; default those that the models have.
        compared: what `row.other` is called on hover.
    """
    found = (row.prediction.dimensions for row in rows if row.prediction)
    columns = columns or list(dict.fromkeys(chain.from_iterable(found))) or DIMENSIONS
    places = _places(rows)
    traces: Parts = []
    shapes: Parts = []
    for x, name in zip(_x_axes(columns), columns, strict=True):
        shown = [row for row in rows if row.value(name) is not None]
        changed = [row for row in shown if row.other_value(name) is not None]
        traces.append(_scale(x, name, shown, compared, places))
        neutral = {"type": "line", "xref": x, "x0": 0.5, "x1": 0.5, "yref": "paper"}
        shapes.append(neutral | {"y0": 0, "y1": 1, "line": {"color": RULE, "width": 1}})
        traces += [
            {
                "type": "scatter",
                "name": "from neutral",
                "x": [0.5, row.value(name)],
                "y": [places[row.name]] * 2,
                "xaxis": x,
                "mode": "lines",
                "line": {"color": row.style.colour, "width": 4},
                "hoverinfo": "skip",
            }
            for row in shown
        ]
        traces += [
            {
                "type": "scatter",
                "name": f"{name}, {compared}",
                "x": [row.other_value(name) for row in changed],
                "y": [places[row.name] for row in changed],
                "xaxis": x,
                "mode": "markers",
                "cliponaxis": False,
                "marker": _marks(changed, "-open") | {"line": {"width": 1.8}},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "name": name,
                "x": [row.value(name) for row in shown],
                "y": [places[row.name] for row in shown],
                "xaxis": x,
                "mode": "markers",
                "cliponaxis": False,
                "marker": _marks(shown),
                "hoverinfo": "skip",
            },
        ]
    ticks = {"range": [-0.06, 1.06], **NEUTRAL_TICKS}
    headers = {name: f"<b>{name}</b>{_poles(name)}" for name in columns}
    return _figure(rows, headers, traces, shapes, ticks, decisions=False)


def _figure(
    rows: Sequence[Row],
    headers: dict[str, str],
    traces: Parts,
    shapes: Parts,
    ticks: dict[str, Any],
    *,
    decisions: bool,
) -> go.Figure:
    """Columns with headers, row labels, and a tint on rows that differ from the majority."""
    places = _places(rows)
    last = max(places.values(), default=0.0)
    left = _LABEL_CHARACTER * max((len(row.title) for row in rows), default=0) + 12
    winner = majority(rows)
    labels: Parts = []
    whole = {"xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    for row in rows:
        place = places[row.name]
        differs = winner is not None and row.decision not in (None, winner)
        if differs:
            band = {"type": "rect", "y0": place - 0.46, "y1": place + 0.46, "fillcolor": MARKED}
            shapes.append(whole | band | {"line": {"width": 0}})
        said = f"<br>{'≠ ' if differs else ''}{row.decision or ''}" if decisions else ""
        if row.reference:
            said = f"{said} <i>reference</i>" if said else "<br><i>reference</i>"
        labels.append(_text(f"<b>{row.title}</b>{said}", place) | {"xshift": -left})
        if all(row.value(name) is None for name in headers):
            why = "needs words" if row.prediction is None else "no such output"
            labels.append(_text(f"<i>{why}</i>", place) | {"font": {"color": GREY, "size": 13}})
    first = next((i for i, row in enumerate(rows) if row.reference), 0)
    if first:
        edge = first - 0.5 + _REFERENCE_GAP / 2
        rule = {"type": "line", "y0": edge, "y1": edge, "line": {"color": RULE, "width": 1}}
        shapes.append(whole | rule)
    width = (1.0 + _SPACING) / len(headers)
    layout: dict[str, Any] = {}
    for i, (x, header) in enumerate(zip(_x_axes(list(headers)), headers.values(), strict=True)):
        domain = [i * width, min(1.0, (i + 1) * width - _SPACING)]
        layout[x.replace("x", "xaxis")] = axis(domain=domain, **ticks)
        # Over the middle of the scale from 0 to 1, not of the column with its gutter.
        above = {"xref": x, "x": 0.5, "yref": "paper", "y": 1, "yanchor": "bottom"}
        labels.append({"text": header, "showarrow": False, "font": {"size": 13}, **above})
    return go.Figure(
        traces,
        base_layout(
            round((last + 1.0) * ROW_HEIGHT) + _TOP + _BOTTOM,
            margin={"l": left, "r": 2, "t": _TOP, "b": _BOTTOM},
            barmode="overlay",
            yaxis=axis(range=[last + 0.5, -0.5], visible=False),
            annotations=labels,
            shapes=shapes,
            **layout,
        ),
    )


def _places(rows: Sequence[Row]) -> dict[str, float]:
    """Each row's place on the y axis; references stand a little apart."""
    return {r.name: i + (_REFERENCE_GAP if r.reference else 0.0) for i, r in enumerate(rows)}


def _x_axes(columns: Sequence[str]) -> list[str]:
    return ["x", *(f"x{i}" for i in range(2, len(columns) + 1))]


def _scale(
    x: str, output: str, rows: Sequence[Row], compared: str, places: dict[str, float]
) -> dict[str, Any]:
    """The faint bar from 0 to 1 behind every value; numbers appear wherever it is pointed at."""
    return {
        "type": "bar",
        "name": f"{output}, scale",
        "orientation": "h",
        "xaxis": x,
        "x": [1.0] * len(rows),
        "y": [places[row.name] for row in rows],
        "width": 2 * _HALF,
        "marker": {"color": FAINT},
        "customdata": [_hover(row, output, compared) for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _cell(x: str, place: float) -> dict[str, Any]:
    """A rectangle over the scale of one row in one column."""
    edges = {"x0": 0, "x1": 1, "y0": place - _HALF, "y1": place + _HALF}
    return {"type": "rect", "xref": x, "yref": "y", **edges}


def _text(text: str, place: float) -> dict[str, Any]:
    """A text that begins at the left edge of the first column."""
    left = {"xref": "paper", "x": 0, "xanchor": "left", "align": "left"}
    return {"text": text, "y": place, "showarrow": False, "font": {"size": 13}, **left}


def _marks(rows: Sequence[Row], variant: str = "") -> dict[str, Any]:
    return {
        "symbol": [row.style.symbol + variant for row in rows],
        "color": [row.style.colour for row in rows],
        "size": 12,
    }


def _poles(dimension: str) -> str:
    if dimension not in POLES:
        return ""
    return f"<br><span style='font-size:10px'>{'–'.join(POLES[dimension])}</span>"


def _hover(row: Row, output: str, compared: str) -> str:
    value, other = row.value(output), row.other_value(output)
    text = f"<b>{row.title}</b><br>{output} {value:.3f}"
    if value is not None and other is not None:
        text += f"<br>{compared} {other:.3f} ({value - other:+.3f})"
    return text
