import pytest
import torch
from torch import Tensor

from ser_core.models.cnn14 import BLOCKS, POOLED
from ser_core.models.config import ModelConfig, build
from ser_core.models.fusion import FusionModel, Standardise

WIDTH, TEXT_DIM = 0.125, 24
OPERATORS = ("shift", "prenorm", "film")
HEADS = {"categories": (), "dimensions": ("arousal", "valence", "dominance")}  # three outputs


def parameters(config: ModelConfig) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in build(config).parameters())


def fusion(operator: str = "shift", stages: tuple[str, ...] = (*BLOCKS, POOLED)) -> FusionModel:
    """In evaluation mode, with weights of the conditioning that are not zero."""
    torch.manual_seed(0)
    config = ModelConfig(
        "fusion", width=WIDTH, input_dim=TEXT_DIM, stages=stages, operator=operator
    )
    network = build(config).eval()
    for parameter in network.conditioning.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


def inputs(batch: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(5)
    log_mel = torch.randn(batch, 60, 64, generator=generator)
    return log_mel, torch.randn(batch, TEXT_DIM, generator=generator), torch.ones(batch)


# Sizes of the full-size models: the public CNN14, and what each fusion adds from a 768-d BERT.


def test_size_of_cnn14() -> None:
    assert parameters(ModelConfig("audio", width=1.0, **HEADS)) == 79_679_939


@pytest.mark.parametrize(("stages", "added"), [(BLOCKS, 3_100_608), ((POOLED,), 1_574_912)])
def test_size_of_the_fusions(stages: tuple[str, ...], added: int) -> None:
    config = ModelConfig("fusion", width=1.0, input_dim=768, stages=stages, **HEADS)
    assert parameters(config) == 79_679_939 + added


def test_size_at_a_quarter_of_the_width() -> None:
    assert 4.9e6 < parameters(ModelConfig("audio", width=0.25)) < 5.1e6


# Equations


@pytest.mark.parametrize("operator", OPERATORS)
def test_conditioning_is_the_projection_of_e(operator: str) -> None:
    network = fusion(operator, ("block2", POOLED))
    _, e, has_text = inputs()
    stages = network.conditioning(e, has_text)
    assert set(stages) == {"block2", POOLED}
    for name, projection in network.conditioning.projections.items():
        expected = e @ projection.weight.T + projection.bias
        if operator == "shift":
            expected = expected.clamp(min=0)
        torch.testing.assert_close(stages[name], expected)
    channels = {"block2": 16, POOLED: 256}
    doubled = {"shift": (), "prenorm": ("block2",), "film": ("block2", POOLED)}[operator]
    sizes = {name: size * (1 + (name in doubled)) for name, size in channels.items()}
    assert {name: stage.shape[1] for name, stage in stages.items()} == sizes


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("stages", [("block1",), ("block4", "block6"), (POOLED,)], ids="+".join)
def test_stages_from_outside_reproduce_those_from_e(operator: str, stages: tuple) -> None:
    network = fusion(operator, stages)
    log_mel, e, has_text = inputs()
    given = network.conditioning(e, has_text)
    inside = network(log_mel, e, has_text)
    outside = network(log_mel, torch.zeros_like(e), torch.zeros(3), stages=given)
    for a, b in zip(inside, outside, strict=True):
        assert torch.equal(a, b)
    without = network(log_mel, e, has_text, stages={})
    assert not torch.allclose(without.logits, inside.logits, atol=1e-3)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e30, float("inf"), float("nan")])
def test_no_text_is_no_conditioning_whatever_e_holds(operator: str, value: float) -> None:
    network = fusion(operator)
    log_mel, e, _ = inputs()
    without = network(log_mel, torch.full_like(e, value), torch.zeros(3))
    trunk = network.heads(network.cnn(log_mel))
    for a, b in zip(without, trunk, strict=True):
        assert torch.equal(a, b)


def test_rows_without_text_are_not_touched_by_the_others() -> None:
    network = fusion()
    log_mel, e, _ = inputs()
    mixed = network(log_mel, e, torch.tensor([1.0, 0.0, 1.0]))
    assert torch.equal(mixed.logits[1], network.heads(network.cnn(log_mel)).logits[1])
    assert torch.equal(mixed.logits[0], network(log_mel, e, torch.ones(3)).logits[0])


# The start


@pytest.mark.parametrize("stages", [BLOCKS, (POOLED,)])
def test_the_start_of_shift_can_learn_the_words(stages: tuple[str, ...]) -> None:
    network = build(ModelConfig("fusion", width=WIDTH, input_dim=TEXT_DIM, stages=stages))
    output = network(*inputs())
    (output.logits.square().mean() + output.dimensions.mean()).backward()
    for projection in network.conditioning.projections.values():
        gradient = projection.weight.grad
        assert gradient is not None
        alive = (gradient.abs().sum(dim=1) > 0).float().mean()
        assert alive > 0.25  # with W = b = 0 it is none of the channels


@pytest.mark.parametrize("gain", [0.3, 1.0])
def test_gain_scales_the_start_of_shift(gain: float) -> None:
    config = ModelConfig("fusion", width=0.25, input_dim=384, stages=(POOLED,), gain=gain)
    weight = build(config).conditioning.projections[POOLED].weight
    assert weight.std().item() == pytest.approx(gain * 384**-0.5, rel=0.02)


@pytest.mark.parametrize("operator", ["prenorm", "film"])
@pytest.mark.parametrize("stages", [BLOCKS, (POOLED,)])
def test_the_other_operators_start_without_conditioning(operator: str, stages: tuple) -> None:
    config = ModelConfig(
        "fusion", width=WIDTH, input_dim=TEXT_DIM, stages=stages, operator=operator
    )
    network = build(config).eval()
    log_mel, e, has_text = inputs()
    output = network(log_mel, e, has_text)
    assert torch.equal(output.logits, network.heads(network.cnn(log_mel)).logits)
    output.logits.square().mean().backward()
    for projection in network.conditioning.projections.values():
        assert projection.weight.grad.abs().sum() > 0


# What every model has in common


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig("text", input_dim=TEXT_DIM),
        ModelConfig("audio", width=WIDTH),
        ModelConfig("fusion", width=WIDTH, input_dim=TEXT_DIM, stages=(POOLED,)),
        ModelConfig("foundation", input_dim=TEXT_DIM),
    ],
    ids=lambda config: config.architecture,
)
@pytest.mark.parametrize("heads", [(4, 3), (4, 0), (0, 3)])
def test_outputs(config: ModelConfig, heads: tuple[int, int]) -> None:
    labels = {
        "categories": config.categories[: heads[0]],
        "dimensions": config.dimensions[: heads[1]],
    }
    network = build(ModelConfig(**(config.to_dict() | labels))).eval()
    log_mel, e, has_text = inputs()
    known = {
        "log_mel": log_mel,
        "embedding": e,
        "has_text": has_text,
        "speech_statistics": 100 * e,
    }
    output = network(**{name: known[name] for name in network.inputs})
    assert output.logits.shape == (3, heads[0])
    assert output.dimensions.shape == (3, heads[1])
    assert output.embedding.shape[0] == 3
    assert ((output.dimensions >= 0) & (output.dimensions <= 1)).all()
    assert all(torch.isfinite(part).all() for part in output)


# Standardised inputs


def test_standardise() -> None:
    features = 5 + 3 * torch.randn(500, 4, generator=torch.Generator().manual_seed(0))
    features[:, 3] = 7.0  # a feature that never changes
    standardise = Standardise(4)
    torch.testing.assert_close(standardise(features), features)
    standardise.fit(features)
    found = standardise(features)
    torch.testing.assert_close(found.mean(dim=0), torch.zeros(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.std(dim=0), torch.tensor([1.0, 1.0, 1.0, 0.0]))


def test_standardised_e_changes_no_equation() -> None:
    """W (x - m) / s + b is W' x + b', so that only the training differs."""
    network, (_, embedding, has_text) = fusion(stages=("block2",)), inputs()
    network.conditioning.standardise.fit(torch.randn(50, TEXT_DIM) * 3 + 1)
    found = network.conditioning(embedding, has_text)["block2"]
    standardise = network.conditioning.standardise
    projection = network.conditioning.projections["block2"]
    weight = projection.weight / standardise.scale
    bias = projection.bias - weight @ standardise.mean
    torch.testing.assert_close(found, torch.relu(embedding @ weight.T + bias))


def test_dropout_of_e_is_for_training_alone() -> None:
    config = ModelConfig("fusion", width=WIDTH, input_dim=TEXT_DIM, stages=BLOCKS, text_dropout=0.5)
    conditioning = build(config).conditioning
    _, embedding, has_text = inputs()
    first, second = (conditioning(embedding, has_text)["block1"] for _ in range(2))
    assert not torch.equal(first, second)
    conditioning.eval()
    first, second = (conditioning(embedding, has_text)["block1"] for _ in range(2))
    assert torch.equal(first, second)
