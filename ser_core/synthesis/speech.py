"""A sentence of the user's own, said by the synthetic voice in any voicing."""

import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ser_core.errors import SerError
from ser_core.inputs.audio import Clip, from_samples
from ser_core.support.cache import Cache
from ser_core.synthesis.sounds import room_tone
from ser_core.synthesis.speaker import Speaker
from ser_core.synthesis.voicing import RATE as VOICE_RATE
from ser_core.synthesis.voicing import VOICINGS, Voicing

RATE = 16_000  # Hz: a listener hears what the models get
MAX_CHARACTERS = 300  # about 20 s of speech, and a second of work
MAX_PHONEMES = 400  # figures are longer when they are said
_MARGINS = (0.2, 0.3)  # seconds of room tone before and after
_ROOM_LEVEL = -70.0  # dBFS, under the speech: a room is never digitally silent
_said = Cache(64)
_speakers = Cache(1)


@dataclass(frozen=True)
class Control:
    """One thing about a voicing that a user can set.

    Attributes:
        field: of `Voicing`.
        title: for humans.
        unit: of the value; "×" for a factor.
        low, high: the range in which the voice stays intelligible.
    """

    field: str
    title: str
    unit: str
    low: float
    high: float


CONTROLS = (
    Control("pitch_shift", "Pitch", "semitones", -6.0, 10.0),
    Control("pitch_range", "Range of pitch", "×", 0.0, 2.5),
    Control("rate", "Tempo", "×", 0.6, 1.6),
    Control("level", "Level", "dBFS", -45.0, -15.0),
    Control("tilt", "Brightness", "dB per octave", -8.0, 8.0),
    Control("breath", "Breath", "share", 0.0, 1.0),
)


def assemble(
    turns: Iterable[tuple[str, Voicing, int]],
    speaker: Speaker,
    rng: np.random.Generator,
    pause: float | None = None,
) -> np.ndarray:
    """Sentences one after the other in a quiet room: float32 samples at 16 kHz, shape [n].

    Args:
        turns: sentence, how it is said, and the seed of its noise.
        speaker: the voice.
        rng: source of the noise of the room.
        pause: between sentences, in seconds; None for each voicing's own.
    """
    pieces = [np.zeros(round(_MARGINS[0] * VOICE_RATE))]
    for sentence, voicing, seed in turns:
        silence = voicing.pause if pause is None else pause
        pieces += [speaker.say(sentence, voicing, seed), np.zeros(round(silence * VOICE_RATE))]
    pieces[-1] = np.zeros(round(_MARGINS[1] * VOICE_RATE))
    speech = _resample(np.concatenate(pieces))
    return speech + room_tone(len(speech), RATE, _ROOM_LEVEL, rng)


def say(text: str, voicing: Voicing | str = "neutral", seed: int = 0) -> Clip:
    """The text, said in a voicing; kept, so that saying it again costs nothing.

    The first call of a process loads the voice, which takes a few seconds; see `warm_up`.

    Args:
        text: in English, at most `MAX_CHARACTERS` long.
        voicing: one of `VOICINGS` by name, or one with values within `CONTROLS`.
        seed: of the noise and the jitter.

    Raises:
        SerError: `hibari-tts` is missing; the text is empty, too long, or nothing that an English
            voice can say; an unknown voicing or a value outside its range.
    """
    name = voicing if isinstance(voicing, str) else ""
    if isinstance(voicing, str):
        if voicing not in VOICINGS:
            raise SerError(f"There is no voicing '{voicing}'; there are {', '.join(VOICINGS)}.")
        voicing = VOICINGS[voicing]
    _check(voicing)
    sentences = split(text)
    how = voicing
    clip: Clip = _said.get((tuple(sentences), how, seed), lambda: _say(sentences, how, seed))
    title = f"“{_shorten(' '.join(sentences))}”, {name or 'own'} voicing"
    return replace(clip, source=replace(clip.source, name=title))


def warm_up() -> None:
    """Load the voice now, a few seconds, rather than at the first sentence."""
    _speaker().say("Hello.", VOICINGS["neutral"])


def split(text: str) -> list[str]:
    """Sentences that the voice can say.

    Raises:
        SerError: see `say`.
    """
    text = " ".join(text.split())
    if len(text) > MAX_CHARACTERS:
        raise SerError(f"The voice says at most {MAX_CHARACTERS} characters: shorten the text.")
    letters = [c for c in text if c.isalpha()]
    if not letters and not any(c.isdecimal() for c in text):
        raise SerError("There is nothing to say: type a sentence.")
    if not all(unicodedata.name(c, "").startswith("LATIN") for c in letters):
        raise SerError("The voice speaks English only: type the sentence in Latin letters.")
    sentences = _speaker().split(text)
    if not sentences:
        raise SerError("There is nothing to say: type a sentence.")
    if sum(phonemes for _, phonemes in sentences) > MAX_PHONEMES:
        raise SerError("The text takes too long to say: shorten it, or write fewer figures.")
    return [sentence for sentence, _ in sentences]


def _speaker() -> Speaker:
    speaker: Speaker = _speakers.get(None, Speaker)
    return speaker


def _check(voicing: Voicing) -> None:
    for control in CONTROLS:
        value = getattr(voicing, control.field)
        if not control.low <= value <= control.high:  # NaN is neither
            raise SerError(
                f"{control.title} takes values from {control.low:g} to {control.high:g} "
                f"{control.unit}."
            )


def _say(sentences: list[str], voicing: Voicing, seed: int) -> Clip:
    # Another sentence has other noise, as when the examples are made.
    turns = [(s, voicing, zlib.crc32(f"{seed}: {s}".encode())) for s in sentences]
    samples = assemble(turns, _speaker(), np.random.default_rng(seed))
    clip = from_samples(samples, RATE)
    return replace(clip, notes=("A synthetic voice: nobody said this, and nobody felt it.",))


def _shorten(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _resample(samples: np.ndarray) -> np.ndarray:
    import torch

    from ser_core.inputs.torchaudio_guard import torchaudio

    waveform = torch.from_numpy(samples.astype(np.float32))
    resampled: torch.Tensor = torchaudio.functional.resample(waveform, VOICE_RATE, RATE)
    return resampled.numpy()
