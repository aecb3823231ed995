"""Bytes of unknown origin -> mono samples at the file's own rates, within limits.

A file is taken apart where several were joined (`parts`). Each part is decoded by libsndfile, and
by FFmpeg (PyAV) where that refuses or gives less than the packets that FFmpeg counts. Headers lie:
what a header claims may stop reading early, where there is sound beyond the limit, but it neither
refuses nor accepts a file; the decoded blocks are counted. What is lost ends in a note.
"""

from dataclasses import dataclass, replace

from ser_core.errors import AudioTooLargeError, CorruptAudioError, EmptyAudioError, SerError
from ser_core.inputs import ffmpeg, sndfile, sound_chunk, tracks
from ser_core.inputs.formats import IN_WORDS
from ser_core.inputs.limits import Limits, Meter
from ser_core.inputs.mixing import Mixed, Run, UndecodableError
from ser_core.inputs.parts import split

_TOLERANCE = 0.1, 0.01  # s, and of the length: coders pad both ends


@dataclass(frozen=True, eq=False)
class Decoded:
    """What was in a file.

    Attributes:
        runs: stretches of mono samples, each at its own rate, in order; at least one sample.
        format: container and coding of the first part, such as `WAV/PCM_16`.
        level: half the distance between the extremes of the loudest channel, before mixing.
        notes: sentences on what was lost, joined or chosen.
    """

    runs: tuple[Run, ...]
    format: str
    level: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Part:
    mixed: Mixed
    format: str
    meter: Meter  # after it
    notes: tuple[str, ...] = ()


def decode(data: bytes, limits: Limits) -> Decoded:
    """Decode a whole file.

    Raises:
        AudioError: a subclass that tells what is wrong; nothing else escapes.
    """
    parts, count = split(data)
    meter = Meter(limits)
    decoded: list[_Part] = []
    problem: SerError | None = None
    unread = 0
    for part in parts:
        try:
            decoded.append(_decode_part(part, meter))
            meter = decoded[-1].meter
        except (CorruptAudioError, EmptyAudioError) as error:
            problem = problem or error
            unread += 1
    if not decoded:
        raise problem or EmptyAudioError("The recording has no sound in it: record it again.")
    notes = [note for part in decoded for note in (*part.notes, *part.mixed.notes)]
    if count > 1:
        notes.append(_joined(count, len(parts), unread))
    return Decoded(
        runs=tuple(run for part in decoded for run in part.mixed.runs),
        format=decoded[0].format,
        level=max(part.mixed.level for part in decoded),
        notes=tuple(dict.fromkeys(notes)),
    )


def _joined(count: int, tried: int, unread: int) -> str:
    if count > tried:
        return (
            f"The file holds more than {tried} recordings one after the other: the rest is missing."
        )
    rest = f", but {unread} of them cannot be read" if unread else ""
    return f"The file holds {count} recordings one after the other: they were joined{rest}."


def _decode_part(data: bytes, meter: Meter) -> _Part:
    """One recording: the fuller of what the two decoders give."""
    data, notes = sound_chunk.with_true_length(data)
    first = _with_libsndfile(data, meter, notes)
    expected = (sound_chunk.seconds(data) or ffmpeg.packet_seconds(data)) if first else 0.0
    if first and first.mixed.runs and not _is_less(first.mixed.duration_s, expected):
        return first
    problem: SerError | None = None
    try:
        second = _with_ffmpeg(data, meter, notes)
    except (CorruptAudioError, AudioTooLargeError) as error:
        second, problem = None, error
    if second and (first is None or _is_less(first.mixed.duration_s, second.mixed.duration_s)):
        return second
    if first and first.mixed.runs:
        missing = f"Only {first.mixed.duration_s:.1f} s of about {expected:.1f} s could be decoded."
        return replace(first, notes=(*first.notes, missing))
    if first:
        raise EmptyAudioError("The recording has no sound in it: record it again.")
    raise problem or _unreadable(data)


def _with_libsndfile(data: bytes, meter: Meter, notes: tuple[str, ...]) -> _Part | None:
    attempt = meter.copy()
    try:
        mixed, kind = sndfile.decode(data, attempt)
    except UndecodableError:
        return None
    return _Part(mixed, kind, attempt, notes)


def _with_ffmpeg(data: bytes, meter: Meter, notes: tuple[str, ...]) -> _Part | None:
    attempt = meter.copy()
    try:
        mixed, kind, found = tracks.decode(data, attempt)
    except UndecodableError:
        return None
    return _Part(mixed, kind, attempt, (*notes, *found))


def _unreadable(data: bytes) -> CorruptAudioError:
    if data[4:8] == b"ftyp" and b"moov" not in data:
        return CorruptAudioError(
            "The recording was cut off or never finished (its index is missing): record or copy it "
            "again."
        )
    return tracks.wav_refusal(data) or CorruptAudioError(
        f"The file is damaged or is not a recording: choose {IN_WORDS}."
    )


def _is_less(seconds: float, expected: float) -> bool:
    return expected - seconds > max(_TOLERANCE[0], _TOLERANCE[1] * expected)
