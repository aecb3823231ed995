"""Ten changes of a recording that nobody should hear, and a tilt of its spectrum."""

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, sosfiltfilt

from ser_core.inputs.audio import SAMPLE_RATE
from ser_core.perturb.change import Change
from ser_core.perturb.channel import LOW_PASS
from ser_core.perturb.noise import add_at_snr

LENGTHS = (100, 500, 1000)  # samples that are added or cut
TILT = 3.0  # dB an octave, about 1 kHz
Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def made(name: str, phrase: str, draw: Draw) -> Change:
    """A change that is made or not, its amount drawn at random."""
    return Change(
        name=name,
        title=name.capitalize(),
        unit="",
        phrase=phrase,
        low=1.0,
        high=1.0,
        neutral=0.0,
        points=(1.0,),
        random=True,
        transform=lambda samples, value, rng: draw(samples, rng),
    )


def _tone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(len(samples)) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * rng.uniform(5000.0, 7000.0) * time)
    return add_at_snr(samples, tone, rng.uniform(40.0, 50.0))


def _zeros(rng: np.random.Generator) -> np.ndarray:
    return np.zeros(rng.choice(LENGTHS))


def _clip(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    most = np.quantile(np.abs(samples), 1 - rng.uniform(0.001, 0.003))
    return np.clip(samples, -most, most)


def _gain(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    decibel = rng.uniform(1.0, 2.0) * rng.choice([-1, 1])
    return np.asarray(samples * 10 ** (decibel / 20))


def _high_pass(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    cutoff = rng.uniform(50.0, 150.0)
    sections = butter(2, cutoff, "highpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfiltfilt(sections, samples))


def _low_pass(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return LOW_PASS.transform(samples, rng.uniform(6500.0, 7500.0), rng)


def _noise(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return add_at_snr(samples, rng.standard_normal(len(samples)), rng.uniform(35.0, 45.0))


def _ends(name: str, where: str, change: Draw) -> Change:
    return made(name, f"100, 500 or 1000 samples {where}", change)


SMALL_CHANGES = (
    made("tone", "a tone of 5 to 7 kHz, 40 to 50 dB below the voice", _tone),
    _ends("zeros before", "of silence before it", lambda x, rng: np.r_[_zeros(rng), x]),
    _ends("zeros after", "of silence after it", lambda x, rng: np.r_[x, _zeros(rng)]),
    _ends("start cut", "cut off its start", lambda x, rng: x[rng.choice(LENGTHS) :]),
    _ends("end cut", "cut off its end", lambda x, rng: x[: -rng.choice(LENGTHS)]),
    made("clipping", "0.1 to 0.3 % of the samples clipped", _clip),
    made("gain", "1 to 2 dB louder or softer", _gain),
    made("high-pass", "high-pass at 50 to 150 Hz", _high_pass),
    made("low-pass", "low-pass at 6.5 to 7.5 kHz", _low_pass),
    made("faint white noise", "white noise 35 to 45 dB below the voice", _noise),
)


def tilted(samples: np.ndarray, slope: float) -> np.ndarray:
    """A spectrum that rises or falls by `slope` dB an octave, at the same RMS; [n].

    Below 100 Hz the gain is that at 100 Hz.
    """
    spectrum = np.fft.rfft(samples)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), 100.0) / 1000.0)
    changed = np.fft.irfft(spectrum * 10 ** (slope * octaves / 20), len(samples))
    rms = np.sqrt(np.mean(changed**2))
    return np.asarray(changed * (np.sqrt(np.mean(samples**2)) / rms)) if rms > 0 else changed


TILTS = (
    made("brighter", f"{TILT:g} dB an octave brighter", lambda x, rng: tilted(x, TILT)),
    made("duller", f"{TILT:g} dB an octave duller", lambda x, rng: tilted(x, -TILT)),
)
