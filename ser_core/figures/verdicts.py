"""What was passed: thresholds and verdicts beside figures with intervals, and all tests at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.intervals import Series, intervals, middles
from ser_core.figures.style import FAINT, GREY, axis, base_layout

PASSED, FAILED, FEW = "✓ pass", "✗ fail", "too few"
WORDS_PX, LINE, HEAD = 62, 14, 96  # pixels; the head holds upright names
FAILS = "rgba(128, 128, 128, 0.42)"
_LETTERS = 22  # of a line of a label


@dataclass(frozen=True)
class Verdicts:
    """What one model had to reach, in the R rows of its `Series`.

    Attributes:
        limits: lower and upper one, [R, 2]; NaN where there is none.
        chance: what a model gets that knows nothing, [R]; NaN where that is not asked.
        passed: None where too few examples allow no verdict.
    """

    limits: np.ndarray
    chance: np.ndarray
    passed: Sequence[bool | None]


def verdict(passed: bool | None) -> str:
    """In a mark and a word."""
    return FEW if passed is None else PASSED if passed else FAILED


def tested(
    rows: Sequence[str], series: Sequence[Series], verdicts: Sequence[Verdicts], label: str
) -> go.Figure:
    """Dots with intervals as `intervals` draws them, each with its threshold and its verdict.

    Args:
        rows, series, label: see `intervals`.
        verdicts: of each of `series`.
    """
    figure = intervals(rows, series, label)
    places = middles(len(rows), len(series))
    limits = np.stack([of.limits for of in verdicts], axis=1)  # [R, S, 2]
    chance = np.stack([of.chance for of in verdicts], axis=1)
    both = np.repeat(places[:, :, None], 2, axis=2)
    _add_marks(figure, limits, both, "limit", "line-ns", 13)
    _add_marks(figure, chance, places, "random model", "circle-open", 6)
    figure.update_layout(
        showlegend=True,
        margin_r=WORDS_PX,
        annotations=[
            {
                **{"text": verdict(of.passed[row]), "x": 1, "xref": "paper", "xshift": 6},
                **{"y": places[row, number], "xanchor": "left", "showarrow": False},
                "font": {"size": 12, "weight": 700 if of.passed[row] is False else 400},
            }
            for number, of in enumerate(verdicts)
            for row in range(len(rows))
            if np.isfinite(series[number].values[row]) or of.passed[row] is not None
        ],
    )
    return figure


def _add_marks(
    figure: go.Figure, x: np.ndarray, y: np.ndarray, name: str, symbol: str, size: int
) -> None:
    """Thin grey marks where there is a number."""
    known = np.isfinite(x)
    if known.any():
        figure.add_scatter(
            x=x[known],
            y=y[known],
            mode="markers",
            name=name,
            hovertemplate=f"{name}: %{{x:.3g}}<extra></extra>",
            marker={"symbol": symbol, "size": size, "line": {"width": 2, "color": GREY}},
        )


def overview(
    tests: Sequence[str],
    models: Sequence[str],
    verdicts: Mapping[tuple[int, int], Sequence[bool | None]],
) -> go.Figure:
    """Every test by every model; a click on a cell gives [row, column] as its custom data.

    Args:
        tests: names, the first on top. models: titles.
        verdicts: of (test, model): those of all its figures; None among them is no verdict.
    """
    places = [(r, c) for r in range(len(tests)) for c in range(len(models))]
    texts = {place: _cell(verdicts.get(place, ())) for place in places}
    colours = [_colour(verdicts.get(place, ())) for place in places]
    names = [label(test) for test in tests]
    heights = np.array([LINE * (name.count("<br>") + 1) + LINE for name in names])
    tops = -np.concatenate([[0], np.cumsum(heights)])
    middle = (tops[:-1] + tops[1:]) / 2
    bars = {  # a heat map's cells cannot be selected
        "type": "bar",
        "x": [c for _, c in places],
        "y": [3.0 - heights[r] for r, _ in places],
        "base": [tops[r] for r, _ in places],
        "width": 0.96,
        "marker": {"color": colours, "line": {"width": 0}},
        "customdata": [[r, c] for r, c in places],
        "hovertemplate": [
            f"{tests[r]}<br>{models[c]}: {texts[r, c]}<extra></extra>" for r, c in places
        ],
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }
    printed = [
        {
            **{"x": c, "y": middle[r], "text": texts[r, c], "showarrow": False},
            "font": {"size": 12},
        }
        for r, c in places
    ]
    return go.Figure(
        bars,
        base_layout(
            HEAD + int(heights.sum()),
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            annotations=printed,
            xaxis=axis(
                tickvals=list(range(len(models))),
                ticktext=[model.removesuffix(" fusion") for model in models],
                range=[-0.5, len(models) - 0.5],
                side="top",
                tickangle=None,
                autotickangles=[0, -90],  # upright on a phone
                automargin=True,
            ),
            yaxis=axis(tickvals=middle, ticktext=names, range=[tops[-1], 0], automargin=True),
        ),
    )


def label(text: str) -> str:
    """A label of an axis in lines that leave room on a phone."""
    return "<br>".join(wrap(text, _LETTERS))


def _colour(found: Sequence[bool | None]) -> str:
    """Cells without a verdict stay empty."""
    if all(one is None for one in found):
        return "rgba(0, 0, 0, 0)"
    return FAILS if False in found else FAINT


def _cell(found: Sequence[bool | None]) -> str:
    """Such as "✓ 7/7" for all limits kept, "✗ 3/5" for three of five, "few" for no verdict."""
    if not found:
        return ""
    asked = [one for one in found if one is not None]
    if not asked:
        return "few"
    return f"{'✓' if all(asked) else '✗'} {sum(asked)}/{len(asked)}"
