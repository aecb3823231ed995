import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ser_core.errors import CheckpointError
from ser_core.models.checkpoint import CONFIG, WEIGHTS, Checkpoint, load, save
from ser_core.models.config import ModelConfig, build
from ser_core.models.registry import choose, discover, parents

AUDIO = ModelConfig("audio", width=0.125)
FUSION = ModelConfig("fusion", width=0.125, input_dim=8, stages=("block2", "pooled"))


def stored(folder: Path, config: ModelConfig = AUDIO, **values: object) -> Checkpoint:
    """A checkpoint in `folder`, saved with random weights."""
    checkpoint = Checkpoint(folder, folder.name, folder.name.title(), config, **values)
    save(checkpoint, build(config))
    return checkpoint


@pytest.mark.parametrize("config", [AUDIO, FUSION, ModelConfig("text")])
def test_round_trip(tmp_path: Path, config: ModelConfig) -> None:
    network = build(config).train()
    network(**random_inputs(config))  # moves the normalisation statistics
    checkpoint = Checkpoint(
        folder=tmp_path / "model",
        name="model",
        title="A model – ü",
        model=config,
        text_encoder={"name": "bert", "sha256": "0" * 64},
        speech_encoder={"name": "whisper", "sha256": "1" * 64},
        temperature=1.7,
        order=3,
        reference=True,
        training={"recipe": {"name": "model", "data": {"speech": ["ravdess"]}}, "best_epoch": 4},
        results={"ravdess, no text": {"UAR": 0.5}},
    )
    save(checkpoint, network)
    found = load(checkpoint.folder)
    assert found == checkpoint
    for name, value in network.eval().state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(
                found.network.state_dict()[name], value, rtol=2**-11, atol=1e-7
            )
    for a, b in zip(
        found.network(**random_inputs(config)), network(**random_inputs(config)), strict=True
    ):
        torch.testing.assert_close(a, b, rtol=0.02, atol=0.01)


def random_inputs(config: ModelConfig) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    values = {
        "log_mel": torch.randn(4, 64, 64, generator=generator),
        "embedding": torch.randn(4, config.input_dim, generator=generator),
        "has_text": torch.ones(4),
    }
    return {name: values[name] for name in build(config).inputs}


def test_weights_are_half_precision_safetensors(tmp_path: Path) -> None:
    checkpoint = stored(tmp_path / "audio")
    tensors = load_file(checkpoint.folder / WEIGHTS)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert checkpoint.parameters == sum(p.numel() for p in build(AUDIO).parameters())
    assert checkpoint.size_bytes == pytest.approx(2 * checkpoint.parameters, rel=0.05)
    assert {path.name for path in checkpoint.folder.iterdir()} == {CONFIG, WEIGHTS}


def test_a_loaded_network_is_frozen(tmp_path: Path) -> None:
    network = load(stored(tmp_path / "audio").folder).network
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_saving_the_config_alone_keeps_the_weights(tmp_path: Path) -> None:
    checkpoint = stored(tmp_path / "audio")
    before = (checkpoint.folder / WEIGHTS).read_bytes()
    save(replace(checkpoint, results={"x": {"UAR": 0.3}}), None)
    assert (checkpoint.folder / WEIGHTS).read_bytes() == before
    assert load(checkpoint.folder).results == {"x": {"UAR": 0.3}}


@pytest.mark.parametrize(
    ("architecture", "needs_text", "uses_text", "uses_voice"),
    [
        ("text", True, True, False),
        ("audio", False, False, True),
        ("fusion", False, True, True),
        ("late", False, True, True),
        ("foundation", False, False, True),
    ],
)
def test_what_a_model_reads(
    architecture: str, needs_text: bool, uses_text: bool, uses_voice: bool
) -> None:
    config = ModelConfig(architecture, stages=("pooled",), parents=("text", "audio"))
    checkpoint = Checkpoint(Path("nowhere"), "model", "Model", config)
    assert checkpoint.needs_text is needs_text
    assert checkpoint.uses_text is uses_text
    assert checkpoint.uses_voice is uses_voice


# What is unsafe, missing or damaged


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.pt", "model.pth", "last.ckpt", "m.pkl"]
)
def test_a_pickle_is_refused_and_never_opened(tmp_path: Path, name: str) -> None:
    checkpoint = stored(tmp_path / "audio")
    (checkpoint.folder / WEIGHTS).unlink()
    sprung = tmp_path / "sprung"
    (checkpoint.folder / name).write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(CheckpointError, match="can run any code when loaded: convert them"):
        _ = load(checkpoint.folder).network
    assert not sprung.exists()


def test_a_pickle_named_safetensors_is_not_opened_either(tmp_path: Path) -> None:
    checkpoint = stored(tmp_path / "audio")
    sprung = tmp_path / "sprung"
    (checkpoint.folder / WEIGHTS).write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(CheckpointError, match="damaged"):
        _ = load(checkpoint.folder).network
    assert not sprung.exists()


def cut(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-100])


def empty(weights: Path) -> None:
    weights.write_bytes(b"")


def garble(weights: Path) -> None:
    weights.write_bytes(b"\xff" * 64 + weights.read_bytes()[64:])


def narrow(weights: Path) -> None:
    other = build(ModelConfig("audio", width=0.25)).state_dict()
    save_file({k: v.contiguous() for k, v in other.items()}, weights)


def lose_one(weights: Path) -> None:
    tensors = load_file(weights)
    tensors.pop("cnn.blocks.3.conv1.weight")
    save_file(tensors, weights)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (Path.unlink, "has no model.safetensors: fetch or train"),
        (cut, "damaged or of another architecture: fetch or train"),
        (empty, "damaged or of another architecture"),
        (garble, "damaged or of another architecture"),
        (narrow, "damaged or of another architecture"),
        (lose_one, "incomplete: train it again"),
    ],
)
def test_damaged_weights(tmp_path: Path, damage: Callable[[Path], None], sentence: str) -> None:
    checkpoint = stored(tmp_path / "audio")
    damage(checkpoint.folder / WEIGHTS)
    with pytest.raises(CheckpointError, match=f"'audio'.*{sentence}"):
        _ = load(checkpoint.folder).network


def edited(**changes: object) -> Callable[[dict], str]:
    return lambda values: json.dumps(values | changes)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (lambda _: "", "cannot be read"),
        (lambda _: "{", "cannot be read"),
        (lambda _: "[]", "cannot be read"),
        (lambda v: json.dumps({k: x for k, x in v.items() if k != "title"}), "cannot be read"),
        (edited(model=3), "cannot be read"),
        (edited(front_end={"window": 512}), "cannot be read"),
        (edited(temperature="warm"), "cannot be read"),
        (edited(format=99), "unknown format"),
        (edited(model={"architecture": "rnn"}), "Unknown architecture"),
        (edited(model={"architecture": "audio", "depth": 3}), "unknown keys"),
    ],
)
def test_damaged_config(tmp_path: Path, text: Callable[[dict], str], sentence: str) -> None:
    config = stored(tmp_path / "audio").folder / CONFIG
    config.write_text(text(json.loads(config.read_text("utf-8"))), "utf-8")
    with pytest.raises(CheckpointError, match=sentence):
        load(config.parent)


def test_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="No checkpoint in 'nowhere'"):
        load(tmp_path / "nowhere")
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CheckpointError, match="train some with `ser train`"):
            discover(root)


# Many of them


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Checkpoint]:
    for name, order in (("b", 2), ("a", 2), ("c", 1)):
        stored(tmp_path / name, order=order)
    (tmp_path / "not one").mkdir()
    save(
        Checkpoint(tmp_path / "l", "l", "L", ModelConfig("late", parents=("b", "a")), order=9), None
    )
    return discover(tmp_path)


def test_order_of_display(models: dict[str, Checkpoint]) -> None:
    assert list(models) == ["c", "a", "b", "l"]
    assert all(name == checkpoint.name for name, checkpoint in models.items())


def test_choice_of_some(models: dict[str, Checkpoint]) -> None:
    assert [c.name for c in choose(models, None)] == list(models)
    assert [c.name for c in choose(models, ["b", "c"])] == ["c", "b"]
    with pytest.raises(CheckpointError, match="Unknown model 'x': choose from c, a, b, l"):
        choose(models, ["a", "x"])


def test_late_fusion_finds_its_parents(models: dict[str, Checkpoint]) -> None:
    late = models["l"]
    assert (late.parameters, late.size_bytes) == (0, 0)
    assert [c.name for c in parents(models, late)] == ["b", "a"]
    with pytest.raises(CheckpointError, match="'l' needs the model 'b' beside it"):
        parents({name: c for name, c in models.items() if name != "b"}, late)
