"""The only door for audio: any bytes or path in -> validated 16 kHz mono Clip, or a typed error."""

import hashlib
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from ser_core.errors import (
    AudioTooLargeError,
    CorruptAudioError,
    EmptyAudioError,
    NonFiniteAudioError,
    SilentAudioError,
)
from ser_core.inputs.channels import SILENCE
from ser_core.inputs.decode import Decoded, decode
from ser_core.inputs.formats import EXTENSIONS
from ser_core.inputs.limits import Limits, Meter
from ser_core.inputs.mixing import mix
from ser_core.inputs.paths import display_name, require_file
from ser_core.inputs.torchaudio_guard import torchaudio

__all__ = [
    "EXTENSIONS",
    "SAMPLE_RATE",
    "SILENCE",
    "Clip",
    "Limits",
    "Source",
    "from_samples",
    "load",
]

SAMPLE_RATE = 16_000
_MAX_FILTER_BANK = 1 << 22  # values, when resampling


@dataclass(frozen=True)
class Source:
    """What a clip was made from, as found in the file.

    Attributes:
        name: base name of the file, for display only.
        sample_rate: Hz; of its first part, where they differ.
        channels: number of channels; of its first part, where they differ.
        format: container and coding, such as `WAV/PCM_16` or `MP4/aac`.
        duration_s: length of what was decoded, in seconds.
    """

    name: str
    sample_rate: int
    channels: int
    format: str
    duration_s: float


@dataclass(frozen=True, eq=False)
class Clip:
    """A recording, ready for every model.

    Attributes:
        samples: float32 [n], mono, 16 kHz, within [-1, 1], not silent; read-only.
        source: what it was made from.
        digest: SHA-256 of the samples' bytes in hexadecimal: a key for caches.
        sample_rate: always 16,000 Hz.
        notes: sentences on what was lost, chosen, cut or doubted on the way in.
    """

    samples: np.ndarray
    source: Source
    digest: str
    sample_rate: int = SAMPLE_RATE
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


def load(
    source: bytes | str | Path | BinaryIO,
    *,
    name: str | None = None,
    limits: Limits = Limits(),  # noqa: B008  (frozen)
) -> Clip:
    """Read a recording: WAV, FLAC, Ogg, MP3, M4A, WebM and others, or the sound of a video.

    Channels become one by their mean, or so that speech survives where the mean would lose it (the
    rule is in `ser_core.inputs.channels`); silence is judged before. The rate becomes 16 kHz. A
    float file with samples beyond [-1, 1] is scaled so that its peak is 1: clipping would distort
    the voice. Recordings that were joined into one file are read to the end; of several sound
    tracks the default one is taken, or the first that is not silent. Whatever was lost, joined or
    chosen is told in `Clip.notes`.

    Args:
        source: the file's bytes, a path, or an open binary file (read from its start).
        name: for display; default the file's base name.
        limits: what is accepted.

    Raises:
        EmptyAudioError: no bytes, no samples, or shorter than `limits.min_duration_s`.
        CorruptAudioError: missing, not audio, without a sound track, or damaged.
        AudioTooLongError: longer than `limits.max_duration_s`.
        AudioTooLargeError: too many bytes, channels, or samples when decoded.
        SilentAudioError: below -80 dBFS throughout.
        NonFiniteAudioError: NaN or infinite samples.
    """
    data, found_name = _read(source, limits)
    if not data:
        raise EmptyAudioError("The file is empty: choose another file or record again.")
    if len(data) > limits.max_bytes:
        raise AudioTooLargeError(
            f"The file is larger than {limits.max_bytes / 2**20:.4g} MB: cut it, or save it as "
            "FLAC or MP3."
        )
    return _clip(decode(data, limits), name or found_name, limits)


def from_samples(
    samples: np.typing.ArrayLike,
    sample_rate: int,
    name: str = "clip",
    *,
    limits: Limits = Limits(),  # noqa: B008  (frozen)
) -> Clip:
    """Make a clip from samples in memory, with the same checks as `load`.

    Args:
        samples: shape [n], [n, channels], or [1, n]; floats with full scale 1, or integers whose
            type's range is the full scale.
        sample_rate: Hz.
        name: for display.
        limits: what is accepted.

    Raises:
        AudioError: as `load`; CorruptAudioError also for another shape or type.
    """
    array = _columns(np.asarray(samples), limits)
    meter = Meter(limits)
    meter.check_format(int(sample_rate), array.shape[1])
    meter.check_length(len(array) / int(sample_rate), array.size)
    if array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        half = (float(info.max) - float(info.min) + 1.0) / 2.0
        array = (array.astype(np.float64) - (float(info.min) + half)) / half
    elif array.dtype.itemsize > 4 and (np.abs(array) > np.finfo(np.float32).max).any():
        raise NonFiniteAudioError("The samples are too large or not finite: scale them to [-1, 1].")
    mixed = mix(lambda: iter([(int(sample_rate), array)]), meter)
    return _clip(Decoded(mixed.runs, "samples", mixed.level, mixed.notes), name, limits)


def _columns(array: np.ndarray, limits: Limits) -> np.ndarray:
    """Real samples as [n, channels]; a single row, as torch keeps mono sound, is one channel."""
    if array.ndim == 1 or (array.ndim == 2 and array.shape[0] == 1):
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise CorruptAudioError(
            "The samples have the wrong shape or type: give real numbers of shape [n] or "
            "[n, channels]."
        )
    if array.shape[0] <= limits.max_channels < array.shape[1]:
        rows, columns = array.shape
        raise CorruptAudioError(
            f"The samples have shape [{rows}, {columns}], which looks like [channels, n]: give "
            "them as [n, channels]."
        )
    return array


def _read(source: bytes | str | Path | BinaryIO, limits: Limits) -> tuple[bytes, str]:
    """At most `max_bytes` + 1 bytes of the source, and its name."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "recording"
    if isinstance(source, str | Path):
        require_file(source)  # a device or a pipe would never end
        path = Path(source)
        try:
            with path.open("rb") as file:
                return file.read(limits.max_bytes + 1), path.name
        except OSError as error:
            raise CorruptAudioError(
                f"The file '{display_name(path.name)}' cannot be read: check the file and its disk."
            ) from error
    if source.seekable():
        source.seek(0)  # an upload that was read before stands at its end
    return source.read(limits.max_bytes + 1), str(getattr(source, "name", "recording"))


def _clip(decoded: Decoded, name: str, limits: Limits) -> Clip:
    duration_s = sum(run.duration_s for run in decoded.runs)
    if duration_s < limits.min_duration_s:
        raise EmptyAudioError(
            f"The recording is shorter than {limits.min_duration_s:g} seconds: record at least "
            "one word."
        )
    _refuse_silence(decoded.level)
    peak = max(float(np.abs(run.samples).max()) for run in decoded.runs)
    parts = [_resample(_scaled(run.samples, peak), run.sample_rate) for run in decoded.runs]
    samples = parts[0] if len(parts) == 1 else np.concatenate(parts)
    samples = _scaled(samples, float(np.abs(samples).max()))
    _refuse_silence((float(samples.max()) - float(samples.min())) / 2.0)  # above 8 kHz is gone
    samples.setflags(write=False)
    first = decoded.runs[0]
    source = Source(
        display_name(name), first.sample_rate, first.channels, decoded.format, duration_s
    )
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    return Clip(samples, source, digest, notes=decoded.notes)


def _refuse_silence(level: float) -> None:
    # Between the extremes, so that a constant offset of a dead microphone is silence too.
    if level < SILENCE:
        raise SilentAudioError("The recording is silent: check the microphone and record again.")


def _scaled(samples: np.ndarray, peak: float) -> np.ndarray:
    return samples if peak <= 1.0 else np.clip(samples / peak, -1.0, 1.0).astype(np.float32)


def _resample(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    if sample_rate == SAMPLE_RATE:
        return samples
    ratio = _ratio(sample_rate)
    with torch.inference_mode():
        resampled = torchaudio.functional.resample(
            torch.from_numpy(samples), ratio.numerator, ratio.denominator
        )
    return np.ascontiguousarray(resampled.numpy())


def _ratio(sample_rate: int) -> Fraction:
    """The rate over 16 kHz in small terms.

    torchaudio's filter bank holds their product: an odd rate such as 191,999 Hz would take
    gigabytes. The usual rates are exact, the others within 0.03 %, half a cent of pitch.
    """
    largest = math.isqrt(_MAX_FILTER_BANK * SAMPLE_RATE // sample_rate)
    return Fraction(sample_rate, SAMPLE_RATE).limit_denominator(largest)
