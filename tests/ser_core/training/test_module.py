from dataclasses import replace

import numpy as np
import pytest
import torch
from fixtures import micro_recipe

from ser_core.training.module import SerModule, dev_metrics, one_cycles, score
from ser_core.training.recipe import OptimiserConfig

TARGETS = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 0.6, 0, 0.4], [0, 0, 0, 0]], float)
LOGITS = np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 3, 0, 0], [0, 0, 0, 9]], float)
TRUTH = np.array([[0.1, 0.5, np.nan], [0.4, 0.6, np.nan], [0.9, 0.2, np.nan], [0.3, 0.3, np.nan]])


def test_dev_metrics() -> None:
    metrics = dev_metrics(TARGETS, LOGITS, TRUTH, np.where(np.isnan(TRUTH), 0.5, TRUTH))
    assert metrics == pytest.approx({"uar": 0.75, "ccc_arousal": 1.0, "ccc_valence": 1.0})
    assert score(metrics) == pytest.approx((0.75 + 1.0) / 2)


def test_dev_metrics_of_one_head() -> None:
    none = np.zeros((4, 0))
    assert set(dev_metrics(TARGETS, LOGITS, TRUTH, none)) == {"uar"}
    only_dimensions = dev_metrics(TARGETS, none, TRUTH, 1 - TRUTH)
    assert set(only_dimensions) == {"ccc_arousal", "ccc_valence"}
    assert score(only_dimensions) == pytest.approx(np.mean(list(only_dimensions.values())))


def test_one_label_has_no_concordance() -> None:
    truth = np.where(np.arange(4)[:, None] == 2, TRUTH, np.nan)
    assert dev_metrics(TARGETS, LOGITS, truth, TRUTH) == pytest.approx({"uar": 0.75})


def test_mean_of_several_dimensions_counts_as_much_as_the_categories() -> None:
    metrics = {"uar": 0.8, "ccc_arousal": 0.2, "ccc_valence": 0.4, "ccc_dominance": 0.6}
    assert score(metrics) == pytest.approx((0.8 + 0.4) / 2)


@pytest.mark.parametrize(
    ("start", "freeze", "slow"),
    [
        ("", False, ()),
        ("audio", False, ("cnn.norm.", "cnn.blocks.")),
        ("audio", True, ("cnn.hidden.",)),
    ],
)
def test_learning_rates_and_decay(start: str, freeze: bool, slow: tuple[str, ...]) -> None:
    recipe = micro_recipe("multistage")
    settings = OptimiserConfig(
        lr=0.01, trunk_lr=0.2, weight_decay=0.05, schedule="constant", start=start, freeze=freeze
    )
    module = SerModule(replace(recipe, optimiser=settings), torch.ones(2, 4), [])
    optimiser = module.configure_optimizers()
    seen = {}
    for group in optimiser.param_groups:
        seen |= {id(p): (group["lr"], group["weight_decay"]) for p in group["params"]}
    learning = [(n, p) for n, p in module.network.named_parameters() if p.requires_grad]
    for name, parameter in learning:
        lr = 0.01 * 0.2 if name.startswith(slow) else 0.01
        decay = 0.05 if parameter.dim() > 1 else 0.0
        assert seen.pop(id(parameter)) == pytest.approx((lr, decay)), name
    assert not seen


def test_the_papers_optimiser() -> None:
    settings = OptimiserConfig(name="sgd", lr=0.01, schedule="constant")
    module = SerModule(replace(micro_recipe("audio"), optimiser=settings), torch.ones(2, 4), [])
    optimiser = module.configure_optimizers()
    assert isinstance(optimiser, torch.optim.SGD)
    assert all(group["nesterov"] and group["momentum"] == 0.9 for group in optimiser.param_groups)


@pytest.mark.parametrize("cycles", [1, 2, 3])
def test_every_cycle_is_the_first_again(cycles: int) -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    groups = [{"params": [parameter], "lr": 0.1}, {"params": [torch.zeros(1)], "lr": 0.01}]
    optimiser = torch.optim.AdamW(groups)
    schedule = one_cycles(optimiser, 20 * cycles, cycles)
    seen = []
    for _ in range(20 * cycles):
        seen.append([group["lr"] for group in optimiser.param_groups])
        optimiser.step()
        schedule.step()
    first = np.array(seen[:20])
    np.testing.assert_allclose(seen, np.tile(first, (cycles, 1)))
    np.testing.assert_allclose(first.max(axis=0), [0.1, 0.01])
    assert (first[0] < 0.05 * first.max(axis=0)).all()
    assert (first[-1] < 1e-4 * first.max(axis=0)).all()


@pytest.mark.parametrize("steps", range(1, 13))
def test_the_schedule_takes_runs_of_few_steps(steps: int) -> None:
    optimiser = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = one_cycles(optimiser, steps, 1)
    for _ in range(steps):
        assert 0 < optimiser.param_groups[0]["lr"] <= 0.1
        optimiser.step()
        schedule.step()
