"""Does an attribution depend on what the network learned?

The sanity check of Adebayo et al. ("Sanity checks for saliency maps", NeurIPS 2018): the last
layers get random weights, one after the other. A map that stays the same shows the sound, not the
model.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import torch
from torch import Tensor, nn

from ser_core.errors import SerError
from ser_core.explain.attribution import INPUT_X_GRADIENT, INTEGRATED_GRADIENTS
from ser_core.explain.case import Case
from ser_core.explain.function import OWN, function_of
from ser_core.explain.gradients import FIRST_POINTS, input_x_gradient, integrate
from ser_core.explain.progress import Progress
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.fusion import Network

LAYERS = 4


@dataclass(frozen=True)
class SanityCheck:
    """What becomes of an attribution when last layers are randomised, one more each time.

    Attributes:
        layers: the layer that joins the randomised ones, by its name in the network; of late fusion
            those of both networks.
        similarity: by input (`voice`, `words`), Spearman's rank correlation of the attribution's
            cells with those of the trained network, one a layer, in [-1, 1].
    """

    layers: tuple[str, ...]
    similarity: dict[str, tuple[float, ...]]


def last_layers(network: nn.Module, number: int = LAYERS) -> list[str]:
    """Names of the last layers with weights, from the output on; not those that condition."""
    names = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and not name.startswith("conditioning")
    ]
    return names[::-1][:number]


def randomise(network: Network, layers: list[str], seed: int = 0) -> Network:
    """A copy with normal weights of the trained ones' spread, and no biases, in some layers."""
    changed = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    for name in layers:
        layer = changed.get_submodule(name)
        weight = layer.weight
        assert isinstance(weight, Tensor)
        noise = torch.randn(weight.shape, generator=generator) * weight.std()
        weight.data.copy_(noise)
        if isinstance(layer.bias, Tensor):
            layer.bias.data.zero_()
    return changed


def sanity_check(
    case: Case,
    method: str = INPUT_X_GRADIENT,
    layers: int = LAYERS,
    steps: int = FIRST_POINTS,
    seed: int = 0,
    progress: Progress | None = None,
) -> SanityCheck:
    """Randomise the last layers of a copy of the network, and compare attributions.

    Of late fusion those of both parents at once, each from its own output on.

    Args:
        method: `input-x-gradient` or `integrated-gradients`. steps: of the latter.

    Raises:
        SerError: another method, or a model without a network or gradients.
    """
    if method not in (INPUT_X_GRADIENT, INTEGRATED_GRADIENTS):
        raise SerError(
            "Only attributions by gradients are compared with those of a randomised network: "
            "choose another method."
        )
    last = {one.name: (one.network, last_layers(one.network, layers)) for one in _asked(case)}
    trained = _attributions(case, method, steps, OWN)
    similarity: dict[str, list[float]] = {name: [] for name in trained}
    joining = list(zip_longest(*(names for _, names in last.values())))
    for number in range(1, len(joining) + 1):
        changed = {
            name: randomise(network, names[:number], seed)
            for name, (network, names) in last.items()
        }
        for name, values in _attributions(case, method, steps, changed).items():
            similarity[name].append(rank_correlation(trained[name], values))
        if progress is not None:
            progress(number / len(joining))
    return SanityCheck(
        tuple(" + ".join(filter(None, names)) for names in joining),
        {name: tuple(found) for name, found in similarity.items()},
    )


def _asked(case: Case) -> list[Checkpoint]:
    """Whose networks take part: the model's own, or those of late fusion's parents."""
    if not case.is_late:
        return [case.checkpoint]
    text, audio = case.parents
    return [audio.checkpoint] if case.words is None else [text.checkpoint, audio.checkpoint]


def _attributions(
    case: Case, method: str, steps: int, networks: Mapping[str, Network]
) -> dict[str, np.ndarray]:
    function = function_of(case, networks)
    if method == INPUT_X_GRADIENT:
        found = input_x_gradient(function)[1]
    else:
        values = integrate(function, function.inputs, function.baselines, function.batch, steps)
        found = dict(zip(function.names, values.values, strict=True))
    return {name: value.numpy().ravel() for name, value in found.items()}


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of [N] and [N], ties in order of occurrence; 0 for constants."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    first, second = (np.argsort(np.argsort(values, kind="stable")) for values in (a, b))
    return float(np.corrcoef(first, second)[0, 1])
