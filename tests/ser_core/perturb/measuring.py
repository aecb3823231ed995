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


def pitch(samples: np.ndarray) -> float:
    """Median F0 in Hz of 60 ms frames, from the highest peak of the autocorrelation."""
    length = SAMPLE_RATE * 6 // 100
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[:: length // 2]
    frames = frames * np.hanning(length)
    power = np.abs(np.fft.rfft(frames, 2 * length)) ** 2
    correlation = np.fft.irfft(power)[:, :length]
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(length), 2 * length)) ** 2)[:length]
    lags = np.arange(SAMPLE_RATE // 500, SAMPLE_RATE // 70)
    peaks = correlation[:, lags] / window[lags]
    best = peaks.argmax(axis=1)
    inner = np.clip(best, 1, len(lags) - 2)
    rows = np.arange(len(peaks))
    left, middle, right = (peaks[rows, inner + step] for step in (-1, 0, 1))
    shift = 0.5 * (left - right) / (left - 2 * middle + right)  # of a parabola through the three
    return float(np.median(SAMPLE_RATE / (lags[inner] + shift)))


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
