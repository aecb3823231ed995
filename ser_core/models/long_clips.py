"""CNN14 on long clips: the same output and gradients, a part of the clip in memory at a time.

A frame of the last block sees 126 frames to each side, so that parts with a margin of 128 give the
very features of the whole. Backward, each part is computed again and gets its share of the gradient
(activation checkpointing; Chen et al., 2016).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

LONG = 4096  # frames: shorter clips go through whole
PART = 1024
POOLING = 32  # frames of the input in one of the last block
MARGIN = 128  # two 3x3 convolutions in each block: 2 (1 + 2 + 4 + 8 + 16 + 32) frames, rounded up

Features = Callable[..., Tensor]
"""`CNN14.features`: log-Mel [B, T, 64], stages, operator, observe -> [B, C, T // 32]."""


def features_in_parts(
    features: Features,
    log_mel: Tensor,
    stages: Mapping[str, Tensor],
    operator: str,
    observe: Callable[[str, Tensor, Tensor], None] | None = None,
) -> Tensor:
    """`features(log_mel, stages, operator, observe)` with the memory of about a thousand frames.

    Args:
        log_mel: [B, T, 64], T above 1,024.
        observe: is told of each part by itself, without its margins.
    """
    given = (features, operator, observe, tuple(stages))
    result: Tensor = _InParts.apply(*given, log_mel, *stages.values())
    return result


class _InParts(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        features: Features,
        operator: str,
        observe: Callable[[str, Tensor, Tensor], None] | None,
        names: tuple[str, ...],
        log_mel: Tensor,
        *stages: Tensor,
    ) -> Tensor:
        given = dict(zip(names, stages, strict=True))
        found = []
        for first, last, inner in _parts(log_mel.shape[1]):
            told = None if observe is None else _inside(observe, last - first, inner)
            found.append(features(log_mel[:, first:last], given, operator, told)[:, :, inner])
        ctx.features, ctx.operator, ctx.names = features, operator, names
        ctx.save_for_backward(log_mel, *stages)
        return torch.cat(found, dim=2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        log_mel, *stages = ctx.saved_tensors
        found = [torch.zeros_like(value) for value in (log_mel, *stages)]
        done = 0
        for first, last, inner in _parts(log_mel.shape[1]):
            leaves = [
                value.detach().requires_grad_() for value in (log_mel[:, first:last], *stages)
            ]
            with torch.enable_grad():
                given = dict(zip(ctx.names, leaves[1:], strict=True))
                features = ctx.features(leaves[0], given, ctx.operator)[:, :, inner]
            gradient = gradients[0][:, :, done : done + features.shape[2]]
            done += features.shape[2]
            slopes = torch.autograd.grad(features, leaves, gradient, allow_unused=True)
            found[0][:, first:last] += slopes[0]
            for total, slope in zip(found[1:], slopes[1:], strict=True):
                if slope is not None:  # `pooled` conditions what follows
                    total.add_(slope)
        return None, None, None, None, *found


def _parts(frames: int) -> Iterator[tuple[int, int, slice]]:
    """Of each part: its frames with margins, and its own among their features."""
    starts = list(range(0, frames - MARGIN - POOLING, PART)) or [0]
    for start in starts:
        is_last = start == starts[-1]
        first = max(0, start - MARGIN)
        last = frames if is_last else min(frames, start + PART + MARGIN)
        skipped = (start - first) // POOLING
        yield first, last, slice(skipped, None if is_last else skipped + PART // POOLING)


def _inside(
    observe: Callable[[str, Tensor, Tensor], None], frames: int, inner: slice
) -> Callable[[str, Tensor, Tensor], None]:
    """An observer of activations [B, C, T, F] of a part, told of them without the margins."""

    def told(name: str, before: Tensor, after: Tensor) -> None:
        pooled = round(frames / before.shape[2])  # 1 to 32
        factor = POOLING // pooled
        stop = None if inner.stop is None else inner.stop * factor
        own = slice(inner.start * factor, stop)
        observe(name, before[:, :, own], after[:, :, own])

    return told
