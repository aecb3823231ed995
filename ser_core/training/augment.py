"""Random changes of log-Mel spectrograms, a whole batch at once; and mixup of whole batches.

All work in the log-Mel domain, so that the spectrograms of a corpus are computed once.
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ser_core.training.recipe import AugmentConfig


def _uniform(generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return low + (high - low) * torch.rand(*shape, generator=generator)


def stretch(x: Tensor, frames: int, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Change tempo and warp the Mel axis; [B, T, F] -> [B, frames, F], from the first frame on."""
    batch, length, bands = x.shape
    tempo = _uniform(generator, 1 - config.tempo, 1 + config.tempo, batch, 1)
    warp = _uniform(generator, 1 - config.warp, 1 + config.warp, batch, 1)
    time = torch.arange(frames) * tempo / (length - 1) * 2 - 1  # grid_sample's [-1, 1]
    band = torch.arange(bands) * warp / (bands - 1) * 2 - 1
    grid = torch.stack(
        [
            band[:, None, :].expand(batch, frames, bands),
            time[:, :, None].expand(batch, frames, bands),
        ],
        dim=-1,
    )
    warped = F.grid_sample(x.unsqueeze(1), grid, padding_mode="border", align_corners=True)
    return warped.squeeze(1)


def colour(x: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Add a gain and a smooth random equaliser curve (three cosines over the Mel axis), dB."""
    batch, _, bands = x.shape
    gain = _uniform(generator, -config.gain_db, config.gain_db, batch, 1, 1)
    amplitude = _uniform(generator, -config.eq_db, config.eq_db, batch, 3) / math.sqrt(3)
    order = torch.arange(1, 4)[:, None] * math.pi * torch.arange(bands)[None, :] / bands
    return x + gain + (amplitude @ order.cos())[:, None, :]


def add_noise(x: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Add stationary noise of a random spectral tilt, in power, to a share of the batch."""
    batch, frames, bands = x.shape
    level = x.flatten(1).quantile(0.8, dim=1)  # about the level of the speech itself
    snr = _uniform(generator, config.snr_db[0], config.snr_db[1], batch)
    tilt = _uniform(generator, -15.0, 5.0, batch, 1) * torch.linspace(-0.5, 0.5, bands)
    noise = (level - snr)[:, None, None] + tilt[:, None, :]
    noise = noise + 2.0 * torch.randn(batch, frames, bands, generator=generator)
    chosen = torch.rand(batch, generator=generator) < config.noise
    noise = torch.where(chosen[:, None, None], noise, -200.0)
    ten = math.log(10.0) / 10.0
    return torch.logaddexp(x * ten, noise * ten) / ten


def mask(x: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """SpecAugment (Park et al., 2019): set random spans of time and of Mel bands to the mean."""
    batch, frames, bands = x.shape
    hidden = torch.zeros(batch, frames, bands, dtype=torch.bool)
    spans = [(frames, config.time_width, (batch, -1, 1))] * config.time_masks
    spans += [(bands, config.mel_width, (batch, 1, -1))] * config.mel_masks
    for size, widest, shape in spans:
        width = _uniform(generator, 0, widest, batch, 1)
        start = _uniform(generator, 0, 1, batch, 1) * (size - width).clamp(min=0)
        position = torch.arange(size)[None, :]
        hidden |= ((position >= start) & (position < start + width)).reshape(shape)
    return torch.where(hidden, x.mean(dim=(1, 2), keepdim=True), x)


def augment(x: Tensor, frames: int, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """All of it, in the order in which a recording would meet it; [B, T, F] -> [B, frames, F]."""
    x = stretch(x, frames, config, generator) if config.tempo or config.warp else x[:, :frames]
    if config.gain_db or config.eq_db:
        x = colour(x, config, generator)
    if config.noise:
        x = add_noise(x, config, generator)
    if config.time_masks or config.mel_masks:
        x = mask(x, config, generator)
    return x


def mix(
    batch: dict[str, Tensor], alpha: float, generator: np.random.Generator
) -> dict[str, Tensor]:
    """Mixup (Zhang et al., 2018) of each example with another of the batch, labels included."""
    size = len(batch["target"])
    share = torch.from_numpy(generator.beta(alpha, alpha, size)).float()
    share = torch.maximum(share, 1 - share)
    other = torch.from_numpy(generator.permutation(size))
    # An example without a label of one kind would be lost to its partner: leave those alone.
    same_kind = (batch["target"].sum(1) > 0) == (batch["target"][other].sum(1) > 0)
    same_kind &= torch.isfinite(batch["dimensions"]).all(1) == torch.isfinite(
        batch["dimensions"][other]
    ).all(1)
    for name in ("has_text", "constructed"):
        if name in batch:
            same_kind &= batch[name] == batch[name][other]
    share = torch.where(same_kind, share, 1.0)
    mixed = {}
    for name, value in batch.items():
        if value.dtype == torch.bool:
            mixed[name] = value  # the same in both
            continue
        weight = share.reshape(-1, *([1] * (value.dim() - 1)))
        blend = weight * value + (1 - weight) * value[other]
        # 0 * NaN is NaN: rows that are not mixed keep their own values.
        mixed[name] = torch.where(weight == 1, value, blend)
    return mixed
