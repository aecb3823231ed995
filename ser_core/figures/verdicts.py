"""What was passed: thresholds and verdicts beside figures with intervals, and all tests at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.intervals import Series, intervals, middles
from ser_core.figures.style import FAINT, GREY, axis, base_layout

PASSED, FAILED, FEW = "✓ pass", "✗ fail", "too few"
WORDS_PX, ROW, HEAD = 62, 30, 62
_LETTERS = 22  # of a line of a label


@dataclass(frozen=True)
class Verdicts:
    """What one model had to reach, in the rows of its `Series`, [R].

    Attributes:
        limits: thresholds; NaN where there is none, or it is no number.
        chance: what a model gets that knows nothing; NaN where that is not asked.
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
    for name, symbol, column in (("threshold", "line-ns", "limits"), ("random", "x-thin", "chance")):
        x = np.stack([getattr(of, column) for of in verdicts], axis=1)
        known = np.isfinite(x)
        if known.any():
            line = {"width": 2.5 if column == "limits" else 1.5, "color": GREY}
            figure.add_scatter(
                x=x[known],
                y=places[known],
                mode="markers",
                name=name,
                hovertemplate=f"{name}: %{{x:.3g}}<extra></extra>",
                marker={"symbol": symbol, "size": 13 if column == "limits" else 7, "line": line},
            )
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


def overview(
    tests: Sequence[str], models: Sequence[str], verdicts: Mapping[tuple[int, int], Sequence[object]]
) -> go.Figure:
    """Every test by every model; a click on a cell gives [row, column] as its custom data.

    Args:
        tests: names, the first on top. models: titles.
        verdicts: of (test, model): those of all its figures; None among them is no verdict.
    """
    places = [(r, c) for r in range(len(tests)) for c in range(len(models))]
    texts = {place: _cell(verdicts.get(place, ())) for place in places}
    failed = [False in verdicts.get(place, ()) for place in places]
    return go.Figure(
        {  # bars: a heat map's cells cannot be selected
            "type": "bar",
            "x": [c for _, c in places],
            "y": [-1.0] * len(places),
            "base": [-r for r, _ in places],
            "width": 0.96,
            "marker": {
                "color": ["rgba(128, 128, 128, 0.42)" if one else FAINT for one in failed],
                "line": {"width": 0},
            },
            "customdata": [[r, c] for r, c in places],
            "hovertemplate": [
                f"{tests[r]}<br>{models[c]}: {texts[r, c]}<extra></extra>" for r, c in places
            ],
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
        },
        base_layout(
            HEAD + ROW * len(tests),
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            bargap=0,
            annotations=[
                {
                    **{"x": c, "y": -r - 0.5, "text": texts[r, c], "showarrow": False},
                    "font": {"size": 12},
                }
                for r, c in places
            ],
            xaxis=axis(
                tickvals=list(range(len(models))),
                ticktext=["<br>".join(wrap(model, 10)) for model in models],
                range=[-0.5, len(models) - 0.5],
                side="top",
                automargin=True,
            ),
            yaxis=axis(
                tickvals=[-r - 0.5 for r in range(len(tests))],
                ticktext=[label(test) for test in tests],
                range=[-len(tests), 0],
                automargin=True,
            ),
        ),
    )


def label(text: str) -> str:
    """A label of an axis in lines that leave room on a phone."""
    return "<br>".join(wrap(text, _LETTERS))


def _cell(found: Sequence[object]) -> str:
    """Such as "✓" for all passed, "✗ 2/5" for two failed of five, "few" for no verdict at all."""
    if not found:
        return ""
    asked = [one for one in found if one is not None]
    if not asked:
        return "few"
    failed = sum(not one for one in asked)
    return f"✗ {failed}/{len(asked)}" if failed else f"✓ {len(asked)}"
