"""Tables of shares as coloured cells that can be clicked: confusions, their difference, pairs."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import FAINT, LOWERS, RAISES, axis, base_layout

ROW, HEAD = 58, 76  # pixels


def cells(
    shares: np.ndarray,
    labels: Sequence[str],
    across: Sequence[str],
    axes: tuple[str, str] = ("", ""),
    counts: np.ndarray | None = None,
    difference: bool = False,
) -> go.Figure:
    """One cell a share; a click on one gives [row, column] as its custom data.

    Args:
        shares: [R, C], in [0, 1] (a difference in [-1, 1]); NaN cells are empty.
        labels: of the rows, the first on top. across: of the columns.
        axes: what rows and columns are.
        counts: printed below the shares, [R, C].
        difference: signed, on the scale of differences.
    """
    places = [(r, c) for r in range(len(labels)) for c in range(len(across))]
    # A heat map's cells cannot be selected, bars can.
    bars = {
        "type": "bar",
        "x": [c for _, c in places],
        "y": [-1.0] * len(places),
        "base": [-r for r, _ in places],
        "width": 0.96,
        "marker": {
            "color": [_colour(shares[place], difference) for place in places],
            "line": {"width": 0},
        },
        "customdata": [[r, c] for r, c in places],
        "hovertemplate": [
            f"{axes[0] or 'row'}: {labels[r]}<br>{axes[1] or 'column'}: {across[c]}<extra></extra>"
            for r, c in places
        ],
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }
    return go.Figure(
        [bars],
        base_layout(
            HEAD + ROW * len(labels),
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            barmode="overlay",
            annotations=[_text(shares, counts, place, difference) for place in places],
            xaxis=axis(
                tickvals=list(range(len(across))),
                ticktext=list(across),
                range=[-0.5, len(across) - 0.5],
                side="top",
                tickangle=None,  # turned where there is no room
                title={"text": axes[1], "font": {"size": 12}, "standoff": 4},
                automargin=True,
            ),
            yaxis=axis(
                tickvals=[-r - 0.5 for r in range(len(labels))],
                ticktext=list(labels),
                range=[-len(labels), 0],
                title={"text": axes[0], "font": {"size": 12}, "standoff": 6},
                automargin=True,
            ),
        ),
    )


def _colour(share: float, difference: bool) -> str:
    if not np.isfinite(share):
        return FAINT
    if not difference:
        return f"rgba(128, 128, 128, {0.06 + 0.5 * share:.3f})"
    red, green, blue = (int((RAISES if share > 0 else LOWERS)[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {min(0.05 + 1.2 * abs(share), 0.55):.3f})"


def _text(
    shares: np.ndarray, counts: np.ndarray | None, place: tuple[int, int], difference: bool
) -> dict[str, object]:
    """What is printed in a cell, in the page's colour, which text of bars does not take."""
    share = f"{100 * shares[place]:+.0f}" if difference else f"{100 * shares[place]:.0f} %"
    if not np.isfinite(shares[place]):
        share = "–"
    elif counts is not None:
        share += f"<br>{counts[place]}"
    row, column = place
    return {"x": column, "y": -row - 0.5, "text": share, "showarrow": False, "font": {"size": 13}}
