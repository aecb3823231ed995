"""What a network starts from: statistics of the training data, weights of trained models."""

import torch

from ser_core.errors import RecipeError
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.cnn14 import POOLED
from ser_core.models.fusion import FusionModel, Network, Standardise
from ser_core.training.split_data import Material


def fit_inputs(network: Network, train: Material) -> None:
    """Standardise the network's e or speech statistics by those of the training data."""
    features = train.statistics if "speech_statistics" in network.inputs else train.embeddings
    for module in network.modules():
        if isinstance(module, Standardise):
            module.fit(torch.from_numpy(features))


def fit_typical(network: Network, train: Material) -> None:
    """Tell a network with a CNN14 what a speaker's reference is brought to."""
    if train.voices is not None and network.typical is not None and "log_mel" in network.inputs:
        network.typical.copy_(torch.from_numpy(train.voices.typical.bands))


def start_from(network: Network, source: Checkpoint, train: Material) -> None:
    """Copy the CNN14 of another checkpoint, and its heads where they predict the same.

    Raises:
        RecipeError: that checkpoint hears other spectrograms than those of the training data, or
            has no CNN14 of this size.
    """
    if source.front_end != train.front_end:
        raise RecipeError(
            f"'{source.name}' hears other spectrograms than the model that starts from it: give "
            "both recipes the same `level_db`."
        )
    target = network.state_dict()
    fitting = {
        name: value
        for name, value in source.network.state_dict().items()
        if name in target and value.shape == target[name].shape
    }
    trunk = {name for name in target if name.startswith("cnn.")}
    if not trunk <= set(fitting):
        raise RecipeError(
            f"'{source.name}' has no CNN14 of the size of the model that starts from it: give both "
            "recipes the same `width`, or leave `start` out."
        )
    network.load_state_dict(fitting, strict=False)


def start_last_stage(network: Network, text: Checkpoint) -> None:
    """Start the shift of the last stage, ReLU(W e + b), as the hidden layer of a text model.

    So the words are worth something to a fusion model from its first step, at one stage as at
    several. Mean over frequency and max + mean over time count a shift of a block twice; there it
    starts at half.

    Raises:
        RecipeError: no stage, operator, or size that this can be copied to.
    """
    hidden = text.network.get_parameter("mlp.2.weight")
    stages = network.conditioning if isinstance(network, FusionModel) else None
    last = list(stages.projections)[-1] if stages else ""
    if stages is None or stages.operator != "shift":
        raise RecipeError("`start_text` is for fusion models with the operator shift: remove it.")
    projection = stages.projections[last]
    assert isinstance(projection, torch.nn.Linear)
    if projection.weight.shape != hidden.shape:
        raise RecipeError(
            f"The hidden layer of '{text.name}' is {tuple(hidden.shape)} and the stage {last} "
            f"{tuple(projection.weight.shape)}: train a text model of that size and the same e."
        )
    share = 1.0 if last == POOLED else 0.5
    with torch.no_grad():
        projection.weight.copy_(share * hidden)
        projection.bias.copy_(share * text.network.get_parameter("mlp.2.bias"))
        stages.standardise.mean.copy_(text.network.get_buffer("mlp.0.mean"))
        stages.standardise.scale.copy_(text.network.get_buffer("mlp.0.scale"))
