"""Recordings as phones, browsers and programs write them, made in memory for the tests."""

import io
from collections.abc import Callable, Sequence

import av
import numpy as np
import pytest
import soundfile

from ser_core.inputs.audio import SAMPLE_RATE, Clip

TONE_HZ = 440.0
_LAYOUTS = {1: "mono", 2: "stereo"}


def tone(
    seconds: float = 1.0, rate: int = 16_000, channels: int = 1, hz: float = TONE_HZ
) -> np.ndarray:
    time_s = np.arange(int(seconds * rate)) / rate
    wave = 0.3 * np.sin(2 * np.pi * hz * time_s)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def voice(seconds: float = 3.0, rate: int = 16_000, seed: int = 0) -> np.ndarray:
    """What levels and spectrum of speech are like: harmonics that come in syllables, [n]."""
    random = np.random.default_rng(seed)
    time_s = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * time_s)) / rate
    harmonics = sum(np.sin(k * phase + random.uniform(0, 6)) / k for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * 2.0 * time_s + random.uniform(0, 6)), 0.0, None) ** 2
    quiet = 1e-3 * random.normal(size=len(time_s))
    return np.asarray(0.2 * harmonics * syllables + quiet, dtype=np.float32)


def sound_file(samples: np.ndarray, rate: int, kind: str, subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def media_file(
    samples: np.ndarray | None,
    rate: int,
    container: str,
    codec: str = "aac",
    video: str = "",
    options: dict[str, str] | None = None,
) -> bytes:
    """A file made by FFmpeg, with a picture where `video` names a codec for it."""
    tracks = [] if samples is None else [samples]
    return tracks_file(tracks, rate, container, codec, video=video, options=options)


def tracks_file(
    tracks: Sequence[np.ndarray],
    rate: int,
    container: str,
    codec: str = "aac",
    *,
    default: Sequence[bool] | None = None,
    video: str = "",
    options: dict[str, str] | None = None,
) -> bytes:
    """A file with several sound tracks of [n, channels], and which of them are the default."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        if video:
            pictures = output.add_stream(video, rate=5)
            pictures.width = pictures.height = 64
            pictures.pix_fmt = "yuv420p"
        sounds = [
            output.add_stream(
                codec, rate=rate, layout=_LAYOUTS[track.shape[1]], options=options or {}
            )
            for track in tracks
        ]
        for sound in sounds:
            if codec.startswith("wma"):
                sound.codec_context.bit_rate = 64_000
        for sound, flag in zip(sounds, default or (), strict=False):
            sound.disposition = av.stream.Disposition.default if flag else 0
        if video:
            for _ in range(5):
                picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
                output.mux(pictures.encode(picture))
            output.mux(pictures.encode(None))
        for sound, track in zip(sounds, tracks, strict=True):
            layout = _LAYOUTS[track.shape[1]]
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(track.T, dtype=np.float32), format="fltp", layout=layout
            )
            frame.sample_rate = rate
            context = sound.codec_context
            context.open(strict=False)
            resampler = av.AudioResampler(
                format=context.format.name, layout=layout, frame_size=context.frame_size or None
            )
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                output.mux(sound.encode(part))
            output.mux(sound.encode(None))
    return buffer.getvalue()


def with_bytes(data: bytes, at: int, new: bytes) -> bytes:
    """A copy with some bytes replaced."""
    return data[:at] + new + data[at + len(new) :]


def loudest_hz(clip: Clip, start_s: float = 0.0, end_s: float | None = None) -> float:
    end = len(clip.samples) if end_s is None else int(end_s * SAMPLE_RATE)
    part = clip.samples[int(start_s * SAMPLE_RATE) : end]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(part)


def likeness(clip: Clip, samples: np.ndarray) -> float:
    """Largest correlation of a clip with 16 kHz samples, over small shifts, 1 for the same."""
    size = min(len(clip.samples), len(samples))
    first, second = clip.samples[:size].astype(float), samples[:size].astype(float)
    products = np.fft.irfft(np.fft.rfft(first, 2 * size).conj() * np.fft.rfft(second, 2 * size))
    near = np.concatenate([products[:2000], products[-2000:]])
    return float(np.abs(near).max() / np.sqrt((first @ first) * (second @ second)))


def assert_valid(clip: Clip) -> None:
    assert clip.samples.dtype == np.float32
    assert clip.samples.ndim == 1
    assert np.isfinite(clip.samples).all()
    assert 1e-4 <= np.abs(clip.samples).max() <= 1.0
    assert clip.sample_rate == 16_000
    assert clip.duration_s == pytest.approx(clip.source.duration_s, rel=1e-3, abs=2e-3)


Maker = Callable[[np.ndarray, int], bytes]  # samples [n, channels] and their rate -> a file

# Every kind of file that the tests can write, by a name; rate in Hz at which it can.
MAKERS: dict[str, tuple[int, Maker]] = {
    "wav": (16_000, lambda x, rate: sound_file(x, rate, "WAV")),
    "rf64": (16_000, lambda x, rate: sound_file(x, rate, "RF64")),
    "w64": (16_000, lambda x, rate: sound_file(x, rate, "W64")),
    "flac": (16_000, lambda x, rate: sound_file(x, rate, "FLAC")),
    "aiff": (16_000, lambda x, rate: sound_file(x, rate, "AIFF")),
    "caf": (16_000, lambda x, rate: sound_file(x, rate, "CAF")),
    "au": (16_000, lambda x, rate: sound_file(x, rate, "AU")),
    "vorbis": (16_000, lambda x, rate: sound_file(x, rate, "OGG", "VORBIS")),
    "opus": (48_000, lambda x, rate: sound_file(x, rate, "OGG", "OPUS")),
    "narrow opus": (8_000, lambda x, rate: sound_file(x, rate, "OGG", "OPUS")),
    "mp3": (44_100, lambda x, rate: sound_file(x, rate, "MP3")),
    "mp3 with tags": (44_100, lambda x, rate: media_file(x, rate, "mp3", "libmp3lame")),
    "mp3 in wav": (44_100, lambda x, rate: media_file(x, rate, "wav", "libmp3lame")),
    "mp2": (44_100, lambda x, rate: media_file(x, rate, "mp2", "mp2")),
    "mpeg": (44_100, lambda x, rate: media_file(x, rate, "mpeg", "mp2")),
    "adts": (16_000, lambda x, rate: media_file(x, rate, "adts")),
    "m4a": (16_000, lambda x, rate: media_file(x, rate, "ipod")),
    "mov": (16_000, lambda x, rate: media_file(x, rate, "mov", "pcm_s16le")),
    "3gp": (8_000, lambda x, rate: media_file(x, rate, "3gp", "libopencore_amrnb")),
    "amr": (8_000, lambda x, rate: media_file(x, rate, "amr", "libopencore_amrnb")),
    "webm": (48_000, lambda x, rate: media_file(x, rate, "webm", "libopus")),
    "mkv": (16_000, lambda x, rate: media_file(x, rate, "matroska", "aac")),
    "wma": (44_100, lambda x, rate: media_file(x, rate, "asf", "wmav2")),
    "avi": (44_100, lambda x, rate: media_file(x, rate, "avi", "libmp3lame")),
    "ts": (48_000, lambda x, rate: media_file(x, rate, "mpegts", "aac")),
    "ac3": (48_000, lambda x, rate: media_file(x, rate, "ac3", "ac3")),
    "g726 in wav": (8_000, lambda x, rate: media_file(x, rate, "wav", "g726")),
    "adpcm in wav": (16_000, lambda x, rate: media_file(x, rate, "wav", "adpcm_ima_wav")),
}
STEREO_TOO = sorted(set(MAKERS) - {"3gp", "amr", "g726 in wav"})
