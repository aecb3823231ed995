"""Layers over time on long clips: the same output and gradients, a part in memory at a time.

What two 3x3 convolutions give at a frame depends on two frames to each side, so that parts with two
more frames at each end give the very output of the whole. Backward, each part is computed again
(activation checkpointing; Chen et al., 2016).
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

LONG = 4096  # frames: shorter clips go through whole
PART = 2048
MARGIN = 2


def in_parts(
    layer: Callable[[Tensor], Tensor], x: Tensor, pool: Callable[[Tensor], Tensor]
) -> Tensor:
    """`pool(layer(x))`, part by part.

    Args:
        layer: [B, C, T, F] -> [B, C', T, F'], of which a frame sees two to each side; without
            randomness.
        pool: follows it; frames may be pooled by two.
    """

    def work(part: Tensor, inner: slice) -> Tensor:
        return pool(layer(part)[:, :, inner])

    frames = x.shape[2]
    starts = range(0, frames - 1, PART)  # never one frame alone, which cannot be pooled
    found = []
    for start in starts:
        first = max(0, start - MARGIN)
        end = frames if start == starts[-1] else start + PART
        part, inner = x[:, :, first : end + MARGIN], slice(start - first, end - first)
        if torch.is_grad_enabled():
            piece = checkpoint(work, part, inner, use_reentrant=False, preserve_rng_state=False)
            assert isinstance(piece, Tensor)
            found.append(piece)
        else:
            found.append(work(part, inner))
    return torch.cat(found, dim=2)
