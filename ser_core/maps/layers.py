"""The layers that can be mapped, and what they give for one clip and its words."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ser_core.analysis import Analyzer
from ser_core.errors import EncoderError, RecogniserError
from ser_core.inputs.audio import Clip
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.cnn14 import BLOCKS
from ser_core.models.fusion import AudioModel, FusionModel, Output
from ser_core.models.registry import parents
from ser_core.results import Prediction, combine, to_prediction
from ser_core.support.cache import Cache
from ser_core.support.forward_queue import in_order

WORDS = "e"


@dataclass(frozen=True)
class LayerInfo:
    """A layer.

    Attributes:
        name: unique: `e`, a model's name for its last hidden layer, or `MODEL.block3`.
        model: name of the checkpoint; "" for e.
        title: what people read.
        hears: whether the voice changes it.
        reads: whether the words change it.
    """

    name: str
    model: str
    title: str
    hears: bool
    reads: bool


@dataclass(frozen=True, eq=False)
class Embedded:
    """One clip with its words, as the models see them.

    Attributes:
        vectors: float32 [D] by name of the layer; a layer that needs what is missing is missing.
        predictions: by model name.
    """

    vectors: dict[str, np.ndarray]
    predictions: dict[str, Prediction]


def list_layers(models: Mapping[str, Checkpoint]) -> dict[str, LayerInfo]:
    """Last hidden layers in display order, then e, then blocks; by name.

    Late fusion has no layer of its own: its "layer" is its outputs, probabilities and dimensions.
    """
    found = {
        name: LayerInfo(
            name,
            name,
            f"{one.title}: {'its outputs' if one.model.parents else 'last hidden layer'}",
            one.uses_voice,
            one.uses_text,
        )
        for name, one in models.items()
    }
    found[WORDS] = LayerInfo(WORDS, "", "Words: e, the text encoder's last layer", False, True)
    for name, one in models.items():
        if one.model.architecture not in ("audio", "fusion"):
            continue
        for number, block in enumerate(BLOCKS, 1):
            # The words reach a block if they enter the network there or before.
            reads = any(stage in one.model.stages for stage in BLOCKS[:number])
            title = f"{one.title}: block {number}, mean over time and bands"
            found[f"{name}.{block}"] = LayerInfo(f"{name}.{block}", name, title, True, reads)
    return found


class Embedder:
    """Layers and predictions of clips; what depends on the voice or the words alone, once.

    Safe to share between threads, as the analyzer is.

    Args:
        analyzer: whose models are asked.
        size: number of passes that are remembered.
    """

    def __init__(self, analyzer: Analyzer, size: int = 256) -> None:
        self.analyzer = analyzer
        self._passes = Cache(size)

    def embed(self, clip: Clip, words: str | None, late_weight: float | None = None) -> Embedded:
        """All layers for a clip with these words; None for no words.

        Models that need words have none without them; the text encoder or the recogniser, where it
        is missing, takes the layers that need it away.
        """
        vectors: dict[str, np.ndarray] = {}
        predictions: dict[str, Prediction] = {}
        models = self.analyzer.models
        for checkpoint in models.values():
            if checkpoint.model.parents or (checkpoint.needs_text and words is None):
                continue
            try:
                found = self._pass(checkpoint, clip, words)
            except (EncoderError, RecogniserError):
                continue
            vectors |= found.vectors
            predictions |= found.predictions
        for name, checkpoint in models.items():
            if checkpoint.model.parents:
                of = [predictions.get(parent.name) for parent in parents(models, checkpoint)]
                one = _late(checkpoint, of[0], of[1], late_weight)
                if one is not None:
                    predictions[name], vectors[name] = one, _outputs(one)
        if words is not None:
            with contextlib.suppress(EncoderError):
                vectors[WORDS] = self.analyzer.encode(words).embedding
        order = [name for name in models if name in predictions]
        return Embedded(vectors, {name: predictions[name] for name in order})

    def _pass(self, checkpoint: Checkpoint, clip: Clip, words: str | None) -> Embedded:
        words = words if checkpoint.uses_text else None
        sound = clip.digest if checkpoint.uses_voice else None
        found: Embedded = self._passes.get(
            (checkpoint.name, sound, words), lambda: self._forward(checkpoint, clip, words)
        )
        return found

    def _forward(self, checkpoint: Checkpoint, clip: Clip, words: str | None) -> Embedded:
        inputs = self.analyzer.inputs(checkpoint, clip, words)
        vectors: dict[str, np.ndarray] = {}

        def record(block: str, x: Tensor) -> None:
            vectors[f"{checkpoint.name}.{block}"] = x.mean(dim=(2, 3))[0].numpy()

        def forward() -> Output:
            network = checkpoint.network
            with torch.inference_mode():
                if isinstance(network, AudioModel):
                    hidden = network.cnn(inputs["log_mel"], record=record)
                elif isinstance(network, FusionModel):
                    stages = network.conditioning(inputs["embedding"], inputs["has_text"])
                    hidden = network.cnn(inputs["log_mel"], stages, network.operator, record=record)
                else:
                    other: Output = network(**inputs)
                    return other
                output: Output = network.heads(hidden)
                return output

        output = in_order(forward)
        vectors[checkpoint.name] = output.embedding[0].numpy()
        prediction = to_prediction(checkpoint, output, words is not None)
        return Embedded(vectors, {checkpoint.name: prediction})


def _late(
    late: Checkpoint, read: Prediction | None, heard: Prediction | None, weight: float | None
) -> Prediction | None:
    if heard is None:
        return None
    if read is None:
        return Prediction(late.name, heard.probabilities, heard.dimensions, used_text=False)
    return combine(late.name, read, heard, late.model.late_rule(weight))


def _outputs(prediction: Prediction) -> np.ndarray:
    values = [*prediction.probabilities.values(), *prediction.dimensions.values()]
    return np.array(values, np.float32)
