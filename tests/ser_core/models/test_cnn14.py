import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from ser_core.models.cnn14 import BLOCKS, CHANNELS, CNN14, MIN_FRAMES, POOLED, scaled_channels

WIDTH = 0.125


def randomised(cnn: CNN14) -> CNN14:
    """In evaluation mode, with normalisations like a trained network's, none of them trivial."""
    generator = torch.Generator().manual_seed(7)
    norms = [module for module in cnn.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5, generator=generator)
        norm.bias.data.uniform_(-0.5, 0.5, generator=generator)
        norm.momentum = 1.0  # the statistics become those of the next batch
    cnn.train()(log_mels(batch=8))
    cnn.hidden.bias.data.uniform_(-0.1, 0.1, generator=generator)
    return cnn.eval()


@pytest.fixture(scope="module")
def cnn() -> CNN14:
    torch.manual_seed(0)
    return randomised(CNN14(WIDTH))


def log_mels(batch: int = 2, frames: int = 70) -> Tensor:
    return torch.randn(batch, frames, 64, generator=torch.Generator().manual_seed(frames))


def random_stages(cnn: CNN14, names: tuple[str, ...], operator: str, batch: int = 2) -> dict:
    generator = torch.Generator().manual_seed(1)
    sizes = dict(zip(BLOCKS, cnn.channels, strict=True)) | {POOLED: cnn.dim}
    doubled = {n: operator == "film" or (operator == "prenorm" and n != POOLED) for n in names}
    return {n: torch.randn(batch, sizes[n] * (1 + doubled[n]), generator=generator) for n in names}


def by_hand(cnn: CNN14, x: Tensor, stages: dict[str, Tensor], operator: str) -> Tensor:
    """The same network from its equations, on [B, C, T, F], without nn modules."""

    def normalise(x: Tensor, norm: torch.nn.BatchNorm2d, axis: int) -> Tensor:
        shape = [1] * x.dim()
        shape[axis] = -1
        mean, variance, scale, shift = (
            v.reshape(shape) for v in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
        )
        return (x - mean) / (variance + norm.eps).sqrt() * scale + shift

    def over_time(value: Tensor) -> Tensor:
        return value[:, :, None, None]

    x = normalise(x, cnn.norm, axis=2)[:, None]
    for k, block in enumerate(cnn.blocks, start=1):
        s = stages.get(f"block{k}")
        x = F.conv2d(x, block.conv1.weight, padding=1)
        c = x.shape[1]
        if operator == "prenorm" and s is not None:
            x = x + over_time(s[:, :c])
        x = F.conv2d(normalise(x, block.norm1, 1).clamp(min=0), block.conv2.weight, padding=1)
        if operator == "prenorm" and s is not None:
            x = x + over_time(s[:, c:])
        x = normalise(x, block.norm2, 1).clamp(min=0)
        if k < 6:
            time, frequency = x.shape[2] // 2, x.shape[3] // 2
            x = x[:, :, : 2 * time, : 2 * frequency]
            x = x.reshape(len(x), c, time, 2, frequency, 2).mean(dim=(3, 5))
        if operator == "shift" and s is not None:
            x = x + over_time(s)
        if operator == "film" and s is not None:
            x = x * (1 + over_time(s[:, :c])) + over_time(s[:, c:])
    x = x.mean(dim=3)
    x = x.max(dim=2).values + x.mean(dim=2)
    if POOLED in stages:
        s = stages[POOLED]
        x = x * (1 + s[:, : cnn.dim]) + s[:, cnn.dim :] if operator == "film" else x + s
    return (x @ cnn.hidden.weight.T + cnn.hidden.bias).clamp(min=0)


def test_channels() -> None:
    assert scaled_channels(1.0) == CHANNELS == (64, 128, 256, 512, 1024, 2048)
    assert scaled_channels(0.25) == (16, 32, 64, 128, 256, 512)
    assert min(scaled_channels(0.01)) == 8


def test_unconditioned(cnn: CNN14) -> None:
    x = log_mels()
    embedding = cnn(x)
    assert embedding.shape == (2, cnn.dim) == (2, 256)
    assert (embedding >= 0).all()
    torch.testing.assert_close(embedding, by_hand(cnn, x, {}, "shift"), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("operator", ["shift", "prenorm", "film"])
@pytest.mark.parametrize(
    "names", [("block1",), ("block3", "block6"), (POOLED,), (*BLOCKS, POOLED)], ids="+".join
)
def test_conditioning(cnn: CNN14, operator: str, names: tuple[str, ...]) -> None:
    x, stages = log_mels(), random_stages(cnn, names, operator)
    found = cnn(x, stages, operator)
    torch.testing.assert_close(found, by_hand(cnn, x, stages, operator), rtol=1e-4, atol=1e-4)
    assert not torch.allclose(found, cnn(x), atol=0.05)


@pytest.mark.parametrize("frames", [1, 5, MIN_FRAMES - 1])
def test_short_clips_repeat_their_last_frame(cnn: CNN14, frames: int) -> None:
    x = log_mels(frames=frames)
    longer = torch.cat([x, x[:, -1:].repeat(1, MIN_FRAMES - frames, 1)], dim=1)
    torch.testing.assert_close(cnn(x), cnn(longer))


@pytest.mark.parametrize("frames", [MIN_FRAMES, 33, 101, 330])
def test_a_batch_of_one_gives_its_row_of_a_batch(cnn: CNN14, frames: int) -> None:
    x = log_mels(batch=3, frames=frames)
    stages = random_stages(cnn, ("block2", POOLED), "shift", batch=3)
    batch = cnn(x, stages)
    for row in range(3):
        alone = cnn(x[row : row + 1], {n: s[row : row + 1] for n, s in stages.items()})
        torch.testing.assert_close(alone[0], batch[row], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("conditioned", [False, True])
def test_dropout_takes_whole_channels_only_where_conditioned(conditioned: bool) -> None:
    torch.manual_seed(0)
    dropout = CNN14(WIDTH, conditioned=conditioned).dropout.train()
    dropped = (dropout(torch.ones(4, 50, 6, 6)) == 0).float().mean(dim=(2, 3))
    assert 0.1 < dropped.mean() < 0.3
    assert bool(((dropped == 0) | (dropped == 1)).all()) is conditioned
