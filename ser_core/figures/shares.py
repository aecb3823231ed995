"""What voice and words add to an output, from the baseline to the value, as a waterfall."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ser_core.figures.style import GREY, LOWERS, RAISES, RULE, axis, base_layout

LABELS = {
    "baseline": "neither (background)",
    "voice": "voice alone",
    "words": "words alone",
    "both": "both together",
}
_ROW = 34
_TOP, _BOTTOM = 8, 40


def share_bars(
    shares: Mapping[str, float],
    value: float,
    sd: Mapping[str, float],
    unit: str,
    span: tuple[float, float] | None = None,
) -> go.Figure:
    """Bars from the baseline over voice, words and both to the value, with +-1 SD.

    Args:
        shares: `baseline`, `voice`, `words` and `both`, which add up to `value`.
        value: the output.
        sd: over the background, by the same names.
        unit: of all of them.
        span: of the axis, to compare several figures; default what fits (`common_span`).
    """
    rows = [*LABELS, "value"]
    starts, lengths, at = [], [], 0.0
    for name in LABELS:
        starts.append(0.0 if name == "baseline" else at)
        lengths.append(shares[name])
        at += shares[name]
    starts.append(0.0)
    lengths.append(value)
    colours = [GREY, *(RAISES if shares[n] >= 0 else LOWERS for n in list(LABELS)[1:]), GREY]
    low, high = span or common_span([(shares, sd)])
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    printed = [_signed(shares[n], n != "baseline") for n in LABELS] + [_signed(value, False)]
    bars: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(rows))),
        "base": starts,
        "x": lengths,
        "width": 0.56,
        "marker": {"color": colours},
        "error_x": {
            "type": "data",
            "array": [*(sd.get(name, 0.0) for name in LABELS), 0.0],
            "color": GREY,
            "thickness": 1.2,
            "width": 4,
        },
        "hoverinfo": "skip",
    }
    texts = {
        "type": "scatter",
        "mode": "text",
        "x": [max(s, e) + sd.get(n, 0.0) for s, e, n in zip(starts, ends, rows, strict=True)],
        "y": list(range(len(rows))),
        "text": [f"  {text}" for text in printed],
        "textposition": "middle right",
        "textfont": {"size": 13},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return go.Figure(
        [bars, texts],
        base_layout(
            _ROW * len(rows) + _TOP + _BOTTOM,
            margin={"l": 8, "r": 64, "t": _TOP, "b": _BOTTOM},
            xaxis=axis(
                range=[low, high],
                title={"text": unit, "font": {"size": 12}, "standoff": 6},
                zeroline=True,
                zerolinecolor=RULE,
                nticks=6,
            ),
            yaxis=axis(
                tickvals=list(range(len(rows))),
                ticktext=[*LABELS.values(), "<b>output</b>"],
                range=[len(rows) - 0.5, -0.5],
                automargin=True,
                tickfont={"size": 13},
            ),
        ),
    )


def common_span(
    many: Sequence[tuple[Mapping[str, float], Mapping[str, float]]],
) -> tuple[float, float]:
    """An axis on which several figures of `share_bars` fit: (shares, sd) of each."""
    ends = [0.0]
    for shares, sd in many:
        at = 0.0
        for name in LABELS:
            at += shares[name]
            ends += [at - sd.get(name, 0.0), at + sd.get(name, 0.0)]
    low, high = min(ends), max(ends)
    margin = 0.04 * (high - low) or 0.1
    return (low - margin if low < 0 else 0.0), high + margin


def _signed(value: float, sign: bool) -> str:
    return f"{value:+.2f}" if sign else f"{value:.2f}"
