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
    SilentAudioError,
)
from ser_core.inputs.decode import Decoded, decode
from ser_core.inputs.limits import Limits, MonoMixer
from ser_core.inputs.torchaudio_guard import torchaudio

__all__ = ["SAMPLE_RATE", "SILENCE", "Clip", "Limits", "Source", "from_samples", "load"]

SAMPLE_RATE = 16_000
SILENCE = 1e-4  # half the distance between the extremes; -80 dBFS
_MAX_FILTER_BANK = 1 << 22  # values, when resampling


@dataclass(frozen=True)
class Source:
    """What a clip was made from, as found in the file.

    Attributes:
        name: base name of the file, for display only.
        sample_rate: Hz.
        channels: number of channels.
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
    """Read a recording: WAV, FLAC, Ogg, MP3, M4A, AAC, WebM, or the sound of an MP4 or MOV video.

    Channels are mixed by their mean, the rate becomes 16 kHz. A float file with samples beyond
    [-1, 1] is scaled so that its peak is 1: clipping would distort the voice.

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
        samples: shape [n] or [n, channels]; floats with full scale 1, or integers whose type's
            range is the full scale.
        sample_rate: Hz.
        name: for display.
        limits: what is accepted.

    Raises:
        AudioError: as `load`; CorruptAudioError also for another shape or type.
    """
    array = np.asarray(samples)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise CorruptAudioError(
            "The samples have the wrong shape or type: give real numbers of shape [n] or "
            "[n, channels]."
        )
    mixer = MonoMixer(int(sample_rate), array.shape[1], limits)
    mixer.check(len(array))
    if array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        half = (float(info.max) - float(info.min) + 1.0) / 2.0
        array = (array.astype(np.float64) - (float(info.min) + half)) / half
    mixer.add(array)
    decoded = Decoded(mixer.samples(), mixer.sample_rate, mixer.channels, "samples")
    return _clip(decoded, name, limits)


def _read(source: bytes | str | Path | BinaryIO, limits: Limits) -> tuple[bytes, str]:
    """At most `max_bytes` + 1 bytes of the source, and its name."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "recording"
    if isinstance(source, str | Path):
        try:
            path = Path(source)
            if not path.is_file():  # a device or a pipe would never end
                raise CorruptAudioError("There is no such file: check the name and the folder.")
            with path.open("rb") as file:
                return file.read(limits.max_bytes + 1), path.name
        except (OSError, ValueError) as error:
            raise CorruptAudioError("The file cannot be read: check its permissions.") from error
    if source.seekable():
        source.seek(0)  # an upload that was read before stands at its end
    return source.read(limits.max_bytes + 1), str(getattr(source, "name", "recording"))


def _clip(decoded: Decoded, name: str, limits: Limits) -> Clip:
    duration_s = len(decoded.samples) / decoded.sample_rate
    if duration_s < limits.min_duration_s:
        raise EmptyAudioError(
            f"The recording is shorter than {limits.min_duration_s:g} seconds: record at least "
            "one word."
        )
    _refuse_silence(decoded.samples)
    samples = _to_unit(_resample(_to_unit(decoded.samples), decoded.sample_rate))
    _refuse_silence(samples)  # again: what was above 8 kHz is gone
    samples.setflags(write=False)
    source = Source(
        _display_name(name), decoded.sample_rate, decoded.channels, decoded.format, duration_s
    )
    return Clip(samples, source, hashlib.sha256(samples.tobytes()).hexdigest())


def _refuse_silence(samples: np.ndarray) -> None:
    # Between the extremes, so that a constant offset of a dead microphone is silence too.
    if (float(samples.max()) - float(samples.min())) / 2.0 < SILENCE:
        raise SilentAudioError("The recording is silent: check the microphone and record again.")


def _to_unit(samples: np.ndarray) -> np.ndarray:
    peak = float(np.abs(samples).max())
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


def _display_name(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1].strip()
    printable = "".join(c if c.isprintable() else "_" for c in base)
    return printable[:100] or "recording"
