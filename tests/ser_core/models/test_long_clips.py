import pytest
import torch

from ser_core.models import cnn14
from ser_core.models.cnn14 import CNN14, OPERATORS, POOLED
from ser_core.models.long_clips import LONG, PART


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("frames", [LONG + 1, LONG + 70, LONG + 200, 5 * PART])
def test_long_clips_give_what_they_would_whole(
    operator: str, frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(frames)
    cnn = CNN14(width=0.125).eval().requires_grad_(False)
    size = {"block2": cnn.channels[1], "block6": cnn.channels[5], POOLED: cnn.dim}
    doubled = {"film": list(size), "prenorm": ["block2", "block6"], "shift": []}[operator]
    stages = {
        name: (torch.randn(1, 2 * width if name in doubled else width) / 5).requires_grad_()
        for name, width in size.items()
    }
    log_mel = (20 * torch.randn(1, frames, 64) - 40).requires_grad_()
    weights = torch.randn(cnn.dim)
    leaves = [log_mel, *stages.values()]

    def compute() -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        output = cnn(log_mel, stages, operator)
        with torch.inference_mode():
            assert torch.allclose(cnn(log_mel, stages, operator), output, atol=1e-5)
        return output, torch.autograd.grad((output * weights).sum(), leaves)

    parts, found = compute()
    monkeypatch.setattr(cnn14, "LONG", frames)
    whole, expected = compute()
    assert torch.allclose(whole, parts, atol=1e-5)
    for one, other in zip(expected, found, strict=True):
        # The loudest of equally loud frames may be another one: a few cells differ then.
        assert float((one - other).abs().sum()) < 0.01 * float(one.abs().sum())


def test_it_takes_the_memory_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept for the gradients: bytes of all tensors that autograd saves."""
    cnn = CNN14(width=0.125).eval().requires_grad_(False)
    log_mel = (20 * torch.randn(1, 4 * PART, 64) - 40).requires_grad_()

    def kept() -> int:
        saved: dict[int, int] = {}

        def count(tensor: torch.Tensor) -> torch.Tensor:
            storage = tensor.untyped_storage()
            saved[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            output = cnn(log_mel)
        assert output.requires_grad
        return sum(saved.values())

    whole = 4 * PART
    monkeypatch.setattr(cnn14, "LONG", PART)
    parts = kept()
    monkeypatch.setattr(cnn14, "LONG", whole)
    assert parts < kept() / 4


@pytest.mark.parametrize("operator", OPERATORS)
def test_observers_are_told_of_every_frame_once(
    operator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cnn = CNN14(width=0.125).eval().requires_grad_(False)
    size = {"block1": cnn.channels[0], "block5": cnn.channels[4]}
    stages = {
        name: torch.randn(1, width if operator == "shift" else 2 * width)
        for name, width in size.items()
    }
    log_mel = 20 * torch.randn(1, 4 * PART + 70, 64) - 40

    def told() -> dict[str, torch.Tensor]:
        found: dict[str, list[torch.Tensor]] = {name: [] for name in stages}
        cnn(log_mel, stages, operator, lambda name, _, after: found[name].append(after))
        calls = 2 if operator == "prenorm" else 1
        return {name: torch.cat(all[calls - 1 :: calls], dim=2) for name, all in found.items()}

    parts = told()
    monkeypatch.setattr(cnn14, "LONG", 5 * PART)
    for name, whole in told().items():
        assert whole.shape == parts[name].shape
        assert torch.allclose(whole, parts[name], atol=1e-4)
