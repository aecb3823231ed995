"""What audio is accepted, and the count of it while it is decoded."""

from dataclasses import dataclass

import numpy as np

from ser_core.errors import (
    AudioTooLargeError,
    AudioTooLongError,
    CorruptAudioError,
    NonFiniteAudioError,
)


@dataclass(frozen=True)
class Limits:
    """What `ser_core.inputs.audio.load` accepts.

    Attributes:
        max_bytes: size of the file.
        min_duration_s: shortest clip; a word takes about 0.2 s.
        max_duration_s: longest clip.
        max_decoded_samples: frames x channels, after decoding.
        max_channels: most channels.
        min_sample_rate: lowest rate in Hz.
        max_sample_rate: highest rate in Hz.
    """

    max_bytes: int = 50 * 2**20
    min_duration_s: float = 0.1
    max_duration_s: float = 300.0
    max_decoded_samples: int = 100_000_000
    max_channels: int = 32
    min_sample_rate: int = 4_000
    max_sample_rate: int = 192_000


class MonoMixer:
    """Takes blocks [n, channels], keeps their mean over channels, stops at the limits."""

    def __init__(self, sample_rate: int, channels: int, limits: Limits) -> None:
        if not limits.min_sample_rate <= sample_rate <= limits.max_sample_rate:
            raise CorruptAudioError(
                f"The sample rate of {sample_rate} Hz is not usable: save the recording with "
                f"a rate between {limits.min_sample_rate} and {limits.max_sample_rate} Hz."
            )
        if not 1 <= channels <= limits.max_channels:
            raise AudioTooLargeError(
                f"The recording has {channels} channels: save it with at most "
                f"{limits.max_channels}."
            )
        self.sample_rate = sample_rate
        self.channels = channels
        self._limits = limits
        self._frames = 0
        self._blocks: list[np.ndarray] = []

    def check(self, frames: float) -> None:
        """Refuse a length (frames per channel), claimed or counted.

        Raises:
            AudioTooLongError, AudioTooLargeError: the length is over the limit.
        """
        if frames > self._limits.max_duration_s * self.sample_rate:
            raise AudioTooLongError(
                f"The recording is longer than {self._limits.max_duration_s:g} seconds: "
                "cut it and try again."
            )
        if frames * self.channels > self._limits.max_decoded_samples:
            raise AudioTooLargeError(
                "The recording is too large when decoded: save it in mono at 16 kHz, or cut it."
            )

    def add(self, block: np.ndarray) -> None:
        """Add decoded samples, float [n, channels].

        Raises:
            AudioTooLongError, AudioTooLargeError: the sum of all blocks is over the limit.
            NonFiniteAudioError: NaN or infinity in the block.
        """
        self._frames += len(block)
        self.check(self._frames)
        if not np.isfinite(block).all():
            raise NonFiniteAudioError(
                "The recording has samples that are not numbers (NaN or infinity): export it again."
            )
        # In float64, for the sum of channels near the largest float32 must not overflow.
        self._blocks.append(block.mean(axis=1, dtype=np.float64).astype(np.float32))

    def samples(self) -> np.ndarray:
        """All samples so far, float32 [n]."""
        return np.concatenate([np.zeros(0, dtype=np.float32), *self._blocks])
