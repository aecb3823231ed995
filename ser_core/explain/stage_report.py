"""What the conditioning does at each stage of a fusion model, for one clip and its words."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.stages import StageFunction, integrate_stages
from ser_core.models.cnn14 import POOLED
from ser_core.support.forward_queue import in_order

CHANNELS = 3


@dataclass(frozen=True, eq=False)
class Channel:
    """A channel that the conditioning moves much.

    Attributes:
        number: from 0.
        change: root mean square of what the conditioning adds to it, over time and bands.
        over_time: its mean activation over the bands once conditioned, float32 [T_k]; [1] at the
            pooled vector.
        frame_rate: of `over_time`, per second; 0 at the pooled vector.
    """

    number: int
    change: float
    over_time: np.ndarray
    frame_rate: float


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage.

    Attributes:
        name: `block1` to `block6`, `pooled`.
        size: root mean square of what the conditioning changes, as a share of that of the
            activation that it meets; over all channels, time and bands.
        share: of f, by integrated gradients over all stages from no conditioning.
        left_out: f less f without this stage's conditioning.
        alone: f with this stage's conditioning only, less f without any.
        up_to: f with the stages up to this one, in the order of the network.
        channels: the three that it moves most, the most moved first.
    """

    name: str
    size: float
    share: float
    left_out: float
    alone: float
    up_to: float
    channels: tuple[Channel, ...]


@dataclass(frozen=True, eq=False)
class StageReport:
    """All stages of one model for one clip and its words; the voice is kept throughout.

    Attributes:
        model, output, unit: what is explained.
        value: f with all conditionings.
        without: f with none.
        stages: in the order of the network.
        steps, gap: of the integrated gradients: their shares sum to value - without + gap.
    """

    model: str
    output: str
    unit: str
    value: float
    without: float
    stages: tuple[Stage, ...]
    steps: int
    gap: float

    def to_frame(self) -> pd.DataFrame:
        """One row a stage: stage, size, share, left_out, alone, up_to."""
        columns = ("size", "share", "left_out", "alone", "up_to")
        return pd.DataFrame(
            [
                {"stage": stage.name, **{name: getattr(stage, name) for name in columns}}
                for stage in self.stages
            ]
        )


def stage_report(
    case: Case, steps: int | None = None, progress: Progress | None = None
) -> StageReport:
    """Explain one output by the stages of the fusion, several ways side by side.

    Args:
        case: of a fusion model, with words.
        steps: of the integrated gradients; None takes as many as completeness needs.
        progress: see `Progress`.

    Raises:
        SerError: a model without stages, or no words.
    """
    function = StageFunction(case)
    names = function.names
    shares, integrated = integrate_stages(function, steps, progress)
    nothing = dict.fromkeys(names, 0.0)
    rows: list[Mapping[str, float]] = [nothing, {}]
    rows += [{name: 0.0} for name in names]
    rows += [nothing | {name: 1.0} for name in names]
    rows += [dict.fromkeys(names[number:], 0.0) for number in range(1, len(names) + 1)]
    without, value, *rest = function.scaled(rows, Steps(None, len(rows))).tolist()
    left_out, alone, up_to = np.split(np.array(rest), 3)
    sizes, channels = _observe(function)
    return StageReport(
        model=case.checkpoint.name,
        output=case.choice.name,
        unit=case.choice.unit,
        value=value,
        without=without,
        stages=tuple(
            Stage(
                name=name,
                size=sizes[name],
                share=shares[name],
                left_out=float(value - left_out[number]),
                alone=float(alone[number] - without),
                up_to=float(up_to[number]),
                channels=channels[name],
            )
            for number, name in enumerate(names)
        ),
        steps=integrated.steps,
        gap=integrated.gap,
    )


@dataclass(frozen=True, eq=False)
class _Told:
    """What an observer keeps of one stage in one part of a clip: sums, and means over the bands."""

    activation: float
    change: float
    of_channels: Tensor
    cells: int
    over_time: Tensor


def _observe(function: StageFunction) -> tuple[dict[str, float], dict[str, tuple[Channel, ...]]]:
    """Size and most moved channels of each stage, from one pass."""
    told: dict[str, list[_Told]] = {}

    def observe(name: str, before: Tensor, after: Tensor) -> None:
        changed = (after - before)[0].flatten(1) if after.dim() == 4 else (after - before).T
        squares = changed.square().sum(dim=1)
        found = _Told(
            activation=float(before.square().sum()),
            change=float(squares.sum()),
            of_channels=squares,
            cells=changed.shape[1],
            over_time=after[0].mean(dim=2) if after.dim() == 4 else after.T,
        )
        told.setdefault(name, []).append(found)

    def work() -> None:
        with torch.inference_mode():
            function.network.cnn(
                function.log_mel,
                function.stages,
                function.case.checkpoint.model.operator,
                observe,
            )

    in_order(work)
    sizes = {
        name: (sum(t.change for t in found) / max(sum(t.activation for t in found), 1e-12)) ** 0.5
        for name, found in told.items()
    }
    return sizes, {name: _most_moved(function, name, found) for name, found in told.items()}


def _most_moved(function: StageFunction, name: str, told: list[_Told]) -> tuple[Channel, ...]:
    checkpoint = function.case.checkpoint
    if checkpoint.model.operator == "prenorm" and name != POOLED:
        told = told[1::2]  # of both convolutions the second
    over_time = torch.cat([part.over_time for part in told], dim=1)
    squares = torch.stack([part.of_channels for part in told]).sum(dim=0)
    change = (squares / sum(part.cells for part in told)).sqrt()
    pooled = max(1, round(function.log_mel.shape[1] / over_time.shape[1]))
    rate = 0.0 if name == POOLED else checkpoint.front_end.frame_rate / pooled
    return tuple(
        Channel(number, float(change[number]), over_time[number].numpy().copy(), rate)
        for number in change.argsort(descending=True)[:CHANNELS].tolist()
    )
