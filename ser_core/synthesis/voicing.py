"""Emotional voicings of a synthetic voice: F0, tempo, level and timbre as parameters.

The numbers are this project's own; their directions are the ones that reviews of vocal expression
agree on: K. R. Scherer, "Vocal communication of emotion", Speech Communication 40 (2003), 227-256;
P. N. Juslin and P. Laukka, "Communication of emotions in vocal expression and music
performance", Psychological Bulletin 129 (2003), 770-814; R. Banse and K. R. Scherer,
"Acoustic profiles in vocal emotion expression", J. Personality and Social Psychology 70 (1996),
614-636; smiling as raised formants: V. C. Tartter, "Happy talk", Perception & Psychophysics 27
(1980), 24-27.
"""

from dataclasses import dataclass

import numpy as np

RATE = 24_000  # Hz, of the voice
_BINS = 601  # spectral bins of 20 Hz
_F0_LIMITS = (100.0, 480.0)  # Hz, a range in which the voice stays intelligible
_ACTIVE_RANGE = 30.0  # dB below the loudest frame that still count as speech


@dataclass(frozen=True)
class Voicing:
    """How a sentence is said, relative to how the voice reads it by itself.

    Attributes:
        pitch_shift: of the mean F0, in semitones.
        pitch_range: factor on the deviations of F0 (in semitones) from its median; 1 keeps them.
        pitch_slope: added from the first to the last frame, in semitones; negative falls.
        rate: speaking rate as a factor; 1 keeps it. The network rounds each phoneme to 25 ms, so
            that the tempo follows in steps: 1.2 is about 13 % faster, 0.78 lasts 36 % longer.
        level: RMS of the active speech in dBFS.
        tilt: of the spectrum, in dB per octave; positive is brighter.
        formants: factor on the frequencies of the vocal tract; above 1 is a shorter tract.
        breath: noise relative to the harmonics above 1 kHz, as an amplitude ratio, 0 to 1.
        jitter: standard deviation of F0 from frame to frame, in semitones.
        ending: the mark that replaces a final `.` or `!` before the words become phonemes.
        pause: between sentences, in seconds.
    """

    pitch_shift: float = 0.0
    pitch_range: float = 1.0
    pitch_slope: float = 0.0
    rate: float = 1.0
    level: float = -26.0
    tilt: float = 0.0
    formants: float = 1.0
    breath: float = 0.0
    jitter: float = 0.0
    ending: str = "."
    pause: float = 0.35


VOICINGS = {
    # As the voice reads, a little faster: flatter and softer, the shipped audio model heard sad.
    "neutral": Voicing(rate=1.1),
    # High mean F0 with a wide range that rises, fast, rather loud, bright, smiling, regular.
    "happy": Voicing(
        pitch_shift=5.0,
        pitch_range=1.4,
        pitch_slope=1.5,
        rate=1.2,
        level=-23.0,
        tilt=2.0,
        formants=1.05,
        ending="!",
        pause=0.2,
    ),
    # Low mean F0 with a narrow range that falls, slow, quiet, dull, breathy, long pauses.
    "sad": Voicing(
        pitch_shift=-2.0,
        pitch_range=0.4,
        pitch_slope=-2.5,
        rate=0.78,
        level=-32.0,
        tilt=-3.5,
        formants=0.98,
        breath=0.4,
        jitter=0.1,
        pause=0.7,
    ),
    # Raised F0 with a wide range that falls, fast, loud, much energy at high frequencies, rough.
    "angry": Voicing(
        pitch_shift=3.0,
        pitch_range=1.25,
        pitch_slope=-1.0,
        rate=1.28,
        level=-19.0,
        tilt=4.0,
        formants=0.97,
        breath=0.05,
        jitter=0.4,
        ending="!",
        pause=0.15,
    ),
}


def active_level(samples: np.ndarray, rate: int) -> float:
    """RMS level in dBFS of the 20 ms frames within 30 dB of the loudest; samples of shape [n]."""
    length = rate // 50
    frames = samples[: len(samples) // length * length].reshape(-1, length)
    power = np.mean(frames.astype(np.float64) ** 2, axis=1)
    active = power >= power.max() * 10 ** (-_ACTIVE_RANGE / 10)
    return float(10 * np.log10(power[active].mean() + 1e-12))


def shape_pitch(f0: np.ndarray, voicing: Voicing, rng: np.random.Generator) -> np.ndarray:
    """F0 in Hz, shape [frames], as the voicing wants it; unvoiced frames (below 40 Hz) stay."""
    voiced = f0 > 40.0
    if not voiced.any():
        return f0
    semitones = 12 * np.log2(f0[voiced])
    middle = np.median(semitones)
    # The network glides into and out of voiced stretches: those frames are no part of the melody.
    deviation = np.clip(semitones - middle, -6.0, 6.0) * voicing.pitch_range
    position = np.linspace(-0.5, 0.5, len(semitones))
    shaped = middle + voicing.pitch_shift + deviation + voicing.pitch_slope * position
    shaped += voicing.jitter * rng.standard_normal(len(shaped))
    result = f0.copy()
    result[voiced] = np.clip(2 ** (shaped / 12), *_F0_LIMITS)
    return result


def shape_spectrum(parts: list[np.ndarray], voicing: Voicing) -> list[np.ndarray]:
    """The network's five spectral parts, each [601, frames], as the voicing wants them.

    The parts are the log magnitude and the phase of the harmonics, the log magnitude of the noise,
    and the log magnitude and the phase of a rest; see `hibari.dsp`.
    """
    rows = np.clip(np.rint(np.arange(_BINS) / voicing.formants), 0, _BINS - 1).astype(int)
    harmonics, phase, noise, rest, rest_phase = (part[rows] for part in parts)
    frequency = np.arange(_BINS)[:, None] * (RATE / 2 / (_BINS - 1))
    octaves = np.log2(np.clip(frequency, 200.0, 8000.0) / 1000.0)
    gain = (voicing.tilt * octaves * np.log(10) / 20).astype(np.float32)
    if voicing.breath > 0:
        share = voicing.breath * np.clip(frequency / 1000.0 - 0.5, 0.0, 1.0)
        noise = np.logaddexp(noise, harmonics + np.log(share + 1e-9)).astype(np.float32)
    # Effort brightens the source; the hiss of an [s] has no source, so noise follows by half.
    return [harmonics + gain, phase, noise + gain / 2, rest + gain / 2, rest_phase]


def limit(samples: np.ndarray) -> np.ndarray:
    """Samples whose peaks above 0.5 are rounded, so that none exceeds 0.9; smaller ones stay."""
    excess = np.maximum(np.abs(samples) - 0.5, 0.0)
    rounded = np.sign(samples) * (0.5 + 0.4 * np.tanh(excess / 0.4))
    return np.where(excess > 0, rounded, samples)
