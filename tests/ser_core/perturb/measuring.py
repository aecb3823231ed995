"""Measurements of sound, independent of what is measured."""

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from ser_core.inputs.audio import SAMPLE_RATE, Clip, from_samples


def decibel(power: float) -> float:
    return float(10 * np.log10(power))


def spectrum(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in Hz and power of the whole signal."""
    power = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(len(samples)))) ** 2
    return np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), power


def band_power(samples: np.ndarray, low: float, high: float) -> float:
    frequency, power = spectrum(samples)
    return float(power[(frequency >= low) & (frequency < high)].sum())


def pitch(samples: np.ndarray) -> np.ndarray:
    """F0 in semitones (re 1 Hz) every 10 ms; NaN where quiet or not voiced.

    From the first of the high peaks of the autocorrelation in 50 ms, between 70 and 500 Hz.
    """
    length = SAMPLE_RATE // 20
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[:: SAMPLE_RATE // 100]
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    window = np.hanning(length)
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * length)) ** 2)[:length]
    spectra = np.abs(np.fft.rfft(frames * window, 2 * length)) ** 2
    correlation = np.fft.irfft(spectra)[:, :length]
    lags = np.arange(SAMPLE_RATE // 500, SAMPLE_RATE // 70)
    values = correlation[:, lags] / shape[lags] / (correlation[:, :1] / shape[0] + 1e-12)
    left, middle, right = values[:, :-2], values[:, 1:-1], values[:, 2:]
    highest = middle.max(axis=1, keepdims=True)
    peaks = (middle > left) & (middle >= right) & (middle > 0.9 * highest)
    voiced = (highest[:, 0] > 0.7) & peaks.any(axis=1) & (power > power.max() * 1e-2)
    rows, first = np.arange(len(values)), peaks.argmax(axis=1)
    a, b, c = left[rows, first], middle[rows, first], right[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        lag = lags[first + 1] + 0.5 * (a - c) / (a - 2 * b + c)  # of a parabola through the three
        return np.where(voiced, 12 * np.log2(SAMPLE_RATE / lag), np.nan)


def formants(samples: np.ndarray) -> list[float]:
    """Resonances in Hz, narrower than 600 Hz, by linear prediction of order 10."""
    whitened = np.diff(samples.astype(np.float64)) * np.hanning(len(samples) - 1)
    power = np.abs(np.fft.rfft(whitened, 2 * len(whitened))) ** 2
    correlation = np.fft.irfft(power)[:11]
    coefficients = solve_toeplitz(correlation[:-1], correlation[1:])
    roots = np.roots([1.0, *-coefficients])
    roots = roots[roots.imag > 0]
    narrow = -np.log(np.abs(roots)) * SAMPLE_RATE / np.pi < 600
    return sorted((np.angle(roots[narrow]) * SAMPLE_RATE / (2 * np.pi)).tolist())


def vowel(f0: float = 160.0, seconds: float = 2.0, name: str = "vowel") -> Clip:
    """A steady [a]: pulses through resonances at 700, 1220 and 2600 Hz."""
    n = round(seconds * SAMPLE_RATE)
    phase = np.cumsum(np.full(n, f0 / SAMPLE_RATE))
    samples = np.diff(np.floor(phase), prepend=0.0)
    samples += 1e-3 * np.random.default_rng(0).standard_normal(n)
    for frequency, width in ((700, 110), (1220, 120), (2600, 160)):
        radius = np.exp(-np.pi * width / SAMPLE_RATE)
        angle = 2 * np.pi * frequency / SAMPLE_RATE
        samples = lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], samples)
    return from_samples(0.3 * samples / np.abs(samples).max(), SAMPLE_RATE, name)
