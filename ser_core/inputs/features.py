"""The log-Mel front end: one definition for training and for serving."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from ser_core.inputs.torchaudio_guard import torchaudio


@dataclass(frozen=True)
class FrontEnd:
    """Settings of the log-Mel spectrogram (CNN14 at 16 kHz; by the authors' sibling code).

    64 Mel bands between 50 and 8000 Hz, Hann window of 32 ms, hop of 10 ms, power in dB with
    reference 1, floor `amin` and no `top_db`.

    `level_db`, our choice: a constant is added to each clip's spectrogram so that its mean power
    over time and bands is this level, in dB: how loud a recording is says more of the microphone
    than of the speaker. None leaves the level as it is.
    """

    sample_rate: int = 16_000
    n_fft: int = 512
    hop: int = 160
    n_mels: int = 64
    f_min: float = 50.0
    f_max: float = 8000.0
    amin: float = 1e-10
    level_db: float | None = None

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.sample_rate / self.hop

    def to_dict(self) -> dict[str, Any]:
        """The settings as they are stored in a checkpoint's config."""
        return asdict(self)


@lru_cache(maxsize=8)
def _mel_transform(front_end: FrontEnd) -> torch.nn.Module:
    transform: torch.nn.Module = torchaudio.transforms.MelSpectrogram(
        sample_rate=front_end.sample_rate,
        n_fft=front_end.n_fft,
        hop_length=front_end.hop,
        f_min=front_end.f_min,
        f_max=front_end.f_max,
        n_mels=front_end.n_mels,
        power=2.0,
        norm="slaney",
        mel_scale="slaney",
    )
    return transform


def log_mel(samples: np.ndarray | torch.Tensor, front_end: FrontEnd | None = None) -> torch.Tensor:
    """Log-Mel spectrogram of mono samples in [-1, 1].

    Args:
        samples: shape [n] or [B, n], at `front_end.sample_rate`.
        front_end: settings; default CNN14's at 16 kHz.

    Returns:
        float32 [T, 64] or [B, T, 64] in dB (about -100 to 30), T = n // hop + 1.
    """
    front_end = front_end or FrontEnd()
    if isinstance(samples, np.ndarray):
        samples = np.array(samples)  # a copy: torch warns of a clip's read-only samples
    waveform = torch.as_tensor(samples, dtype=torch.float32)
    with torch.inference_mode():
        power = _mel_transform(front_end)(waveform)
        decibel = 10.0 * torch.log10(torch.clamp(power, min=front_end.amin))
        if front_end.level_db is not None:
            level = 10.0 * torch.log10(power.mean(dim=(-2, -1), keepdim=True) + front_end.amin)
            decibel = decibel + (front_end.level_db - level)
    return decibel.transpose(-1, -2).clone()


def mel_frequencies(front_end: FrontEnd | None = None) -> np.ndarray:
    """Centre frequency of each Mel band in Hz, shape [n_mels], ascending (Slaney's Mel scale)."""
    front_end = front_end or FrontEnd()
    bands = torchaudio.functional.melscale_fbanks(
        n_freqs=20_001,
        f_min=front_end.f_min,
        f_max=front_end.f_max,
        n_mels=front_end.n_mels,
        sample_rate=40_000,
        norm=None,
        mel_scale="slaney",
    )
    return bands.argmax(dim=0).numpy().astype(np.float64)
