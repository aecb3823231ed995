"""Median fundamental frequency of a clip, by autocorrelation."""

import numpy as np

from ser_core.inputs.audio import SAMPLE_RATE, Clip

LOW, HIGH = 60.0, 500.0  # Hz
_FRAME, _HOP = 0.04, 0.01  # seconds: more than two periods of the lowest voice
_VOICED = 0.5  # of the autocorrelation at a period, against that at none
_QUIET = 30.0  # dB below the loudest frame that are no voice
_OCTAVE = 0.9  # of the highest peak: a shorter period that reaches this is taken


def median_f0(clip: Clip) -> float:
    """Median F0 in Hz over the voiced frames; NaN where fewer than five are voiced.

    The autocorrelation of 40 ms frames under a Hann window, divided by that of the window
    (Boersma, "Accurate short-term analysis of the fundamental frequency", 1993), is searched for
    peaks at periods of 60 to 500 Hz. Of peaks that are nearly as high as the highest, the shortest
    period counts, since twice the period of a voice is one of its periods too.
    """
    samples = clip.samples.astype(np.float64)
    size, hop = round(_FRAME * SAMPLE_RATE), round(_HOP * SAMPLE_RATE)
    if len(samples) < size:
        return float("nan")
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.mean(frames**2, axis=1)
    frames = frames[power > power.max() * 10 ** (-_QUIET / 10)]
    window = np.hanning(size)
    found = _autocorrelation(frames * window) / _autocorrelation(window[None])
    shortest, longest = int(SAMPLE_RATE / HIGH), int(SAMPLE_RATE / LOW)
    inside = found[:, shortest - 1 : longest + 2]
    peak = (inside[:, 1:-1] >= inside[:, :-2]) & (inside[:, 1:-1] > inside[:, 2:])
    heights = np.where(peak, inside[:, 1:-1], -np.inf)
    highest = heights.max(axis=1)
    first = np.argmax(heights >= _OCTAVE * highest[:, None], axis=1)
    voiced = highest > _VOICED
    if voiced.sum() < 5:
        return float("nan")
    return float(np.median(SAMPLE_RATE / (first[voiced] + shortest)))


def _autocorrelation(frames: np.ndarray) -> np.ndarray:
    """Of each frame [F, n] at lags 0 to n - 1, divided by that at 0."""
    size = frames.shape[1]
    spectrum = np.fft.rfft(frames, 2 * size, axis=1)
    found = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :size]
    result: np.ndarray = found / np.maximum(found[:, :1], 1e-12)
    return result
