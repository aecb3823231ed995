"""CNN14 on long clips: the same output and gradients, a part of the clip in memory at a time.

A frame of the last block sees 126 frames to each side, so that parts with a margin of 128 give the
very features of the whole. Their maximum and mean over time come together from the parts; backward,
each part is computed again and gets its share of the gradient of both.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ser_core.models.cnn14 import CNN14

POOLING = 32  # frames of the input in one of the last block
MARGIN = 128  # two 3x3 convolutions in each block: 2 (1 + 2 + 4 + 8 + 16 + 32) frames, rounded up
PART = 3072  # frames


def embed_long(cnn: CNN14, log_mel: Tensor, stages: Mapping[str, Tensor], operator: str) -> Tensor:
    """`cnn(log_mel, stages, operator)` with the memory of about 3,000 frames.

    Args:
        log_mel: [B, T, 64], T at least 3,072.
    """
    pooled: Tensor = _Pooled.apply(cnn, operator, tuple(stages), log_mel, *stages.values())
    return cnn.embed(pooled, stages, operator)


class _Pooled(torch.autograd.Function):
    """Maximum + mean over time of `CNN14.features`."""

    @staticmethod
    def forward(
        ctx: Any,
        cnn: CNN14,
        operator: str,
        names: tuple[str, ...],
        log_mel: Tensor,
        *stages: Tensor,
    ) -> Tensor:
        given = dict(zip(names, stages, strict=True))
        parts = [
            cnn.features(log_mel[:, first:last], given, operator)[:, :, inner]
            for first, last, inner, _ in _parts(log_mel.shape[1])
        ]
        features = torch.cat(parts, dim=2)
        ctx.cnn, ctx.operator, ctx.names = cnn, operator, names
        ctx.save_for_backward(log_mel, features.argmax(dim=2), *stages)
        return features.amax(dim=2) + features.mean(dim=2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        log_mel, loudest, *stages = ctx.saved_tensors
        frames = log_mel.shape[1] // POOLING
        found = [torch.zeros_like(value) for value in (log_mel, *stages)]
        for first, last, inner, start in _parts(log_mel.shape[1]):
            leaves = [
                value.detach().requires_grad_() for value in (log_mel[:, first:last], *stages)
            ]
            with torch.enable_grad():
                given = dict(zip(ctx.names, leaves[1:], strict=True))
                features = ctx.cnn.features(leaves[0], given, ctx.operator)[:, :, inner]
            places = torch.arange(start, start + features.shape[2])
            weights = (loudest[:, :, None] == places).to(gradient.dtype) + 1 / frames
            slopes = torch.autograd.grad(
                features, leaves, weights * gradient[:, :, None], allow_unused=True
            )
            found[0][:, first:last] += slopes[0]
            for total, slope in zip(found[1:], slopes[1:], strict=True):
                if slope is not None:  # `pooled` conditions what follows
                    total.add_(slope)
        return None, None, None, *found


def _parts(frames: int) -> Iterator[tuple[int, int, slice, int]]:
    """Of each part: frames with margins, its own among their features, where those start."""
    starts = list(range(0, frames - MARGIN - POOLING, PART)) or [0]
    for number, start in enumerate(starts):
        is_last = number == len(starts) - 1
        first = max(0, start - MARGIN)
        last = frames if is_last else min(frames, start + PART + MARGIN)
        skipped = (start - first) // POOLING
        inner = slice(skipped, None if is_last else skipped + PART // POOLING)
        yield first, last, inner, start // POOLING
