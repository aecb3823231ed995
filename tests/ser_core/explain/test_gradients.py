"""Integrated gradients against answers that are known: by hand, by shapiq, by captum."""

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

from ser_core.explain.gradients import integrate, tolerance

X = [torch.tensor([[1.0, 2.0], [3.0, -1.0]])[None], torch.tensor([[0.5, 4.0]])]
B = [torch.full((1, 2, 2), 0.5), torch.zeros(1, 2)]


def test_a_linear_function_is_attributed_exactly() -> None:
    weights = torch.tensor([[2.0, -1.0], [0.0, 3.0]])

    def linear(a: Tensor, b: Tensor) -> Tensor:
        return (a * weights).sum(dim=(1, 2)) + 5 * b[:, 1] - 7

    found = integrate(linear, X, B, batch=4)
    assert torch.allclose(found.values[0], weights * (X[0] - B[0])[0], atol=1e-5)
    assert torch.allclose(found.values[1], torch.tensor([0.0, 20.0]), atol=1e-5)
    assert found.gap == pytest.approx(0, abs=1e-4)
    assert found.complete


def test_an_interaction_is_shared_as_by_shapley() -> None:
    shapiq = pytest.importorskip("shapiq")

    def product(a: Tensor, b: Tensor) -> Tensor:
        return 3 * a[:, 0] * b[:, 0] + a[:, 1] * a[:, 0] + b[:, 1]

    x, start = torch.tensor([[1.0, 2.0], [3.0, -1.0]]), torch.tensor([[0.5, 1.0], [0.0, 2.0]])

    def game(coalitions: np.ndarray) -> np.ndarray:
        chosen = torch.tensor(coalitions, dtype=torch.bool)
        inputs = torch.where(chosen, x.flatten(), start.flatten())
        return product(inputs[:, :2], inputs[:, 2:]).numpy().astype(float)

    computer = shapiq.ExactComputer(n_players=4, game=game)
    exact = computer(index="SV").get_n_order_values(1)
    found = integrate(product, [x[:1], x[1:]], [start[:1], start[1:]], batch=8, steps=33)
    # Of degree two: integrated gradients and Shapley values are the same.
    assert torch.cat(found.values).numpy() == pytest.approx(exact, abs=2e-3)


def test_captum_finds_the_same_of_a_smooth_network() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))

    def smooth(a: Tensor, b: Tensor) -> Tensor:
        return network(torch.cat([a.flatten(1), b], dim=1))[:, 0]

    found = integrate(smooth, X, B, batch=8, steps=160)
    theirs = IntegratedGradients(smooth).attribute(tuple(X), tuple(B), n_steps=256)
    for own, other in zip(found.values, theirs, strict=True):
        assert torch.allclose(own, other[0], atol=1e-3)


def test_a_kink_is_found() -> None:
    """All of it happens in a twentieth of the line, where an even spread has one point or two."""

    def step(x: Tensor) -> Tensor:
        return (100 * (x[:, 0] - 0.33)).clamp(0, 5)

    found = integrate(step, [torch.ones(1, 1)], [torch.zeros(1, 1)], batch=8)
    assert float(found.values[0]) == pytest.approx(5, abs=tolerance(5.0))
    assert found.steps < 80
    even = IntegratedGradients(step).attribute(torch.ones(1, 1), n_steps=found.steps)
    assert abs(float(even) - 5) > 2 * abs(found.gap)


def test_steps_are_kept_and_the_gap_is_not_hidden() -> None:
    def step(x: Tensor) -> Tensor:
        return (1000 * (x[:, 0] - 0.33)).clamp(0, 5)

    found = integrate(step, [torch.ones(1, 1)], [torch.zeros(1, 1)], batch=8, steps=4)
    assert found.steps == 4
    assert found.gap == pytest.approx(float(found.values[0]) - 5)
    assert not found.complete


def test_progress_reaches_the_end_and_may_cancel() -> None:
    told: list[float] = []
    integrate(lambda x: x[:, 0] ** 2, [torch.ones(1, 1)], [torch.zeros(1, 1)], 4, 20, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0

    def cancel(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        integrate(lambda x: x[:, 0], [torch.ones(1, 1)], [torch.zeros(1, 1)], 4, progress=cancel)
