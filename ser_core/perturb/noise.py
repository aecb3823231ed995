"""Noise under the voice: white, and the babble of other talkers."""

from functools import lru_cache

import numpy as np

from ser_core.errors import SerError
from ser_core.inputs.audio import SAMPLE_RATE, load
from ser_core.perturb.change import Change
from ser_core.synthesis.examples import load_examples
from ser_core.synthesis.voicing import active_level

TALKERS = 6  # from about this many on, babble masks as speech-shaped noise does, no word stands out


def add_at_snr(samples: np.ndarray, noise: np.ndarray, snr: float) -> np.ndarray:
    """The voice as it is, with noise below it; float64 [n].

    The signal's level is that of its active 20 ms frames (those within 30 dB of the loudest, after
    the idea of ITU-T P.56), so that pauses don't make the noise softer; the noise's is its RMS.

    Args:
        samples: [n], at 16 kHz.
        noise: [n], not all zero.
        snr: signal-to-noise ratio in dB.
    """
    level = active_level(samples, SAMPLE_RATE) - snr
    rms = np.sqrt(np.mean(noise**2))
    return samples + noise * (10 ** (level / 20) / rms)


def _white(samples: np.ndarray, snr: float, rng: np.random.Generator) -> np.ndarray:
    return add_at_snr(samples, rng.standard_normal(len(samples)), snr)


@lru_cache(maxsize=1)
def _voices() -> tuple[np.ndarray, ...]:
    """The spoken examples, each at an active level of 0 dB."""
    voices = []
    for example in load_examples():
        if example.transcript:
            samples = load(example.path).samples
            level = active_level(samples, SAMPLE_RATE)
            voices.append(samples * np.float32(10 ** (-level / 20)))
    return tuple(voices)


def babble(n: int, rng: np.random.Generator) -> np.ndarray:
    """Several talkers at once, from the shipped (synthetic) examples; float64 [n].

    Each is another example, repeated from a random place on, and resampled by up to 15 % so that
    they don't sound like one person: pitch, formants and tempo together.

    Raises:
        SerError: the example clips are not here.
    """
    voices = _voices()
    if not voices:
        raise SerError("Babble is made from the spoken example clips, and there are none here.")
    chosen = rng.choice(len(voices), size=min(TALKERS, len(voices)), replace=False)
    mixture = np.zeros(n)
    for voice in (voices[i] for i in chosen):
        speed = rng.uniform(0.85, 1.15)
        position = rng.uniform(0, len(voice)) + speed * np.arange(n)
        mixture += np.interp(position, np.arange(len(voice)), voice, period=len(voice))
    return mixture


def _babble(samples: np.ndarray, snr: float, rng: np.random.Generator) -> np.ndarray:
    return add_at_snr(samples, babble(len(samples), rng), snr)


WHITE = Change(
    name="noise",
    title="White noise",
    unit="dB SNR",
    phrase="white noise at {:g} dB SNR",
    low=-20.0,
    high=80.0,
    neutral=np.inf,
    points=(-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0),
    random=True,
    help="White noise is added; the value is the level of the voice over that of the noise.",
    transform=_white,
)
BABBLE = Change(
    name="babble",
    title="Babble",
    unit="dB SNR",
    phrase="babble at {:g} dB SNR",
    low=-20.0,
    high=80.0,
    neutral=np.inf,
    points=(-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0),
    random=True,
    help=f"{TALKERS} other talkers, all synthetic, are added; the value is the level of the voice "
    "over that of all of them.",
    transform=_babble,
)
