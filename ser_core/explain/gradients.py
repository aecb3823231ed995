"""Attribution by gradients: input x gradient, and integrated gradients.

Captum serves several threads only without hooks, and with a gradient function that takes its turn
in the queue of forward passes: nobody waits for more than one internal batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from ser_core.explain.function import Function, values_at
from ser_core.explain.progress import Progress, Steps
from ser_core.support.forward_queue import in_order

# Rules of so many points, averaged by them until the gap is small: a ReLU network's gradient jumps
# along the path, so that one finer rule is hardly better than as many points of several.
ROUNDS = (32, 48, 64, 96)
# A completeness gap that is good enough: of what is attributed, or in the output's unit.
GAP_SHARE, GAP_UNITS = 0.01, 0.01


@dataclass(frozen=True, eq=False)
class Integrated:
    """Integrated gradients along the straight line from baselines to inputs.

    Attributes:
        values: attribution of each input, of its shape.
        start, end: f at the baselines and at the inputs.
        steps: points of the quadrature (Gauss-Legendre, or the average of several such rules).
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
        """Whether the gap is below 1 % of what is attributed or 0.01 of the output's unit."""
        return abs(self.gap) < max(GAP_SHARE * abs(self.end - self.start), GAP_UNITS)


def input_x_gradient(function: Function) -> tuple[float, dict[str, Tensor], dict[str, Tensor]]:
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


def integrate(
    function: Callable[..., Tensor],
    inputs: Sequence[Tensor],
    baselines: Sequence[Tensor],
    batch: int,
    steps: int | None = None,
    progress: Progress | None = None,
) -> Integrated:
    """Integrated gradients (Sundararajan et al., 2017) of all inputs jointly.

    Args:
        function: tensors [B, ...], as many as inputs -> f [B].
        inputs, baselines: a batch of one each.
        batch: points of the quadrature that go through at once.
        steps: their number; None takes 32, and up to 240 until the completeness gap is small enough
            (see `Integrated.complete`). The gap is in the result either way.
        progress: see `Progress`.
    """
    start, end = (float(values_at(function, at)) for at in (baselines, inputs))
    counter = Steps(progress, 0)
    sums = [torch.zeros_like(value[0]) for value in inputs]
    points = 0
    for round_ in ROUNDS if steps is None else (steps,):
        counter.total += round_
        points += round_
        values = _integrate(function, inputs, baselines, batch, round_, counter)
        sums = [total + round_ * value for total, value in zip(sums, values, strict=True)]
        result = Integrated(tuple(total / points for total in sums), start, end, points)
        if result.complete:
            break
    return result


def _integrate(
    function: Callable[..., Tensor],
    inputs: Sequence[Tensor],
    baselines: Sequence[Tensor],
    batch: int,
    steps: int,
    counter: Steps,
) -> tuple[Tensor, ...]:
    def gradients(
        forward_fn: Callable[..., Tensor], inputs: tuple[Tensor, ...], *_: Any, **__: Any
    ) -> tuple[Tensor, ...]:
        def work() -> tuple[Tensor, ...]:
            with torch.enable_grad():
                return torch.autograd.grad(forward_fn(*inputs).sum(), inputs)

        found = in_order(work)
        counter.advance(len(inputs[0]))
        return found

    method = IntegratedGradients(function)
    method.gradient_func = gradients
    found: tuple[Tensor, ...] = method.attribute(
        tuple(inputs), baselines=tuple(baselines), n_steps=steps, internal_batch_size=batch
    )
    return tuple(value.detach()[0] for value in found)
