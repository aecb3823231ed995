"""What audio is accepted, and the count of it while it is decoded."""

from dataclasses import dataclass, field, replace

import numpy as np

from ser_core.errors import (
    AudioTooLargeError,
    AudioTooLongError,
    CorruptAudioError,
    NonFiniteAudioError,
)

MAX_TRIES = 10  # times the limits, for everything that is decoded of one file


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


@dataclass
class _Work:
    seconds: float = 0.0
    samples: int = 0


@dataclass
class Meter:
    """Counts what was decoded, over all parts of a file, and stops at the limits.

    Attributes:
        limits: what is accepted.
        seconds: so far.
        samples: frames x channels so far.
        work: what was decoded in all, tries that were given up and other tracks included.
    """

    limits: Limits
    seconds: float = 0.0
    samples: int = 0
    work: _Work = field(default_factory=_Work)

    def copy(self) -> "Meter":
        """The same count, for a try that may be given up; the work is counted together."""
        return replace(self)

    def zeroed(self) -> "Meter":
        """A count from zero, whose work is counted together with this one's."""
        return replace(self, seconds=0.0, samples=0)

    def take(self, other: "Meter") -> None:
        """Go on from the count of a try that was kept."""
        self.seconds, self.samples = other.seconds, other.samples

    def check_format(self, sample_rate: int, channels: int) -> None:
        """Refuse rates and numbers of channels.

        Raises:
            CorruptAudioError: the rate in Hz is not usable.
            AudioTooLargeError: too many channels.
        """
        limits = self.limits
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

    def check_length(self, seconds: float, samples: float) -> None:
        """Refuse a length in seconds, and in samples (frames x channels).

        Raises:
            AudioTooLongError, AudioTooLargeError: it is over the limit.
        """
        if seconds > self.limits.max_duration_s:
            raise AudioTooLongError(
                f"The recording is longer than {self.limits.max_duration_s:g} seconds, the limit "
                "of one prediction: cut it and try again."
            )
        if samples > self.limits.max_decoded_samples:
            raise AudioTooLargeError(
                "The recording is too large when decoded: save it in mono at 16 kHz, or cut it."
            )

    def most_frames(self, sample_rate: int, channels: int) -> int:
        """The longest further run of frames that is not over the limits."""
        seconds = self.limits.max_duration_s - self.seconds
        samples = self.limits.max_decoded_samples - self.samples
        return max(0, min(int(seconds * sample_rate), samples // channels))

    def add(self, block: np.ndarray, sample_rate: int) -> None:
        """Count decoded samples, float [n, channels].

        Raises:
            AudioTooLongError, AudioTooLargeError: the sum of all blocks is over the limit.
            NonFiniteAudioError: NaN or infinity in the block.
        """
        self.seconds += len(block) / sample_rate
        self.samples += block.size
        self.check_length(self.seconds - 1e-6, self.samples)  # sums of fractions are not exact
        self.work.seconds += len(block) / sample_rate
        self.work.samples += block.size
        most = self.limits
        if (
            self.work.seconds > MAX_TRIES * most.max_duration_s
            or self.work.samples > MAX_TRIES * most.max_decoded_samples
        ):
            raise AudioTooLargeError(
                "The file takes too long to decode: export its sound as WAV, FLAC or MP3."
            )
        if not np.isfinite(block).all():
            raise NonFiniteAudioError(
                "The recording has samples that are not numbers (NaN or infinity): export it again."
            )
