import pytest
import torch

from ser_core.explain.long_clips import PART, embed_long
from ser_core.models.cnn14 import CNN14, OPERATORS, POOLED


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("frames", [PART + 1, 2 * PART + 70, 2 * PART + 200, 3 * PART])
def test_parts_give_output_and_gradients_of_the_whole(operator: str, frames: int) -> None:
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
    whole, parts = cnn(log_mel, stages, operator), embed_long(cnn, log_mel, stages, operator)
    assert torch.allclose(whole, parts, atol=1e-5)
    expected = torch.autograd.grad((whole * weights).sum(), leaves)
    found = torch.autograd.grad((parts * weights).sum(), leaves)
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one, other, atol=1e-5 * float(one.abs().max()) + 1e-9)
