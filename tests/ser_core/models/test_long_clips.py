import pytest
import torch

from ser_core.models import cnn14
from ser_core.models.cnn14 import CNN14, OPERATORS, POOLED
from ser_core.models.long_clips import LONG, PART


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("frames", [LONG + 1, LONG + 70, 3 * PART - 1])
def test_parts_give_output_and_gradients_of_the_whole(
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
        assert torch.allclose(one, other, atol=1e-5 * float(one.abs().max()) + 1e-9)


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
    monkeypatch.setattr(cnn14, "LONG", PART // 16)
    parts = kept()
    monkeypatch.setattr(cnn14, "LONG", whole)
    assert parts < kept() / 4
