"""Which clips excite a channel most: what a channel of a stage listens for."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.stages import StageFunction
from ser_core.support.forward_queue import in_order


def activations(case: Case, stage: str, channels: Sequence[int]) -> dict[int, float]:
    """Mean activation of channels of a stage over time and bands, once conditioned, by channel.

    Raises:
        SerError: a model without stages, or no words.
    """
    function = StageFunction(case)
    found: dict[int, float] = {}

    def observe(name: str, before: Tensor, after: Tensor) -> None:
        if name == stage:
            means = after[0].flatten(1).mean(dim=1) if after.dim() == 4 else after[0]
            found.update({channel: float(means[channel]) for channel in channels})

    def work() -> None:
        with torch.inference_mode():
            operator = function.case.checkpoint.model.operator
            function.network.cnn(function.log_mel, function.stages, operator, observe)

    in_order(work)
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
        for channel, value in activations(case, stage, channels).items():
            rows[channel].append((name, value))
        steps.advance(1)
    return {
        channel: sorted(found, key=lambda row: -row[1])[:number] for channel, found in rows.items()
    }
