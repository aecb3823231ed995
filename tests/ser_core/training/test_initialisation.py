from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fixtures import micro_recipe

from ser_core.errors import RecipeError
from ser_core.inputs.text import TextEncoder
from ser_core.models.checkpoint import Checkpoint, load, save
from ser_core.models.config import ModelConfig, build
from ser_core.models.fusion import Standardise
from ser_core.training.data import RecipeData
from ser_core.training.initialisation import fit_inputs, start_last_stage

WIDTH = 0.125
LAST = int(2048 * WIDTH)


@pytest.fixture
def text(tmp_path: Path) -> Checkpoint:
    """A text model whose hidden layer is as wide as the last stage."""
    model = ModelConfig("text", hidden=LAST)
    network = build(model)
    for module in network.modules():
        if isinstance(module, Standardise):
            module.fit(torch.randn(50, model.input_dim) * 2 + 1)
    save(Checkpoint(tmp_path / "text", "text", "Text", model), network)
    return load(tmp_path / "text")


def fusion(*stages: str, operator: str = "shift") -> ModelConfig:
    return ModelConfig("fusion", width=WIDTH, stages=stages, operator=operator)


@pytest.mark.parametrize(
    ("stages", "share"), [(("pooled",), 1.0), (("block2", "block5", "block6"), 0.5)]
)
def test_the_last_stage_starts_as_the_hidden_layer(
    text: Checkpoint, text_encoder: TextEncoder, stages: tuple[str, ...], share: float
) -> None:
    network = build(fusion(*stages)).eval()
    start_last_stage(network, text)
    e = torch.from_numpy(text_encoder.embed(["I am so happy.", "Go away!"]))
    shifts = network.conditioning(e, torch.ones(2))
    hidden = text.network(e).embedding
    torch.testing.assert_close(shifts[stages[-1]], share * hidden, rtol=1e-4, atol=1e-5)


def test_one_stage_and_several_add_the_same_to_the_pooled_vector(text: Checkpoint) -> None:
    single, several = build(fusion("pooled")).eval(), build(fusion("block6")).eval()
    several.load_state_dict(single.state_dict(), strict=False)
    for network in (single, several):
        start_last_stage(network, text)
    log_mel, e = torch.randn(2, 64, 64), torch.randn(2, 384)
    outputs = [network(log_mel, e, torch.ones(2)).logits for network in (single, several)]
    torch.testing.assert_close(*outputs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (fusion("block5"), "train a text model of that size"),
        (fusion("block6", operator="film"), "operator shift: remove it"),
        (ModelConfig("audio", width=WIDTH), "operator shift: remove it"),
    ],
)
def test_what_cannot_start_so(text: Checkpoint, model: ModelConfig, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        start_last_stage(build(model), text)


@pytest.mark.parametrize("name", ["text", "foundation", "single_stage"])
def test_inputs_are_standardised_by_the_training_data(micro_corpora: Path, name: str) -> None:
    recipe = replace(micro_recipe(name), seed=1)
    train = RecipeData.read(recipe, micro_corpora).train
    network = build(recipe.model)
    fit_inputs(network, train)
    features = train.statistics if name == "foundation" else train.embeddings
    standardise = next(m for m in network.modules() if isinstance(m, Standardise))
    found = standardise(torch.from_numpy(features)).numpy()
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-3)
    changes = features.std(axis=0) > 1e-2
    np.testing.assert_allclose(found[:, changes].std(axis=0, ddof=1), 1, atol=1e-3)
