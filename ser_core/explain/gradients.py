"""Attribution by gradients: input x gradient, and integrated gradients.

Gradients of the inputs only, without hooks, and batch by batch at their turn in the queue of
forward passes: nobody waits for more than one batch, and nobody's prediction changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from ser_core.explain.function import Function, LateFunction
from ser_core.explain.progress import Progress, Steps
from ser_core.support.forward_queue import in_order

FIRST_POINTS, FEWEST_POINTS, MOST_POINTS = 16, 32, 160
# Of all gradients; those of long clips are kept in half the bytes (bfloat16, whose rounding is
# hundreds of times below a gap of 1 % in sums): 87 points for half a minute, 17 for five.
MOST_BYTES = 64 * 2**20
# A completeness gap that is good enough: of what is attributed, or in the output's unit.
GAP_SHARE, GAP_UNITS = 0.01, 0.005


@dataclass(frozen=True, eq=False)
class Integrated:
    """Integrated gradients along the straight line from baselines to inputs.

    Attributes:
        values: attribution of each input, of its shape without the batch.
        start, end: f at the baselines and at the inputs.
        steps: points of the line at which gradients were taken.
    """

    values: tuple[Tensor, ...]
    start: float
    end: float
    steps: int

    @property
    def gap(self) -> float:
        """Completeness gap: the sum of all attributions less f(inputs) - f(baselines)."""
        total = sum(float(value.double().sum()) for value in self.values)
        return total - (self.end - self.start)

    @property
    def complete(self) -> bool:
        """Whether the gap is below 1 % of what is attributed or 0.005 of the output's unit."""
        return abs(self.gap) < tolerance(self.end - self.start)


def tolerance(attributed: float) -> float:
    """The largest completeness gap that is good enough, in the output's unit."""
    return max(GAP_SHARE * abs(attributed), GAP_UNITS)


def input_x_gradient(
    function: Function | LateFunction,
) -> tuple[float, dict[str, Tensor], dict[str, Tensor]]:
    """(x - baseline) df/dx at the inputs, from one pass forth and back.

    Not x df/dx: the zero of decibels is nobody's silence. Of a stage's conditioning, none is zero.

    Returns:
        f; attributions by input name, [T, 64] or [N, D]; and by stage, [C_k].
    """

    def work() -> tuple[float, dict[str, Tensor], dict[str, Tensor]]:
        leaves = tuple(value.clone().requires_grad_() for value in function.inputs)
        with torch.enable_grad():
            value, stages = function.with_stages(*leaves)
            # Without words the conditionings depend on nothing.
            stages = {name: stage for name, stage in stages.items() if stage.requires_grad}
            slopes = torch.autograd.grad(value.sum(), (*leaves, *stages.values()))
        moved = [x - b for x, b in zip(function.inputs, function.baselines, strict=True)]
        moved += [stage.detach() for stage in stages.values()]
        products = [(m * s)[0] for m, s in zip(moved, slopes, strict=True)]
        inputs = dict(zip(function.names, products, strict=False))
        by_stage = dict(zip(stages, products[len(leaves) :], strict=True))
        return float(value.detach()), inputs, by_stage

    return in_order(work)


@dataclass(frozen=True, eq=False)
class _Point:
    """A point of the line: f, its slope along the line, and the gradient of each input."""

    value: float
    slope: float
    gradients: tuple[Tensor, ...]


def integrate(
    function: Callable[..., Tensor],
    inputs: Sequence[Tensor],
    baselines: Sequence[Tensor],
    batch: int,
    steps: int | None = None,
    progress: Progress | None = None,
) -> Integrated:
    """Integrated gradients (Sundararajan et al., 2017) of all inputs jointly.

    The integral over the line is a trapezoidal sum whose points are put where they are needed: a
    network of ReLUs has kinks there, and text encoders turn over in a small part of it. Between two
    points the sum must give the difference of f; where it misses most, points are added in between.
    Points spread evenly need several times as many.

    Args:
        function: tensors [B, ...], as many as inputs -> f [B].
        inputs, baselines: a batch of one each.
        batch: points that go through at once.
        steps: number of points, at least 2; None takes as many, from 32 to 160, as make the gap
            small enough (see `tolerance`); fewer where their gradients would take more than 64 MB.
            The gap is in the result either way.
        progress: see `Progress`.
    """
    size = sum(value.numel() * value.element_size() for value in inputs)
    kept = torch.float32
    if FIRST_POINTS * size > MOST_BYTES:
        kept, size = torch.bfloat16, size // 2
    most = min(steps or MOST_POINTS, max(FIRST_POINTS, MOST_BYTES // size))
    counter = Steps(progress, most)
    moves = [x - b for x, b in zip(inputs, baselines, strict=True)]
    line: dict[float, _Point] = {}

    def visit(places: Sequence[float]) -> None:
        for first in range(0, len(places), batch):
            part = places[first : first + batch]
            line.update(zip(part, _points(function, baselines, moves, part, kept), strict=True))
            counter.advance(len(part))

    visit(np.linspace(0.0, 1.0, max(2, min(most, FIRST_POINTS))).tolist())
    while len(line) < most:
        intervals = list(pairwise(sorted(line)))
        misses = np.array([_miss(line, *interval) for interval in intervals])
        enough = steps is None and len(line) >= FEWEST_POINTS
        if enough and abs(misses.sum()) < tolerance(line[1.0].value - line[0.0].value):
            break
        size = np.abs(misses)
        worst = np.argsort(-size, kind="stable")[: min(batch, most - len(line))]
        # The worst one always; but no point goes where next to nothing is missed.
        visit([sum(intervals[n]) / 2 for n in worst if size[n] >= size.max() / 20])
    places = np.array(sorted(line))
    widths = np.diff(places)
    weights = (np.append(widths, 0.0) + np.insert(widths, 0, 0.0)) / 2
    values = []
    for number, move in enumerate(moves):
        mean = torch.zeros_like(move)
        for place, weight in zip(places.tolist(), weights.tolist(), strict=True):
            mean += weight * line[place].gradients[number].float()
        values.append((mean * move)[0])
    return Integrated(tuple(values), line[0.0].value, line[1.0].value, len(line))


def _miss(line: dict[float, _Point], low: float, high: float) -> float:
    """By how much the trapezoid between two points misses the difference of f."""
    area = (line[low].slope + line[high].slope) / 2 * (high - low)
    return area - (line[high].value - line[low].value)


def _points(
    function: Callable[..., Tensor],
    baselines: Sequence[Tensor],
    moves: Sequence[Tensor],
    places: Sequence[float],
    kept: torch.dtype,
) -> list[_Point]:
    def work() -> list[_Point]:
        at = [
            torch.cat([start + place * move for place in places]).requires_grad_()
            for start, move in zip(baselines, moves, strict=True)
        ]
        with torch.enable_grad():
            values = function(*at)
            gradients = torch.autograd.grad(values.sum(), at)
        slopes = torch.zeros(len(places), dtype=torch.float64)
        for gradient, move in zip(gradients, moves, strict=True):
            slopes += (gradient.double() * move).flatten(1).sum(dim=1)
        rows = zip(values.tolist(), slopes.tolist(), strict=True)
        return [
            _Point(value, slope, tuple(g[row : row + 1].to(kept, copy=True) for g in gradients))
            for row, (value, slope) in enumerate(rows)
        ]

    return in_order(work)
