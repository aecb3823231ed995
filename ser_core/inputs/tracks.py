"""Which sound track of a file to take, and with which decoder.

The track with the default flag comes first, then the others in their order; the first that is not
silent and can be decoded is taken. Where another one can be heard as well, a note names both.
"""

from dataclasses import dataclass

import numpy as np
from av.stream import Disposition

from ser_core.errors import AudioError, CorruptAudioError
from ser_core.inputs import ffmpeg, sound_chunk
from ser_core.inputs.channels import SILENCE
from ser_core.inputs.formats import CODECS, OTHER_DECODERS, wav_coding
from ser_core.inputs.limits import Meter
from ser_core.inputs.mixing import Mixed, UndecodableError, mix

MAX_TRACKS = 8  # that are looked at


@dataclass(frozen=True)
class _Found:
    index: int
    is_default: bool
    codec: str


def decode(data: bytes, meter: Meter) -> tuple[Mixed, str, tuple[str, ...]]:
    """The sound of a file: mixed, its format, and sentences on what was chosen or lost.

    Raises:
        AudioError: no sound track, none that can be decoded, or over the limits.
        UndecodableError: damaged, or no container that is let in.
    """
    found = _tracks(data)
    candidates = sorted(found, key=lambda track: not track.is_default)
    silent: tuple[_Found, tuple[Mixed, ffmpeg.Track], Meter] | None = None
    problem: Exception | None = None
    for candidate in candidates[:MAX_TRACKS]:
        attempt = meter.copy()
        try:
            _refuse_codec(candidate.codec, data)
            mixed, track = _best(data, candidate, attempt)
        except (AudioError, UndecodableError) as error:  # the next track may do
            problem = problem or error
            continue
        if mixed.level >= SILENCE:
            meter.take(attempt)
            notes = _choice(data, candidate, candidates, meter)
            return mixed, track.format, (*notes, *_losses(track))
        silent = silent or (candidate, (mixed, track), attempt)
    if silent is None:
        raise problem or CorruptAudioError("The file has no sound track: choose another one.")
    _, (mixed, track), attempt = silent
    meter.take(attempt)
    return mixed, track.format, _losses(track)


def _tracks(data: bytes) -> list[_Found]:
    with ffmpeg.opened(data) as container:
        streams = container.streams.audio
        if not streams:
            raise CorruptAudioError("The file has no sound track: choose a recording of speech.")
        return [
            _Found(
                index,
                bool(stream.disposition & Disposition.default),
                stream.codec_context.name if stream.codec_context else "",
            )
            for index, stream in enumerate(streams)
        ]


def _refuse_codec(codec: str, data: bytes) -> None:
    if codec in CODECS:
        return
    coding = f"Sound coded as {codec[:20]}" if codec else "The coding of its sound"
    raise wav_refusal(data) or CorruptAudioError(
        f"{coding} is not supported: save the recording as WAV or MP3."
    )


def wav_refusal(data: bytes) -> CorruptAudioError | None:
    """What to say of a WAV file that cannot be decoded: its coding; None for other files."""
    chunk = sound_chunk.find(data)
    if chunk is None or chunk.tag in (0, 1, 3):
        return None
    return CorruptAudioError(
        f"The WAV file is coded as {wav_coding(chunk.tag)}, which cannot be decoded here: convert "
        "it to PCM, the usual coding of WAV files."
    )


def _best(data: bytes, found: _Found, meter: Meter) -> tuple[Mixed, ffmpeg.Track]:
    """By FFmpeg's first decoder, or by another one that loses less."""
    track = ffmpeg.Track(data, found.index)
    first = meter.copy()
    mixed: Mixed | None = None
    problem: Exception | None = None
    try:
        mixed = mix(track.blocks, first)
    except UndecodableError as error:
        problem = error
    other = OTHER_DECODERS.get(found.codec)
    if other and (mixed is None or track.missing_s):
        second, other_track = meter.copy(), ffmpeg.Track(data, found.index, other)
        try:
            other_mixed = mix(other_track.blocks, second)
        except UndecodableError as error:
            problem = problem or error
        else:
            if mixed is None or other_track.decoded_s > track.decoded_s:
                mixed, track, first = other_mixed, other_track, second
    if mixed is None:
        raise problem or CorruptAudioError("The sound track is damaged: export it again.")
    meter.take(first)
    return mixed, track


def _losses(track: ffmpeg.Track) -> tuple[str, ...]:
    if not track.missing_s:
        return ()
    if track.lost_s > 0.5 * track.missing_s:
        return (f"About {track.lost_s:.1f} s of the recording are damaged and were left out.",)
    announced, decoded = f"{track.announced_s:.1f} s", f"{track.decoded_s:.1f} s"
    return (f"The file announces {announced} of sound, but only {decoded} could be decoded.",)


def _choice(data: bytes, taken: _Found, candidates: list[_Found], meter: Meter) -> tuple[str, ...]:
    others = [track for track in candidates[:MAX_TRACKS] if track is not taken]
    if not others:
        return ()
    audible = [track for track in others if _is_audible(data, track, meter.zeroed())]
    which = f"track {taken.index + 1} of {len(candidates)}"
    if audible:
        reason = ", the default one," if taken.is_default else ""
        return (f"Several sound tracks can be heard: {which}{reason} was used.",)
    if taken is not candidates[0]:
        return (f"The file's first choice is silent or unreadable: sound {which} was used.",)
    return ()


def _is_audible(data: bytes, found: _Found, meter: Meter) -> bool:
    if found.codec not in CODECS:
        return False
    low, high = np.inf, -np.inf
    try:
        for rate, block in ffmpeg.Track(data, found.index).blocks():
            meter.add(block, rate)
            low, high = min(low, float(block.min())), max(high, float(block.max()))
            if (high - low) / 2.0 >= SILENCE:
                return True
    except (AudioError, UndecodableError):  # damaged, or longer than what is looked at
        return False
    return False
