"""Predictions of one set that were made by several processes, as if one had made them all."""

from collections.abc import Sequence

import numpy as np
import torch.distributed as dist
from lightning.pytorch.utilities import rank_zero_only

Columns = tuple[np.ndarray, ...]


def is_first_process() -> bool:
    """Whether this is the one of several processes that writes files."""
    return int(getattr(rank_zero_only, "rank", None) or 0) == 0


def wait_for_all() -> None:
    """Go on when every process is here; at once where there is one."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()


def gather(sets: list[list[Columns]]) -> list[list[Columns]]:
    """Batches of every set from all processes, in each of them; unchanged where there is one."""
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return sets
    collected: list[list[list[Columns]]] = [[] for _ in range(dist.get_world_size())]
    dist.all_gather_object(collected, sets)
    return [
        [batch for process in collected for batch in process[number]] for number in range(len(sets))
    ]


def whole_set(batches: Sequence[Columns]) -> Columns:
    """Batches whose first column is the row number -> the other columns, every row once, in order.

    Samplers for several processes repeat rows so that each gets as many batches.
    """
    row, *columns = (np.concatenate(column) for column in zip(*batches, strict=True))
    _, first = np.unique(row, return_index=True)
    return tuple(column[first] for column in columns)
