"""A speaker's reference: what is typical of a voice, from other clips of the same speaker.

Emotion is heard against a person's own way of speaking. Features relative to the speaker carry over
to new corpora better than the features themselves (Kaya and Karpov, 2018; Triantafyllopoulos et
al., 2021, "Deep speaker conditioning for speech emotion recognition"). No labels are needed, but
some clips: their mean should be the speaker's, not that of one mood.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ser_core.errors import SerError
from ser_core.inputs.audio import Clip
from ser_core.inputs.features import FrontEnd, log_mel

MIN_CLIPS = 10  # with fewer a reference can hurt: they may all be of one mood
_RAW = FrontEnd()


@dataclass(frozen=True)
class VoiceStatistics:
    """What a reference needs of one clip.

    Attributes:
        bands: mean over time of each Mel band, dB, at the level of the recording, [64].
        level_db: of the whole spectrogram, 10 log10 of its mean power.
        speech: statistics of the speech encoder, [2 D], or [0] where there is none.
    """

    bands: np.ndarray
    level_db: float
    speech: np.ndarray

    @classmethod
    def of(cls, clip: Clip, speech: np.ndarray) -> "VoiceStatistics":
        """Of a clip and its speech statistics."""
        found = band_statistics(clip.samples)
        return cls(found[:-1], float(found[-1]), speech)


def band_statistics(samples: np.ndarray) -> np.ndarray:
    """Mean over time of each Mel band and, last, the level of the whole; float32 [65], dB."""
    spectrogram = log_mel(samples, _RAW)
    level = 10 * (10 ** (spectrogram.double() / 10)).mean().log10()
    return np.append(spectrogram.mean(dim=0).numpy(), float(level)).astype(np.float32)


@dataclass(frozen=True)
class SpeakerReference:
    """What is typical of a speaker: mean and standard deviation over clips, each counting alike.

    Attributes:
        clips: number of clips that it was made from.
        bands, bands_sd: of each Mel band's mean level, dB, [64].
        level_db, level_sd: of the clips' levels.
        speech, speech_sd: of the speech encoder's statistics, [2 D], or [0].
        speech_encoder: SHA-256 of that encoder, or "".
    """

    clips: int
    bands: np.ndarray
    bands_sd: np.ndarray
    level_db: float
    level_sd: float
    speech: np.ndarray
    speech_sd: np.ndarray
    speech_encoder: str = ""

    @classmethod
    def of(cls, clips: Sequence[VoiceStatistics], speech_encoder: str = "") -> "SpeakerReference":
        """The reference that some clips of one speaker make.

        Raises:
            SerError: there are none.
        """
        if not clips:
            raise SerError("A speaker's reference needs clips of the speaker: give ten or more.")
        bands, speech = (np.stack([getattr(c, n) for c in clips]) for n in ("bands", "speech"))
        levels = np.array([clip.level_db for clip in clips])
        return cls(
            len(clips),
            bands.mean(axis=0),
            bands.std(axis=0),
            float(levels.mean()),
            float(levels.std()),
            speech.mean(axis=0),
            speech.std(axis=0),
            speech_encoder,
        )

    @property
    def doubt(self) -> str:
        """Why it may hurt rather than help, one sentence; "" where there is no reason."""
        if self.clips >= MIN_CLIPS:
            return ""
        return (
            f"The speaker's reference is of {self.clips} clips: with fewer than {MIN_CLIPS} it can "
            "hurt."
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what it says."""
        found = hashlib.sha256(self.speech_encoder.encode())
        for values in (self.bands, self.speech):
            found.update(np.ascontiguousarray(values, np.float32).tobytes())
        return found.hexdigest()
