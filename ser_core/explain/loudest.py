"""Which clips excite a channel most: what a channel of a stage listens for."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.stages import StageFunction
from ser_core.models.cnn14 import POOLED
from ser_core.support.forward_queue import in_order


def activations(case: Case) -> dict[str, np.ndarray]:
    """Mean activation of each channel over time and bands, once conditioned, [C] by stage.

    Raises:
        SerError: a model without stages, or no words.
    """
    function = StageFunction(case)
    sums: dict[str, list[tuple[np.ndarray, int]]] = {}

    def observe(name: str, before: Tensor, after: Tensor) -> None:
        values = after[0].flatten(1) if after.dim() == 4 else after.T
        sums.setdefault(name, []).append((values.sum(dim=1).numpy(), values.shape[1]))

    def work() -> None:
        with torch.inference_mode():
            operator = function.case.checkpoint.model.operator
            function.network.cnn(function.log_mel, function.stages, operator, observe)

    in_order(work)
    prenorm = case.checkpoint.model.operator == "prenorm"
    found = {}
    for name, parts in sums.items():
        # `prenorm` tells of both convolutions of a block: the second counts.
        own = parts[1::2] if prenorm and name != POOLED else parts
        totals, cells = zip(*own, strict=True)
        found[name] = np.sum(totals, axis=0) / sum(cells)
    return found


def loudest(
    cases: Mapping[str, Case],
    stage: str,
    channels: Sequence[int],
    number: int = 3,
    progress: Progress | None = None,
) -> dict[int, list[tuple[str, float]]]:
    """The clips in which channels are most active: (id, mean activation), the loudest first.

    Args:
        cases: clips with their words, of one model, by id.
        stage: as the model names it.
        channels: their numbers.
        number: of clips for each.
    """
    steps = Steps(progress, len(cases))
    rows: dict[int, list[tuple[str, float]]] = {channel: [] for channel in channels}
    for name, case in cases.items():
        means = activations(case)[stage]
        for channel in channels:
            rows[channel].append((name, float(means[channel])))
        steps.advance(1)
    return {
        channel: sorted(found, key=lambda row: -row[1])[:number] for channel, found in rows.items()
    }
