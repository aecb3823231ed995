"""The synthetic voice that says the example clips, with its F0 made an input.

The voice (`hibari-tts`, Apache-2.0) is one network in two halves: the first predicts durations
and F0 from phonemes, the second predicts from both the spectra of a source-filter synthesis. A
`Voicing` stands between the halves. F0 is changed *before* the spectra are predicted, so that the
timbre follows the pitch as it does in the voice that the network learned from.
"""

import sys
from typing import Any

import numpy as np

from ser_core.errors import SerError
from ser_core.inputs import weights
from ser_core.synthesis.voicing import (
    RATE,
    Voicing,
    active_level,
    limit,
    shape_pitch,
    shape_spectrum,
)

_HOP = 300  # samples a frame of the network's output
_PITCH_FACTOR = "/Constant_162_output_0"  # what the network multiplies its F0 with: a constant 100


def _message(field: int, payload: bytes) -> bytes:
    """A protobuf field that holds a message or bytes, at most 127 of them."""
    return bytes([field << 3 | 2, len(payload)]) + payload


def with_pitch_input(model: bytes) -> bytes:
    """The voice's ONNX model with the factor that scales its predicted F0 as one more input.

    The constant keeps its node under an unused name. Protobuf merges a message with what is
    appended to it, so that an input can be added without the `onnx` package.

    Raises:
        SerError: if it is another model.
    """
    name = _PITCH_FACTOR.encode()
    constant = np.float32(100.0).tobytes()
    if model.count(name) != 3 or constant not in model.partition(name)[2][:60]:
        raise SerError("This voice is not that of hibari-tts 0.2.1: install this version.")
    float_tensor = _message(2, _message(1, bytes([1 << 3, 1])))
    graph_input = _message(11, _message(1, name) + float_tensor)
    return model.replace(name, name.replace(b"output", b"unused"), 1) + _message(7, graph_input)


class Speaker:
    """The bundled voice, able to say a sentence in any voicing.

    Raises:
        SerError: if `hibari-tts` is not installed, or is another version than 0.2.1.
    """

    def __init__(self) -> None:
        network = weights.locate(weights.VOICE)[0]
        # Of the voice the code is needed as well. Where it lies in the user's folder: after all
        # else, so that nothing there takes the place of another module.
        root = str(network.parents[2])
        if root not in sys.path:
            sys.path.append(root)
        import hibari.tts

        self._synthesise: Any = hibari.tts.dsp.synth
        self._voice = hibari.tts.Hibari(threads=1)
        model = with_pitch_input(network.read_bytes())
        options = self._voice.sess.get_session_options()
        self._session = type(self._voice.sess)(model, options, providers=["CPUExecutionProvider"])

    def _predict(self, phonemes: str, rate: float, pitch: np.ndarray) -> list[np.ndarray]:
        """Five spectral parts [601, frames] and F0 [frames]; `pitch` is a factor, [frames or 1]."""
        inputs = {
            "ids": np.array([self._voice.ids(phonemes)], dtype=np.int64),
            "speed": np.array([rate], dtype=np.float32),
            _PITCH_FACTOR: (100.0 * pitch[None]).astype(np.float32),
        }
        return [output[0] for output in self._session.run(None, inputs)]

    def say(self, sentence: str, voicing: Voicing, seed: int = 0) -> np.ndarray:
        """One sentence, without silence around it: float32 samples in [-1, 1] at 24 kHz, shape [n].

        The same arguments give the same samples on the same machine; on others they can differ
        slightly, as the network's integer arithmetic does.

        Args:
            sentence: a single one, in English.
            voicing: how to say it.
            seed: of the noise and the jitter.
        """
        rng = np.random.default_rng(seed)
        if sentence.endswith((".", "!")):
            sentence = sentence[:-1] + voicing.ending
        (phonemes,) = self._voice.phonemize(sentence)
        f0 = self._predict(phonemes, voicing.rate, np.ones(1))[-1]
        wanted = shape_pitch(f0, voicing, rng)
        factor = np.divide(wanted, f0, out=np.ones_like(f0), where=f0 > 0)
        *parts, f0 = self._predict(phonemes, voicing.rate, factor)
        samples = _trim(self._synthesise(*shape_spectrum(parts, voicing), f0, rng))
        gain = 10 ** ((voicing.level - active_level(samples, RATE)) / 20)
        return limit(samples * gain).astype(np.float32)

    def split(self, text: str) -> list[tuple[str, int]]:
        """The sentences of a text that `say` takes one by one, each with its number of phonemes.

        What has no sound is left out; one beyond 400 phonemes counts, but can't be said at once.
        """
        found = [(s, self._voice.phonemize(s)) for s in self._voice.split_sentences(text)]
        return [(s, sum(map(len, phonemes))) for s, phonemes in found if phonemes]


def _trim(samples: np.ndarray) -> np.ndarray:
    """Without the long silence that the voice leaves around speech; the edges fade in 20 ms."""
    power = np.mean(samples.reshape(-1, _HOP) ** 2, axis=1)
    loud = np.flatnonzero(power > power.max() * 1e-5)
    first, last = max(loud[0] - 2, 0), loud[-1] + 3
    trimmed = samples[first * _HOP : last * _HOP].copy()
    ramp = np.linspace(0.0, 1.0, RATE // 50)
    trimmed[: len(ramp)] *= ramp
    trimmed[-len(ramp) :] *= ramp[::-1]
    return trimmed
