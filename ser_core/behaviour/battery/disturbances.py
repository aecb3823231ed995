"""What is done to the sound in each test of robustness, and how much may change."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ser_core.behaviour.battery.small_changes import SMALL_CHANGES, TILTS, made
from ser_core.inputs.audio import SAMPLE_RATE, Clip
from ser_core.perturb.change import Change
from ser_core.perturb.channel import TELEPHONE
from ser_core.perturb.noise import BABBLE, WHITE, add_at_snr
from ser_core.perturb.room import ROOM
from ser_core.synthesis.sounds import rain

SNR = 20.0  # dB


@dataclass(frozen=True)
class Disturbance:
    """One change of the sound, by one value."""

    name: str
    change: Change
    value: float = 1.0

    def apply(self, clip: Clip, seed: int) -> Clip:
        """Raises AudioError where it cannot be made of this clip."""
        return self.change.apply(clip, self.value, seed)


@dataclass(frozen=True)
class Robustness:
    """A test of what the sound may do to the answers.

    Attributes:
        key: part of its findings' keys.
        question: as a heading, of how often answers stay.
        disturbances: what is done.
        unchanged: least share of clips with the same class, or less than .05 from a dimension.
        uar, ccc: how much they may change; NaN where it is not asked.
        left_out: sentences on what the public tests have and this one has not.
    """

    key: str
    question: str
    disturbances: tuple[Disturbance, ...]
    unchanged: float
    uar: float = np.nan
    ccc: float = np.nan
    left_out: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _rain() -> np.ndarray:
    return rain(SAMPLE_RATE, np.random.default_rng(0)).astype(np.float64)


def _under_rain(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = np.resize(np.roll(_rain(), rng.integers(len(_rain()))), len(samples))
    return add_at_snr(samples, noise, SNR)


RAIN = made("rain", f"rain at {SNR:g} dB SNR", _under_rain)

ROBUSTNESS = (
    Robustness(
        "noise",
        "Do answers stay under noise?",
        (
            Disturbance("babble", BABBLE, SNR),
            Disturbance("rain", RAIN),
            Disturbance("white noise", WHITE, SNR),
        ),
        unchanged=0.9,
        uar=-0.05,
        ccc=-0.05,
        left_out=(
            "Babble is of synthetic talkers, and rain stands for environments; music, coughs and "
            "sneezes are left out, since there are no recordings of them here.",
        ),
    ),
    Robustness(
        "phone",
        "Do answers stay over the telephone?",
        (Disturbance("telephone", TELEPHONE),),
        unchanged=0.5,
        uar=-0.05,
        ccc=-0.05,
        left_out=("The line is G.711's, without the losses of a mobile one.",),
    ),
    Robustness(
        "room",
        "Do answers stay in another room?",
        (Disturbance("RT60 0.3 s", ROOM, 0.3), Disturbance("RT60 0.7 s", ROOM, 0.7)),
        unchanged=0.8,
        left_out=(
            "Rooms are simulated; other microphones are left out, since no clip here was recorded "
            "by two.",
        ),
    ),
    Robustness(
        "small",
        "Do answers stay under changes that nobody hears?",
        tuple(Disturbance(change.name, change) for change in SMALL_CHANGES),
        unchanged=0.95,
    ),
    Robustness(
        "tilt",
        "Do answers stay when the spectrum tilts?",
        tuple(Disturbance(change.name, change) for change in TILTS),
        unchanged=0.8,
        uar=-0.02,
        ccc=-0.05,
        left_out=("The tilt, 3 dB an octave, is this project's choice.",),
    ),
)
