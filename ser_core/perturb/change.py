"""One thing about a clip that can be changed, from not at all to a lot."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ser_core.errors import (
    AudioError,
    AudioTooLongError,
    EmptyAudioError,
    SerError,
    SilentAudioError,
)
from ser_core.inputs.audio import SAMPLE_RATE, Clip, from_samples
from ser_core.inputs.transcript import Transcript

# Samples [n] at 16 kHz in float64, the value, a source of randomness -> samples [m]; its own
# argument where nothing changes.
Transform = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Scale:
    """The values that something can take.

    Attributes:
        name: slug, as the command line takes it.
        title: for humans.
        unit: of the value, such as `dB`; "" for a plain factor or share.
        phrase: the change in words, with the place of the value.
        low, high: the range of the values.
        neutral: the value that changes nothing, to the bit; infinite where none in the range does.
        points: values of a curve by default, ascending, without the neutral one.
        random: whether the seed matters, so that several draws show a band.
        logarithmic: whether equal ratios of the value, not differences, are equal steps.
        help: one sentence on what exactly is done.
    """

    name: str
    title: str
    unit: str
    phrase: str
    low: float
    high: float
    neutral: float
    points: tuple[float, ...]
    random: bool = False
    logarithmic: bool = False
    help: str = ""

    def check(self, value: float) -> None:
        """Raises SerError for a value outside the range."""
        if value != self.neutral and not self.low <= value <= self.high:  # NaN is neither
            if self.low == self.high:
                raise SerError(f"{self.title} takes no other value than {self.low:g}.")
            raise SerError(
                f"{self.title} takes values from {self.low:g} to {self.high:g} {self.unit}".rstrip()
                + "."
            )

    def say(self, value: float) -> str:
        """The change in a few words, such as `white noise at 10 dB SNR`."""
        return "unchanged" if value == self.neutral else self.phrase.format(value)


@dataclass(frozen=True)
class Change(Scale):
    """A change of the sound. `transform` does it, `apply` is the way in."""

    transform: Transform = field(default=lambda x, value, rng: x, repr=False)

    def points_for(self, clip: Clip) -> tuple[float, ...]:
        """Default values for this clip, ascending, without the neutral one."""
        return self.points

    def apply(self, clip: Clip, value: float, seed: int = 0) -> Clip:
        """The clip with the change made; the same arguments give the same samples.

        The result is never clipped: where a peak would exceed full scale, everything is scaled
        down, and a note says by how much. At the neutral value it is `clip` itself.

        Args:
            value: from `low` to `high`, or `neutral`.
            seed: of what is random.

        Raises:
            SerError: a value outside the range.
            AudioError: what is left is silent, or shorter or longer than a clip may be.
        """
        self.check(value)
        if value == self.neutral:
            return clip
        rng = np.random.default_rng(seed)
        samples = clip.samples.astype(np.float64)
        changed = self.transform(samples, value, rng)
        return clip if changed is samples else self._finish(clip, changed, value)

    def variant(
        self, clip: Clip, transcript: Transcript, value: float, seed: int = 0
    ) -> tuple[Clip, Transcript]:
        """Clip and transcript with the change made: here, of the clip."""
        return self.apply(clip, value, seed), transcript

    def _finish(self, clip: Clip, samples: np.ndarray, value: float) -> Clip:
        done = self.say(value)
        notes = [f"Changed: {done}."]
        peak = float(np.abs(samples).max(initial=0.0))
        if peak > 1.0:
            samples = samples / peak
            notes.append(f"Lowered by {20 * math.log10(peak):.1f} dB so that nothing is clipped.")
        try:
            changed = from_samples(samples.astype(np.float32), SAMPLE_RATE, clip.source.name)
        except SilentAudioError as error:
            raise AudioError(f"Nothing can be heard with {done}: take a smaller change.") from error
        except EmptyAudioError as error:
            raise AudioError(
                f"Too little of the clip is left with {done}: take a smaller change."
            ) from error
        except AudioTooLongError as error:
            raise AudioError(
                f"The clip becomes too long with {done}: take a smaller change, or cut it."
            ) from error
        source = replace(clip.source, name=f"{clip.source.name}, {done}")
        return replace(changed, source=source, notes=(*clip.notes, *notes))
