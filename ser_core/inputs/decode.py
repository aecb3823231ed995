"""Bytes of unknown origin -> mono samples at the file's own rate, within limits.

Two decoders: libsndfile (soundfile), and FFmpeg (PyAV) for what that refuses. Headers lie, so a
header is only used to refuse early; the decoded blocks are counted too.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
import soundfile

from ser_core.errors import CorruptAudioError, EmptyAudioError, SerError
from ser_core.inputs.limits import Limits, MonoMixer

_BLOCK = 1 << 20  # samples (frames x channels) decoded at a time
_UNKNOWN = 1 << 62  # frames; libsndfile gives the largest integer for a stream without a length

# FFmpeg reads hundreds of formats, playlists that open other files and URLs among them. Only
# plain containers of audio are let in, and no nested file is ever opened.
_CONTAINERS = {
    "aac": "AAC",
    "aiff": "AIFF",
    "amr": "AMR",
    "asf": "WMA",
    "avi": "AVI",
    "caf": "CAF",
    "flac": "FLAC",
    "matroska": "Matroska/WebM",
    "mov": "MP4",
    "mp3": "MP3",
    "mpegts": "MPEG-TS",
    "ogg": "Ogg",
    "wav": "WAV",
}
_CODECS = (
    "aac,aac_latm,ac3,alac,amrnb,amrwb,eac3,flac,mp2,mp2float,mp3,mp3float,opus,libopus,vorbis,"
    "libvorbis,wmav1,wmav2,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,"
    "pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,adpcm_ms,adpcm_ima_wav"
)
_FFMPEG_OPTIONS = {
    "format_whitelist": ",".join(_CONTAINERS),
    "codec_whitelist": _CODECS,  # also keeps the video decoders shut
    "protocol_whitelist": "none",
}
_MAX_BARREN_PACKETS = 1000  # packets without a sample: a file of these would take minutes


@dataclass(frozen=True, eq=False)
class Decoded:
    """Mono float32 samples [n] at `sample_rate`, and what the file was."""

    samples: np.ndarray
    sample_rate: int
    channels: int
    format: str


def _with_soundfile(data: bytes, limits: Limits) -> Decoded:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        mixer = MonoMixer(file.samplerate, file.channels, limits)
        if file.frames < _UNKNOWN:
            mixer.check(file.frames)
        frames = max(1, _BLOCK // file.channels)
        while len(block := file.read(frames, dtype="float32", always_2d=True)):
            mixer.add(block)
        kind = f"{file.format}/{file.subtype}"
    return Decoded(mixer.samples(), mixer.sample_rate, mixer.channels, kind)


def _with_ffmpeg(data: bytes, limits: Limits) -> Decoded:
    mixer: MonoMixer | None = None
    fruitful = barren = 0
    with av.open(
        io.BytesIO(data), "r", options=_FFMPEG_OPTIONS, metadata_errors="ignore"
    ) as container:
        if not container.streams.audio:
            raise CorruptAudioError("The file has no sound track: choose a recording of speech.")
        stream = container.streams.audio[0]
        codec = stream.codec_context.name
        if codec not in _CODECS.split(","):
            raise CorruptAudioError(
                f"Sound coded as {codec[:20]} is not supported: save the recording as WAV or MP3."
            )
        for packet in container.demux(stream):
            before = fruitful
            try:
                for frame in packet.decode():
                    block = _frame_samples(frame)
                    if mixer is None:
                        mixer = MonoMixer(frame.sample_rate, block.shape[1], limits)
                        if stream.duration and stream.time_base:
                            mixer.check(
                                float(stream.duration * stream.time_base) * mixer.sample_rate
                            )
                    if (frame.sample_rate, block.shape[1]) != (mixer.sample_rate, mixer.channels):
                        raise CorruptAudioError(
                            "The recording changes its sample rate or channels on the way: "
                            "export it again."
                        )
                    mixer.add(block)
                    fruitful += 1
            except av.error.InvalidDataError:
                pass  # as players do: a damaged packet is left out
            barren += before == fruitful
            if barren > _MAX_BARREN_PACKETS:
                break
        kind = f"{_CONTAINERS.get(container.format.name.split(',')[0], 'unknown')}/{codec}"
    if mixer is None or barren > fruitful:
        raise ValueError("more packets are damaged than not")
    return Decoded(mixer.samples(), mixer.sample_rate, mixer.channels, kind)


def _frame_samples(frame: av.AudioFrame) -> np.ndarray:
    """Samples of one decoded frame, float [n, channels], full scale 1."""
    array: np.ndarray = frame.to_ndarray()
    channels = len(frame.layout.channels)
    block: np.ndarray = array.T if frame.format.is_planar else array.reshape(-1, channels)
    if block.dtype.kind == "f":
        return block
    if block.dtype == np.uint8:
        return (block.astype(np.float32) - 128.0) / 128.0
    return block.astype(np.float32) / float(2 ** (8 * block.dtype.itemsize - 1))


def decode(data: bytes, limits: Limits) -> Decoded:
    """Decode a whole file.

    Raises:
        AudioError: a subclass that tells what is wrong; nothing else escapes.
    """
    decoders: tuple[Callable[[bytes, Limits], Decoded], ...] = (_with_soundfile, _with_ffmpeg)
    problem: SerError = CorruptAudioError(
        "The file is damaged or is not a recording: choose a WAV, FLAC, MP3, Ogg, M4A, MP4 or "
        "WebM file."
    )
    for decoder in decoders:
        try:
            decoded = decoder(data, limits)
        except SerError:
            raise
        except Exception:  # damaged bytes make these libraries raise nearly anything
            continue
        if len(decoded.samples):
            return decoded
        problem = EmptyAudioError("The recording has no sound in it: record it again.")
    raise problem
