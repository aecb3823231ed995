"""Sounds that are not speech, made of noise and decaying tones, for the example clips."""

from collections.abc import Callable

import numpy as np

from ser_core.synthesis.voicing import active_level


def _coloured_noise(
    n: int, rate: int, weight: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Gaussian noise, shape [n], whose amplitude spectrum is `weight(frequency in Hz)`."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    return np.fft.irfft(spectrum * weight(np.fft.rfftfreq(n, 1 / rate)), n)


def _at_level(samples: np.ndarray, rate: int, level: float) -> np.ndarray:
    """Scaled to an active level in dBFS; float32."""
    gain = 10 ** ((level - active_level(samples, rate)) / 20)
    return (samples * gain).astype(np.float32)


def room_tone(n: int, rate: int, level: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of a quiet room, falling by 6 dB an octave above 200 Hz; float32, shape [n].

    Args:
        n: number of samples.
        rate: in Hz.
        level: RMS in dBFS.
        rng: source of the noise.
    """
    noise = _coloured_noise(n, rate, lambda f: (f > 40) / np.maximum(f, 200.0), rng)
    return _at_level(noise, rate, level)


def bell(rate: int, rng: np.random.Generator) -> np.ndarray:
    """Two strokes of a bell, 4 s at -26 dBFS; float32.

    The partials are those of a church bell tuned to its strike note: hum, prime, tierce, quint,
    nominal and three above, each with its own decay.
    """
    ratios = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.67, 3.0, 4.2])
    decays = np.array([1.6, 1.1, 0.9, 0.6, 0.7, 0.35, 0.25, 0.15])  # seconds to 1/e
    time = np.arange(4 * rate) / rate
    samples = np.zeros(len(time))
    for start, strike in ((0.3, 523.25), (1.7, 440.0)):
        t = np.maximum(time - start, 0.0)[:, None]
        phases = rng.uniform(0, 2 * np.pi, len(ratios))
        partials = np.sin(2 * np.pi * strike * ratios * t + phases) * np.exp(-t / decays) / ratios
        attack = np.clip(t[:, 0] / 0.004, 0.0, 1.0)
        samples += attack * partials.sum(axis=1)
    return _at_level(samples, rate, -26.0) + room_tone(len(samples), rate, -70.0, rng)


def rain(rate: int, rng: np.random.Generator) -> np.ndarray:
    """Steady rain with single drops, 4 s at -30 dBFS; float32."""
    n = 4 * rate
    samples = _coloured_noise(
        n, rate, lambda f: np.minimum(f / 500.0, 1.0) / np.sqrt(np.maximum(f, 1000.0)), rng
    )
    samples /= samples.std()
    length = rate // 100
    time = np.arange(length) / rate
    for start in rng.integers(0, n - length, size=160):
        pitch, loudness = rng.uniform(1500.0, 6000.0), rng.exponential(2.0)
        drop = np.sin(2 * np.pi * pitch * time) * np.exp(-time / 0.002)
        samples[start : start + length] += loudness * drop
    return _at_level(samples, rate, -30.0)


def quiet_room(rate: int, rng: np.random.Generator) -> np.ndarray:
    """Room tone alone, 3 s at -55 dBFS: quiet, but not digital silence; float32."""
    return room_tone(3 * rate, rate, -55.0, rng)


SOUNDS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "room-tone": quiet_room,
    "bell": bell,
    "rain": rain,
}
