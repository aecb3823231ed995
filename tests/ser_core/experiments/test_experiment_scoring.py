from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fixtures import SPEECH

from ser_core.experiments.scoring import predict
from ser_core.models.fusion import Network, Output
from ser_core.models.registry import discover
from ser_core.training.recipe import DataConfig, Recipe
from ser_core.training.split_data import load_material


class OnMps(torch.Tensor):
    """A tensor on a device that has no float64, as Apple's MPS, until it is brought to the CPU."""

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if func is torch.Tensor.double:
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
        if func is torch.Tensor.cpu:
            return args[0].as_subclass(torch.Tensor)
        return super().__torch_function__(func, types, args, kwargs or {})


def on_mps(network: Network, inputs: Any, output: Output) -> Output:
    return Output(*(value.as_subclass(OnMps) for value in output))


def test_a_device_without_float64_can_score(tiny_checkpoints: Path, micro_corpora: Path) -> None:
    checkpoint = discover(tiny_checkpoints)["audio"]
    material = load_material(DataConfig(speech=SPEECH, texts=()), micro_corpora, "test")
    recipe = Recipe("audio", "Audio", checkpoint.model)
    expected = predict(checkpoint, recipe, material, torch.device("cpu"))
    checkpoint.network.register_forward_hook(on_mps)
    found = predict(checkpoint, recipe, material, torch.device("cpu"))
    assert found.dimensions.dtype == np.float64
    np.testing.assert_array_equal(found.dimensions, expected.dimensions)
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)
