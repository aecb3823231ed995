from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ser_core.training.augment import add_noise, augment, colour, mask, stretch
from ser_core.training.recipe import AugmentConfig

NOTHING = AugmentConfig()
FRAMES = 80
Change = Callable[[Tensor, AugmentConfig, torch.Generator], Tensor]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def log_mels(batch: int = 6, frames: int = 100) -> Tensor:
    """dB, about as loud and as varied as speech."""
    return -40 + 15 * torch.randn(batch, frames, 64, generator=seeded(9))


def stretched(x: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    return stretch(x, FRAMES, config, generator)


def everything(x: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    return augment(x, FRAMES, config, generator)


ALL = AugmentConfig(
    gain_db=8.0, eq_db=4.0, tempo=0.15, warp=0.1, noise=0.5, time_masks=2, mel_masks=2
)


@pytest.mark.parametrize("change", [stretched, colour, add_noise, mask, everything])
def test_the_generator_decides(change: Change) -> None:
    x = log_mels()
    before = x.clone()
    torch.manual_seed(98)
    first = change(x, ALL, seeded(1))
    torch.manual_seed(99)
    assert torch.equal(first, change(x, ALL, seeded(1)))
    assert not torch.equal(first, change(x, ALL, seeded(2)))
    assert torch.equal(x, before)
    assert torch.isfinite(first).all()
    frames = FRAMES if change in (stretched, everything) else 100
    assert first.shape == (6, frames, 64)


@pytest.mark.parametrize("change", [stretched, colour, everything])
def test_examples_are_changed_independently(change: Change) -> None:
    x = log_mels(batch=1).expand(4, -1, -1)
    found = change(x, ALL, seeded(1))
    assert all(not torch.allclose(found[0], found[k]) for k in range(1, 4))


def test_nothing_set_changes_nothing() -> None:
    x = log_mels()
    assert torch.equal(augment(x, FRAMES, NOTHING, seeded()), x[:, :FRAMES])
    assert torch.equal(colour(x, NOTHING, seeded()), x)
    assert torch.equal(mask(x, NOTHING, seeded()), x)
    torch.testing.assert_close(
        stretch(x, FRAMES, NOTHING, seeded()), x[:, :FRAMES], atol=1e-2, rtol=0
    )
    torch.testing.assert_close(add_noise(x, NOTHING, seeded()), x, atol=1e-3, rtol=0)


@pytest.mark.parametrize(("tempo", "warp"), [(0.2, 0.0), (0.0, 0.2)])
def test_stretch_reads_along_one_axis(tempo: float, warp: float) -> None:
    frames = torch.arange(100.0)[None, :, None].expand(8, -1, 64)
    bands = torch.arange(64.0)[None, None, :].expand(8, 100, -1)
    config = AugmentConfig(tempo=tempo, warp=warp)
    time, band = (stretch(x.contiguous(), FRAMES, config, seeded(3)) for x in (frames, bands))
    speed = time[:, 40, 0] / 40
    warped = band[:, 0, 30] / 30
    for factor, limit in ((speed, tempo), (warped, warp)):
        assert (factor - 1).abs().max() <= limit + 1e-4
        assert (factor.std() > 0.02) == (limit > 0)
    # the same factor for all frames, and for all bands
    torch.testing.assert_close(time[:, 60, 5] / 60, speed, atol=1e-4, rtol=0)
    torch.testing.assert_close(band[:, 70, 50] / 50, warped, atol=1e-4, rtol=0)


def test_gain_is_one_number_a_clip() -> None:
    x = log_mels()
    difference = colour(x, AugmentConfig(gain_db=6.0), seeded()) - x
    torch.testing.assert_close(difference, difference[:, :1, :1].expand_as(x), atol=1e-4, rtol=0)
    assert difference.abs().max() <= 6.0 + 1e-4
    assert difference[:, 0, 0].std() > 1.0


def test_equaliser_is_a_smooth_curve_over_the_bands() -> None:
    x = log_mels()
    difference = colour(x, AugmentConfig(eq_db=4.0), seeded()) - x
    curve = difference[:, :1]
    torch.testing.assert_close(difference, curve.expand_as(x), atol=1e-4, rtol=0)
    assert curve.diff(dim=2).abs().max() < 1.0
    assert curve.std(dim=2).min() > 0.1


def test_noise_raises_the_floor_and_never_lowers_anything() -> None:
    x = log_mels()
    x[:, :, 30] = -100.0
    config = AugmentConfig(noise=1.0, snr_db=(10.0, 10.0))
    noisy = add_noise(x, config, seeded())
    assert (noisy >= x - 1e-3).all()
    assert noisy[:, :, 30].min() > -60.0
    level = x.flatten(1).quantile(0.8, dim=1)
    floor = noisy[:, :, 30].mean(dim=1)
    assert ((level - floor) - 10.0).abs().max() < 8.0  # the SNR, within the random tilt
    quieter = add_noise(x, AugmentConfig(noise=1.0, snr_db=(40.0, 40.0)), seeded())
    assert quieter.mean() < noisy.mean()


def test_noise_meets_a_share_of_the_clips() -> None:
    x = log_mels(batch=400, frames=10)
    touched = (add_noise(x, AugmentConfig(noise=0.3), seeded()) - x).abs().amax(dim=(1, 2)) > 0.5
    assert 0.2 < touched.float().mean() < 0.4


@pytest.mark.parametrize(
    ("config", "axis", "widest"),
    [
        (AugmentConfig(time_masks=1, time_width=30), 1, 30),
        (AugmentConfig(mel_masks=1, mel_width=8), 2, 8),
    ],
)
def test_a_mask_is_one_span_of_the_mean_and_leaves_the_rest(
    config: AugmentConfig, axis: int, widest: int
) -> None:
    x = log_mels(batch=40)
    masked = mask(x, config, seeded())
    hidden = masked != x
    spans = hidden.any(dim=3 - axis)  # [B, frames] or [B, bands]
    assert torch.equal(hidden, spans.unsqueeze(3 - axis).expand_as(hidden))
    assert torch.equal(masked[hidden], x.mean(dim=(1, 2), keepdim=True).expand_as(x)[hidden])
    widths = spans.sum(dim=1)
    assert widths.max() <= widest
    assert widths.float().mean() > widest / 4
    edges = spans.int().diff(dim=1).abs().sum(dim=1)
    assert (edges <= 2).all()


def test_masks_wider_than_the_clip() -> None:
    x = log_mels(frames=10)
    config = AugmentConfig(time_masks=2, time_width=50, mel_masks=2, mel_width=90)
    assert torch.isfinite(mask(x, config, seeded())).all()
