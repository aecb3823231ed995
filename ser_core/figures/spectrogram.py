"""Waveform and log-Mel spectrogram in one picture, on one time axis."""

import numpy as np
import plotly.graph_objects as go

from ser_core.figures.style import axis, base_layout

HEIGHT = 330
MAX_COLUMNS = 1200  # more than a screen shows of a picture this wide
DYNAMIC_RANGE = 80.0  # dB below the loudest cell; what is softer is drawn alike
_TICKS_HZ = (200, 500, 1000, 2000, 4000, 8000)
_WAVE = "#6B93B8"
_MEL_TOP = 0.74  # share of the height


def sound(
    samples: np.ndarray,
    sample_rate: int,
    log_mel: np.ndarray,
    frequencies: np.ndarray,
    frame_rate: float,
) -> go.Figure:
    """Waveform above log-Mel, seconds below both.

    Args:
        samples: [n] in [-1, 1].
        sample_rate: Hz.
        log_mel: [T, n_mels] in dB.
        frequencies: [n_mels], centre of each band in Hz, ascending.
        frame_rate: frames of `log_mel` per second.
    """
    decibel, first, step = _reduce(log_mel, frame_rate)
    loudest = float(decibel.max())
    times, outline = envelope(samples, sample_rate)
    peak = float(np.abs(samples).max()) * 1.05 or 1.0
    ticks = [f for f in _TICKS_HZ if frequencies[0] <= f <= frequencies[-1] * 1.1]
    places = np.interp(ticks, frequencies, np.arange(len(frequencies)))
    wave = {
        "type": "scatter",
        "name": "waveform",
        "x": times,
        "y": outline,
        "yaxis": "y2",
        "mode": "lines",
        "line": {"color": _WAVE, "width": 0.6},
        "fill": "toself",
        "fillcolor": _WAVE,
        "hoverinfo": "skip",
    }
    mel = {
        "type": "heatmap",
        "name": "log-Mel",
        "z": decibel.T,
        "x0": first,
        "dx": step,
        "y": [_hertz(f) for f in frequencies],
        "zmin": loudest - DYNAMIC_RANGE,
        "zmax": loudest,
        "colorscale": "Viridis",
        "colorbar": {
            "title": {"text": "dB", "side": "top", "font": {"size": 12}},
            "thickness": 10,
            "len": _MEL_TOP,
            "y": 0,
            "yanchor": "bottom",
            "outlinewidth": 0,
            "tickfont": {"size": 11},
            "nticks": 5,
            "xpad": 6,
            "ypad": 0,
        },
        "hovertemplate": "%{x:.2f} s, %{y}: %{z} dB<extra></extra>",
    }
    small = {"size": 12}
    return go.Figure(
        [mel, wave],
        base_layout(
            HEIGHT,
            margin={"l": 8, "r": 0, "t": 8, "b": 8},
            xaxis=axis(
                range=[0.0, len(samples) / sample_rate],
                title={"text": "seconds", "standoff": 8, "font": small},
                nticks=8,
                automargin=True,
            ),
            yaxis=axis(
                domain=[0.0, _MEL_TOP],
                type="category",
                range=[-0.5, len(frequencies) - 0.5],
                tickvals=[round(float(place), 2) for place in places],
                ticktext=[f"{f // 1000}k" if f >= 1000 else str(f) for f in ticks],
                title={"text": "Hz", "standoff": 2, "font": small},
                automargin=True,
            ),
            yaxis2=axis(domain=[_MEL_TOP + 0.03, 1.0], range=[-peak, peak], visible=False),
        ),
    )


def envelope(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Outline of a waveform for a picture: maxima forth, minima back; float32 [2 n] each."""
    bins = min(MAX_COLUMNS, len(samples))
    edges = np.linspace(0, len(samples), bins, endpoint=False).astype(np.int64)
    high = np.maximum.reduceat(samples, edges)
    low = np.minimum.reduceat(samples, edges)
    times = (edges / sample_rate).astype(np.float32)
    outline = np.concatenate([high, low[::-1]]).astype(np.float32)
    return np.concatenate([times, times[::-1]]), outline


def _reduce(log_mel: np.ndarray, frame_rate: float) -> tuple[np.ndarray, float, float]:
    """At most MAX_COLUMNS columns (the loudest of each group of frames), in whole dB.

    Also the time of the first column and the step between columns, in seconds. Whole dB in one
    byte are a quarter of float32 on the wire, and finer than the eye tells colours apart.
    """
    group = -(-len(log_mel) // MAX_COLUMNS)
    loudest = np.maximum.reduceat(log_mel, np.arange(0, len(log_mel), group), axis=0)
    decibel = np.clip(np.rint(loudest), -128, 127).astype(np.int8)
    return decibel, (group - 1) / 2 / frame_rate, group / frame_rate


def _hertz(frequency: float) -> str:
    return f"{frequency / 1000:.2f} kHz" if frequency >= 1000 else f"{frequency:.0f} Hz"
