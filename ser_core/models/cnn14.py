"""CNN14 (PANNs; Kong et al., 2020), the acoustic trunk, with a door for conditioning.

By the authors' sibling code: batch normalisation over the Mel bands; six blocks of two 3x3
convolutions without bias, each with batch normalisation and ReLU; average pooling 2x2 after each
block but the last; dropout 0.2 after each block; mean over frequency, then max + mean over time;
a linear layer with ReLU. Xavier-uniform start.
"""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ser_core.models.long_clips import LONG, features_in_parts

CHANNELS = (64, 128, 256, 512, 1024, 2048)
BLOCKS = tuple(f"block{k}" for k in range(1, 7))
POOLED = "pooled"
OPERATORS = ("shift", "prenorm", "film")
MIN_FRAMES = 32  # five poolings by two


def scaled_channels(width: float) -> tuple[int, ...]:
    """Output channels of the six blocks at a width; 1.0 is the paper's CNN14."""
    return tuple(max(8, int(channels * width)) for channels in CHANNELS)


Observer = Callable[[str, Tensor, Tensor], None]
"""Told of each conditioning: stage, the activation that it meets, and what becomes of it."""

Recorder = Callable[[str, Tensor], None]
"""Told of each block: its name, and what it gives [B, C, T, F], conditioned if it is a stage."""


class ConvBlock(nn.Module):
    """Two 3x3 convolutions, each followed by batch normalisation and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.norm2 = nn.BatchNorm2d(outputs)
        nn.init.xavier_uniform_(self.conv1.weight)
        nn.init.xavier_uniform_(self.conv2.weight)

    def forward(
        self,
        x: Tensor,
        before_norm: Tensor | None = None,
        observe: Callable[[Tensor, Tensor], None] | None = None,
    ) -> Tensor:
        """[B, C_in, T, F] -> [B, C_out, T, F]; `before_norm` [B, 2 C_out] is the prenorm shift."""
        if before_norm is None:
            return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))
        first, second = before_norm[:, :, None, None].chunk(2, dim=1)
        h = self.conv1(x)
        shifted = h + first
        if observe is not None:
            observe(h, shifted)
        h = self.conv2(F.relu(self.norm1(shifted)))
        shifted = h + second
        if observe is not None:
            observe(h, shifted)
        return F.relu(self.norm2(shifted))


def condition(h: Tensor, stage: Tensor, operator: str) -> Tensor:
    """Apply one stage's conditioning to h [B, C] or [B, C, T, F].

    `shift`: h + s, s [B, C]. `film`: (1 + g) h + s, [g, s] [B, 2 C]. Broadcast over time and
    frequency.
    """
    stage = stage.reshape(*stage.shape, *([1] * (h.dim() - 2)))
    if operator == "film":
        scale, shift = stage.chunk(2, dim=1)
        return h * (1 + scale) + shift
    return h + stage


def _observed(
    h: Tensor, stage: Tensor, operator: str, name: str, observe: Observer | None
) -> Tensor:
    conditioned = condition(h, stage, operator)
    if observe is not None:
        observe(name, h, conditioned)
    return conditioned


class CNN14(nn.Module):
    """Log-Mel spectrogram -> embedding, conditioned at any of its stages.

    Args:
        width: factor on all channel numbers; 1.0 gives 2048 at the end.
        n_mels: Mel bands F.
        dropout: after each block.
        conditioned: whole channels are then dropped (Dropout2d), as in the authors' code.
    """

    def __init__(
        self,
        width: float = 1.0,
        n_mels: int = 64,
        dropout: float = 0.2,
        conditioned: bool = False,
    ) -> None:
        super().__init__()
        channels = scaled_channels(width)
        self.channels = channels
        self.dim = channels[-1]
        self.norm = nn.BatchNorm2d(n_mels)
        self.blocks = nn.ModuleList(
            ConvBlock(i, o) for i, o in zip((1, *channels[:-1]), channels, strict=True)
        )
        self.dropout = nn.Dropout2d(dropout) if conditioned else nn.Dropout(dropout)
        self.hidden = nn.Linear(self.dim, self.dim)
        nn.init.xavier_uniform_(self.hidden.weight)
        nn.init.zeros_(self.hidden.bias)

    def forward(
        self,
        log_mel: Tensor,
        stages: Mapping[str, Tensor] | None = None,
        operator: str = "shift",
        observe: Observer | None = None,
        record: Recorder | None = None,
    ) -> Tensor:
        """Embed log-Mel spectrograms.

        Args:
            log_mel: [B, T, F] in dB; shorter ones than 32 frames repeat their last frame.
            stages: conditioning by stage name (`block1`..`block6`, `pooled`); [B, C] each, or
                [B, 2 C] for `film` and, in blocks, for `prenorm`.
            operator: one of `OPERATORS`.
            observe: see `Observer`; for `prenorm` of a block it is told of both convolutions, and
                on clips of more than 40 s, which go through in parts, of each part.
            record: see `Recorder`.

        Returns:
            [B, C_6], non-negative.
        """
        stages = stages or {}
        if log_mel.shape[1] > LONG and not self.training and record is None:
            x = features_in_parts(self.features, log_mel, stages, operator, observe)
        else:
            x = self.features(log_mel, stages, operator, observe, record)
        return self.embed(x.amax(dim=2) + x.mean(dim=2), stages, operator, observe)

    def features(
        self,
        log_mel: Tensor,
        stages: Mapping[str, Tensor],
        operator: str = "shift",
        observe: Observer | None = None,
        record: Recorder | None = None,
    ) -> Tensor:
        """The six blocks and the mean over frequency, [B, C_6, T // 32]; see `forward`."""
        if log_mel.shape[1] < MIN_FRAMES:
            missing = MIN_FRAMES - log_mel.shape[1]
            log_mel = torch.cat([log_mel, log_mel[:, -1:].expand(-1, missing, -1)], dim=1)
        x = self.norm(log_mel.transpose(1, 2).unsqueeze(-1))  # statistics over each Mel band
        x = x.permute(0, 3, 2, 1)  # [B, 1, T, F]
        x = x.contiguous(memory_format=torch.channels_last)
        for name, block in zip(BLOCKS, self.blocks, strict=True):
            stage = stages.get(name)
            inside = stage is not None and operator == "prenorm"
            told = partial(observe, name) if inside and observe is not None else None
            x = block(x, before_norm=stage if inside else None, observe=told)
            if name != BLOCKS[-1]:
                x = F.avg_pool2d(x, 2)
            if stage is not None and not inside:
                x = _observed(x, stage, operator, name, observe)
            if record is not None:
                record(name, x)
            x = self.dropout(x)
        return x.mean(dim=3)

    def embed(
        self,
        pooled: Tensor,
        stages: Mapping[str, Tensor],
        operator: str = "shift",
        observe: Observer | None = None,
    ) -> Tensor:
        """What follows the pooling over time, max + mean [B, C_6] -> [B, C_6]; see `forward`."""
        if POOLED in stages:
            pooled = _observed(pooled, stages[POOLED], operator, POOLED, observe)
        return F.relu(self.hidden(pooled))
