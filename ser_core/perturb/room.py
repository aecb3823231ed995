"""A room around the speaker: a synthetic impulse response with a given reverberation time."""

import numpy as np
from scipy.signal import fftconvolve

from ser_core.inputs.audio import SAMPLE_RATE
from ser_core.perturb.change import Change
from ser_core.perturb.noise import active_level

VOLUME = 60.0  # cubic metres: a living room
DISTANCE = 1.0  # metres from the mouth to the microphone
_DELAY = 0.003  # seconds to the first reflections


def impulse_response(rt60: float, rng: np.random.Generator) -> np.ndarray:
    """Direct sound, then noise that decays by 60 dB in `rt60` seconds; float64 [n].

    Polack's statistical model of late reverberation (J.-D. Polack, "La transmission de l'énergie
    sonore dans les salles", 1988). How loud it is against the direct sound follows from
    Sabine's law: they are equal at the critical distance 0.057 sqrt(V / RT60) metres of an
    omnidirectional source, and the direct sound falls by 6 dB when the distance doubles.

    Args:
        rt60: reverberation time in seconds, above 0.
        rng: source of the reflections.
    """
    delay = round(_DELAY * SAMPLE_RATE)
    time = np.arange(round(rt60 * SAMPLE_RATE)) / SAMPLE_RATE  # down to -60 dB
    tail = rng.standard_normal(len(time)) * 10 ** (-3.0 * time / rt60)
    critical = 0.057 * np.sqrt(VOLUME / rt60)
    tail *= (DISTANCE / critical) / np.sqrt(np.sum(tail**2))
    response = np.concatenate([np.zeros(delay), tail])
    response[0] = 1.0
    return response


def _reverberate(samples: np.ndarray, rt60: float, rng: np.random.Generator) -> np.ndarray:
    wet = fftconvolve(samples, impulse_response(rt60, rng))[: len(samples)]
    # As a recording at the same level: else the curve would be that of the gain as well.
    level = active_level(samples, SAMPLE_RATE) - active_level(wet, SAMPLE_RATE)
    return wet * 10 ** (level / 20)


ROOM = Change(
    name="room",
    title="Room",
    unit="s RT60",
    phrase="in a room with an RT60 of {:g} s",
    low=0.05,
    high=3.0,
    neutral=0.0,
    points=(0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0),
    random=True,
    help=f"Echoes of a room of {VOLUME:g} m³, {DISTANCE:g} m from the microphone, that die away "
    "by 60 dB in this time; the level stays.",
    transform=_reverberate,
)
