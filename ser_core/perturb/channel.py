"""What the way from the mouth to the file does: level, band width, telephone, a cut."""

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from ser_core.inputs.audio import SAMPLE_RATE, Clip
from ser_core.perturb.change import Change

_TELEPHONE = (300.0, 3400.0)  # Hz, the band of ITU-T G.712
_MU = 255.0  # of G.711
_FADE = 0.01  # seconds


def _gain(samples: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
    return samples * 10 ** (gain / 20)


def _filter(samples: np.ndarray, order: int, band: float | tuple[float, float]) -> np.ndarray:
    """Butterworth, forwards and backwards: twice the order, and no delay."""
    kind = "bandpass" if isinstance(band, tuple) else "lowpass"
    sections = butter(order, band, kind, fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfiltfilt(sections, samples))


def _low_pass(samples: np.ndarray, cutoff: float, rng: np.random.Generator) -> np.ndarray:
    return _filter(samples, 4, cutoff)  # 48 dB an octave, -6 dB at the cutoff


def mu_law(samples: np.ndarray) -> np.ndarray:
    """Samples in [-1, 1] coded in 8 bits by the µ-law of ITU-T G.711 (its formula) and back."""
    companded = np.sign(samples) * np.log1p(_MU * np.abs(samples)) / np.log1p(_MU)
    coded = np.round(companded * 127.0) / 127.0
    return np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(_MU)) / _MU


def _telephone(samples: np.ndarray, value: float, rng: np.random.Generator) -> np.ndarray:
    narrow = resample_poly(_filter(samples, 4, _TELEPHONE), 1, 2)
    peak = max(1.0, float(np.abs(narrow).max()))  # a filter may overshoot; the code may not
    coded = mu_law(narrow / peak) * peak
    return np.asarray(resample_poly(coded, 2, 1))[: len(samples)]


def _cut(samples: np.ndarray, seconds: float, rng: np.random.Generator) -> np.ndarray:
    n = round(seconds * SAMPLE_RATE)
    if n >= len(samples):
        return samples
    kept = samples[:n].copy()
    fade = min(round(_FADE * SAMPLE_RATE), n)
    kept[n - fade :] *= np.linspace(1.0, 0.0, fade)  # a hard end would click in every band
    return kept


class _Length(Change):
    """Values at or above the clip's own length change nothing, so they are no points of a curve."""

    def points_for(self, clip: Clip) -> tuple[float, ...]:
        return tuple(point for point in self.points if point < clip.duration_s)


GAIN = Change(
    name="gain",
    title="Gain",
    unit="dB",
    phrase="gain of {:+g} dB",
    low=-60.0,
    high=40.0,
    neutral=0.0,
    points=(-30.0, -20.0, -12.0, -6.0, 6.0, 12.0, 20.0),
    help="Louder or softer; what would exceed full scale is scaled down instead of clipped.",
    transform=_gain,
)
LOW_PASS = Change(
    name="low-pass",
    title="Low-pass",
    unit="Hz",
    phrase="low-pass at {:g} Hz",
    low=100.0,
    high=7900.0,
    neutral=8000.0,
    points=(250.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0),
    logarithmic=True,
    help="Frequencies above the value are taken out (Butterworth without delay, 48 dB an octave).",
    transform=_low_pass,
)
TELEPHONE = Change(
    name="telephone",
    title="Telephone",
    unit="",
    phrase="over the telephone",
    low=1.0,
    high=1.0,
    neutral=0.0,
    points=(1.0,),
    help="1 is a telephone line: 300 to 3400 Hz, sampled at 8 kHz in 8 bits of µ-law (G.711).",
    transform=_telephone,
)
LENGTH = _Length(
    name="length",
    title="Length",
    unit="s",
    phrase="first {:g} s only",
    low=0.1,
    high=300.0,
    neutral=np.inf,
    points=(0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
    logarithmic=True,
    help="Only the first seconds are kept.",
    transform=_cut,
)
