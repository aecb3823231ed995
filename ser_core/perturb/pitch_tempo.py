"""Pitch without tempo and without the vocal tract; tempo without pitch.

Both by Signalsmith Stretch (MIT), a phase vocoder that takes milliseconds. Next to no change leaves
the models' answers nearly where they were: 0.01 semitones move 0.009 of the probability (mean of
eight examples, shipped audio model), so that a curve has no step at its neutral point.
"""

import numpy as np
from scipy.signal import istft, stft

from ser_core.perturb.change import Change

# Half its preset for music: the attacks of speech stay sharper.
_BLOCK, _STEP = 960, 240  # samples
_FRAME, _HOP = 512, 128  # samples, to measure the envelope
_QUEFRENCY = 30  # samples (1.9 ms): finer ripples of the spectrum are harmonics, not formants
_PASSES = 2  # the second takes most of what the smoothing of the first left
_PIECE, _MARGIN = 1 << 17, 4 * _FRAME  # samples, multiples of the hop: 8 s at a time
_MOST = 30.0  # dB by which the envelope is corrected


def _stretch(samples: np.ndarray, semitones: float, tempo: float) -> np.ndarray:
    """Signalsmith Stretch, whose delay it takes out itself; float64 [n / tempo]."""
    import python_stretch

    stretch = python_stretch.Signalsmith.Stretch()
    stretch.configure(1, _BLOCK, _STEP)
    stretch.setTransposeSemitones(semitones)
    stretch.timeFactor = tempo
    return np.asarray(stretch.process(samples[None].astype(np.float32)), dtype=np.float64)[0]


def _log_envelope(spectrum: np.ndarray) -> np.ndarray:
    """Smooth log magnitude, by the low quefrencies of the cepstrum; [bins, frames]."""
    log = np.log(np.abs(spectrum) + 1e-7)
    cepstrum = np.fft.irfft(log, axis=0)
    cepstrum[_QUEFRENCY : _FRAME - _QUEFRENCY + 1] = 0.0
    return np.fft.rfft(cepstrum, axis=0).real


def with_envelope_of(samples: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Samples with the short-time spectral envelope of others of the same length; [n].

    The envelope is what the vocal tract adds to the voice: without this, a shift of the pitch
    would shift the formants too, and the speaker would become a child or a giant.
    """
    result = np.empty_like(samples)
    for start in range(0, len(samples), _PIECE):
        # The margin, longer than what a frame reaches, is thrown away: no seams.
        first = max(0, start - _MARGIN)
        piece = slice(first, start + _PIECE + _MARGIN)
        corrected = _correct(samples[piece], model[piece])
        result[start : start + _PIECE] = corrected[start - first :][:_PIECE]
    return result


def _correct(samples: np.ndarray, model: np.ndarray) -> np.ndarray:
    if len(samples) < _FRAME:
        return samples
    settings = {"nperseg": _FRAME, "noverlap": _FRAME - _HOP}
    wanted = _log_envelope(stft(model, **settings)[2])
    most = _MOST / 20 * np.log(10)
    for _ in range(_PASSES):
        spectrum = stft(samples, **settings)[2]
        gain = np.clip(wanted - _log_envelope(spectrum), -most, most)
        samples = istft(spectrum * np.exp(gain), **settings)[1][: len(samples)]
    return samples


def _pitch(samples: np.ndarray, semitones: float, rng: np.random.Generator) -> np.ndarray:
    shifted = with_envelope_of(_stretch(samples, semitones, 1.0), samples)
    rms = np.sqrt(np.mean(shifted**2))
    return shifted * (np.sqrt(np.mean(samples**2)) / rms) if rms > 0 else shifted


def _tempo(samples: np.ndarray, tempo: float, rng: np.random.Generator) -> np.ndarray:
    return _stretch(samples, 0.0, tempo)


PITCH = Change(
    name="pitch",
    title="Pitch",
    unit="semitones",
    phrase="pitch {:+g} semitones",
    low=-12.0,
    high=12.0,
    neutral=0.0,
    points=(-8.0, -6.0, -4.0, -2.0, 2.0, 4.0, 6.0, 8.0),
    help="Higher or lower at the same tempo; the formants and the level stay.",
    transform=_pitch,
)
TEMPO = Change(
    name="tempo",
    title="Tempo",
    unit="×",
    phrase="tempo × {:g}",
    low=0.25,
    high=4.0,
    neutral=1.0,
    points=(0.5, 0.65, 0.8, 0.9, 1.1, 1.25, 1.5, 2.0),
    logarithmic=True,
    help="Faster or slower at the same pitch; 2 is twice as fast.",
    transform=_tempo,
)
