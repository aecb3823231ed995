import warnings

import numpy as np
import pytest

from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.features import FrontEnd, log_mel, mel_frequencies

NOISE = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


# An independent derivation in numpy: Slaney's Auditory Toolbox (1998), linear below 1 kHz with
# 200/3 Hz a Mel, logarithmic above with 27 steps for a factor of 6.4.


def to_mel(hz: np.ndarray) -> np.ndarray:
    above = 15.0 + 27.0 * np.log(np.maximum(hz, 1.0) / 1000.0) / np.log(6.4)
    return np.where(hz < 1000.0, hz * 3.0 / 200.0, above)


def to_hz(mel: np.ndarray) -> np.ndarray:
    return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * 6.4 ** ((mel - 15.0) / 27.0))


def corners(n_mels: int = 64, f_min: float = 50.0, f_max: float = 8000.0) -> np.ndarray:
    ends = to_mel(np.array([f_min, f_max]))
    return to_hz(np.linspace(ends[0], ends[1], n_mels + 2))


def reference(samples: np.ndarray, n_fft: int = 512, hop: int = 160) -> np.ndarray:
    padded = np.pad(samples.astype(np.float64), n_fft // 2, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    frames = [
        padded[start : start + n_fft] * window for start in range(0, len(padded) - n_fft + 1, hop)
    ]
    power = np.abs(np.fft.rfft(np.array(frames), axis=1)) ** 2
    frequencies = np.fft.rfftfreq(n_fft, 1 / 16_000)
    edges = corners()
    triangles = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        rising = (frequencies - low) / (centre - low)
        falling = (high - frequencies) / (high - centre)
        triangles.append(np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (high - low))
    return 10.0 * np.log10(np.maximum(power @ np.array(triangles).T, 1e-10))


def test_log_mel_equals_an_independent_derivation() -> None:
    np.testing.assert_allclose(log_mel(NOISE).numpy(), reference(NOISE), atol=2e-3)


@pytest.mark.parametrize("n", [1_600, 1_601, 16_000, 47_999])
def test_shapes(n: int) -> None:
    samples = np.resize(NOISE, n)
    single, batch = log_mel(samples), log_mel(np.stack([samples, samples / 2]))
    assert single.shape == (n // 160 + 1, 64)
    assert batch.shape == (2, n // 160 + 1, 64)
    np.testing.assert_allclose(batch[0], single, atol=1e-4)
    np.testing.assert_allclose(batch[1], single - 20 * np.log10(2), atol=1e-3)


def test_result_is_an_ordinary_tensor() -> None:
    """Attribution needs gradients with respect to it: no inference tensor, no shared memory."""
    features = log_mel(NOISE).requires_grad_()
    features.sum().backward()
    assert features.grad is not None


def test_floor() -> None:
    features = log_mel(np.zeros(1_600, dtype=np.float32))
    np.testing.assert_allclose(features, -100.0, atol=1e-3)


def test_read_only_samples_of_a_clip_are_taken_without_a_warning() -> None:
    clip: Clip = from_samples(NOISE, 16_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(log_mel(clip.samples), log_mel(NOISE))


def test_frequencies() -> None:
    frequencies = mel_frequencies()
    assert frequencies.shape == (64,)
    assert (np.diff(frequencies) > 0).all()
    np.testing.assert_allclose(frequencies, corners()[1:-1], atol=1.0)


@pytest.mark.parametrize("band", [10, 30, 50, 60])
def test_a_tone_lights_the_band_of_its_frequency(band: int) -> None:
    hz = mel_frequencies()[band]
    tone = 0.5 * np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)
    assert int(log_mel(tone).mean(dim=0).argmax()) == band


def test_settings() -> None:
    front_end = FrontEnd(n_mels=32, hop=320)
    assert front_end.frame_rate == 50.0
    assert log_mel(NOISE, front_end).shape == (51, 32)
    assert mel_frequencies(front_end).shape == (32,)
    assert FrontEnd(**front_end.to_dict()) == front_end
