"""What raised and what lowered an output: over the log-Mel, by part, and whether to trust it."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import GREY, RULE, axis, base_layout

# Okabe and Ito's blue and vermillion, on grey: the signed scale of attributions and differences.
LOWERED, RAISED = "#0072B2", "#D55E00"
_CLEAR = "rgba(255, 255, 255, 0)"
_HEIGHT, _BAR = 300, 34
_MAX_COLUMNS = 1200
_RANGE_DB = 80.0
_TICKS_HZ = (200, 500, 1000, 2000, 4000, 8000)


def attribution_map(
    log_mel: np.ndarray,
    values: np.ndarray,
    frequencies: np.ndarray,
    frame_rate: float,
    unit: str,
    scale: float | None = None,
) -> go.Figure:
    """A grey log-Mel, over it what raised (vermillion) and lowered (blue) an output.

    Args:
        log_mel: [T, n_mels] in dB.
        values: attribution of each cell, [T, n_mels].
        frequencies: [n_mels], centre of each band in Hz, ascending.
        frame_rate: frames per second.
        unit: of the values.
        scale: value with the full colour; default the 99th percentile of their sizes. Give the
            same to figures that are compared.
    """
    group = -(-len(log_mel) // _MAX_COLUMNS)
    starts = np.arange(0, len(log_mel), group)
    decibel = np.maximum.reduceat(log_mel, starts, axis=0)
    sums = np.add.reduceat(values, starts, axis=0)
    scale = scale or float(np.quantile(np.abs(sums), 0.99)) or 1.0
    loudest = float(decibel.max())
    ticks = [f for f in _TICKS_HZ if frequencies[0] <= f <= frequencies[-1] * 1.1]
    places = np.interp(ticks, frequencies, np.arange(len(frequencies)))
    shared = {
        "type": "heatmap",
        "x0": (group - 1) / 2 / frame_rate,
        "dx": group / frame_rate,
    }
    grey = {
        "z": np.rint(decibel.T),
        "zmin": loudest - _RANGE_DB,
        "zmax": loudest,
        "colorscale": [[0, "#FFFFFF"], [1, "#3A3A3A"]],
        "showscale": False,
        "hoverinfo": "skip",
    }
    signed = {
        "z": np.asarray(sums.T, dtype=np.float32),
        "zmin": -scale,
        "zmax": scale,
        "colorscale": [[0, LOWERED], [0.5, _CLEAR], [1, RAISED]],
        "colorbar": {"title": {"text": unit, "side": "right"}, "thickness": 10},
        "hovertemplate": "%{x:.2f} s: %{z:.2g}<extra></extra>",
    }
    return go.Figure(
        [shared | grey, shared | signed],
        base_layout(
            _HEIGHT,
            margin={"l": 8, "r": 0, "t": 8, "b": 8},
            xaxis=axis(title={"text": "seconds"}, automargin=True),
            yaxis=axis(
                tickvals=places.tolist(),
                ticktext=[f"{f // 1000}k" if f >= 1000 else str(f) for f in ticks],
                title={"text": "Hz"},
                automargin=True,
            ),
        ),
    )


def signed_bars(values: Mapping[str, float], unit: str) -> go.Figure:
    """Parts that raise or lower an output, one bar each, the first on top."""
    names, numbers = list(values), list(values.values())
    widest = max((abs(number) for number in numbers), default=0.0) or 1.0
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": numbers,
        "y": list(range(len(names))),
        "marker": {"color": [RAISED if number >= 0 else LOWERED for number in numbers]},
        "text": [f"{number:+.3f}" for number in numbers],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return go.Figure(
        [bars],
        base_layout(
            60 + _BAR * len(names),
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis=axis(
                range=[-1.35 * widest, 1.35 * widest],
                zeroline=True,
                zerolinecolor=RULE,
                title={"text": unit},
                automargin=True,
            ),
            yaxis=axis(
                tickvals=list(range(len(names))),
                ticktext=names,
                autorange="reversed",
                automargin=True,
                tickfont={"size": 13},
            ),
        ),
    )


def deletion_curve(
    shares: np.ndarray, values: np.ndarray, random: np.ndarray, unit: str
) -> go.Figure:
    """An output while parts are taken away by their attribution, and in random orders.

    Args:
        shares: of parts taken away, [P] in [0, 1].
        values: the output, [P]. random: [R, P].
    """
    lines: list[dict[str, object]] = [
        {
            "type": "scatter",
            "name": "random",
            "x": shares,
            "y": one,
            "mode": "lines",
            "line": {"color": GREY, "width": 1},
            "hoverinfo": "skip",
        }
        for one in random
    ]
    lines.append(
        {
            "type": "scatter",
            "name": "by attribution",
            "x": shares,
            "y": values,
            "mode": "lines+markers",
            "line": {"color": RAISED, "width": 2.5},
            "hovertemplate": "%{x:.0%} taken away: %{y:.3f}<extra></extra>",
        }
    )
    return go.Figure(
        lines,
        base_layout(
            240,
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis=axis(tickformat=".0%", title={"text": "taken away"}, automargin=True),
            yaxis=axis(title={"text": unit}, automargin=True),
        ),
    )
