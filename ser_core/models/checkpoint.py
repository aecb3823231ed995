"""Checkpoint folders: `config.json`, `model.safetensors` and a `README.md` card.

A folder is complete: architecture, front end, labels, text encoder, data, recipe, results, licence
and limits. Weights are safetensors only; a pickle is refused, never loaded.
"""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from ser_core.errors import CheckpointError, EncoderError
from ser_core.inputs.features import FrontEnd
from ser_core.models import familiarity
from ser_core.models.config import ModelConfig, build
from ser_core.models.fusion import Network
from ser_core.support.integrity import sha256

FORMAT = 1
WEIGHTS = "model.safetensors"
CONFIG = "config.json"
PICKLES = (".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle")


@dataclass(frozen=True)
class Checkpoint:
    """One model as stored.

    Attributes:
        folder: where it lies.
        name: folder name, used in links, tables and on the command line.
        title: what people read.
        model: architecture and sizes.
        front_end: log-Mel settings.
        text_encoder: `name` and `sha256` of the encoder that it was trained with, or {}.
        speech_encoder: the same of the recogniser whose encoder it listens with, or {}.
        temperature: logits are divided by it before the softmax (calibration on dev).
        order: position in tables and figures.
        reference: a model that is not the paper's, shown apart.
        training: data, recipe, seed, epochs, dev score.
        results: measured test results, by test set.
    """

    folder: Path
    name: str
    title: str
    model: ModelConfig
    front_end: FrontEnd = field(default_factory=FrontEnd)
    text_encoder: dict[str, Any] = field(default_factory=dict)
    speech_encoder: dict[str, Any] = field(default_factory=dict)
    temperature: float = 1.0
    order: int = 100
    reference: bool = False
    training: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def needs_text(self) -> bool:
        """Whether it gives nothing at all without words."""
        return self.model.architecture == "text"

    @property
    def uses_text(self) -> bool:
        """Whether the words can change its output."""
        return self.model.uses_text

    @property
    def uses_voice(self) -> bool:
        """Whether the sound can change its output."""
        return self.model.architecture != "text"

    @property
    def size_bytes(self) -> int:
        """Size of the stored weights; 0 for late fusion."""
        weights = self.folder / WEIGHTS
        return weights.stat().st_size if weights.exists() else 0

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all that its predictions depend on: settings and weights."""
        weights = self.folder / WEIGHTS
        parts = {
            "model": self.model.settings(),
            "front_end": self.front_end.to_dict(),
            "encoders": [self.text_encoder.get("sha256"), self.speech_encoder.get("sha256")],
            "temperature": self.temperature,
            "weights": sha256(weights) if weights.exists() else None,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @cached_property
    def network(self) -> Network:
        """The network with its weights in float32, in evaluation mode.

        Raises:
            CheckpointError: the weights are missing, damaged, or of another architecture.
        """
        network = build(self.model)
        path = self.folder / WEIGHTS
        if not path.exists():
            raise CheckpointError(self._why_no_weights())
        try:
            weights = {k: v.float() for k, v in load_file(path).items()}
            network.load_state_dict(weights, strict=False)
            missing = set(network.state_dict()) - set(weights)
        except (SafetensorError, OSError, RuntimeError) as error:
            raise CheckpointError(
                f"The weights of '{self.name}' are damaged or of another architecture: "
                "fetch or train the checkpoint again."
            ) from error
        if any(not name.endswith("num_batches_tracked") for name in missing):
            raise CheckpointError(f"The weights of '{self.name}' are incomplete: train it again.")
        network.eval().requires_grad_(False)
        return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @cached_property
    def familiarity(self) -> familiarity.Familiarity | None:
        """What sounds it knows from training; None where that was not measured.

        Raises:
            CheckpointError: the file is damaged.
        """
        return familiarity.load(self.folder)

    @cached_property
    def parameters(self) -> int:
        """Number of trained parameters."""
        if self.model.architecture == "late":
            return 0
        with torch.device("meta"):
            return sum(p.numel() for p in build(self.model).parameters())

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Calibrated posteriors, float64, of logits [..., K]."""
        return torch.softmax(logits.double() / self.temperature, dim=-1)

    def _why_no_weights(self) -> str:
        if any(path.suffix in PICKLES for path in self.folder.iterdir()):
            return (
                f"'{self.name}' holds pickled weights, which can run any code when loaded: "
                "convert them to safetensors first."
            )
        return f"'{self.name}' has no {WEIGHTS}: fetch or train the checkpoint again."


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint folder's config; the weights follow when `network` is first used.

    Raises:
        CheckpointError: no folder, no config, or one that this version cannot read.
    """
    try:
        values = json.loads((folder / CONFIG).read_text("utf-8"))
        if values.get("format") != FORMAT:
            raise CheckpointError(
                f"The checkpoint '{folder.name}' has an unknown format: train it again."
            )
        return Checkpoint(
            folder=folder,
            name=folder.name,
            title=values["title"],
            model=ModelConfig.from_dict(values["model"]),
            front_end=FrontEnd(**values["front_end"]),
            text_encoder=values.get("text_encoder", {}),
            speech_encoder=values.get("speech_encoder", {}),
            temperature=float(values.get("temperature", 1.0)),
            order=int(values.get("order", 100)),
            reference=bool(values.get("reference", False)),
            training=values.get("training", {}),
            results=values.get("results", {}),
        )
    except FileNotFoundError as error:
        raise CheckpointError(
            f"No checkpoint in '{folder.name}': it needs a {CONFIG}; see `ser models`."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"The config of checkpoint '{folder.name}' cannot be read: train it again."
        ) from error


def save(checkpoint: Checkpoint, network: nn.Module | None) -> None:
    """Write config and weights (float16) into `checkpoint.folder`, replacing what is there."""
    checkpoint.folder.mkdir(parents=True, exist_ok=True)
    values = {
        "format": FORMAT,
        "title": checkpoint.title,
        "order": checkpoint.order,
        "reference": checkpoint.reference,
        "model": checkpoint.model.to_dict(),
        "front_end": checkpoint.front_end.to_dict(),
        "text_encoder": checkpoint.text_encoder,
        "speech_encoder": checkpoint.speech_encoder,
        "temperature": checkpoint.temperature,
        "training": checkpoint.training,
        "results": checkpoint.results,
    }
    text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    (checkpoint.folder / CONFIG).write_text(text, "utf-8")
    if network is not None:
        state = {
            name: value.detach().cpu().half().contiguous()
            for name, value in network.state_dict().items()
            if not name.endswith("num_batches_tracked")
        }
        save_file(state, checkpoint.folder / WEIGHTS)


def require_encoder(
    checkpoint: Checkpoint, fingerprint: str, kind: Literal["text", "speech"] = "text"
) -> None:
    """Check that an encoder is the one that a checkpoint was trained with.

    Raises:
        EncoderError: it is another one.
    """
    trained = checkpoint.text_encoder if kind == "text" else checkpoint.speech_encoder
    if trained.get("sha256") != fingerprint:
        raise EncoderError(
            f"'{checkpoint.name}' was trained with the {kind} encoder "
            f"'{trained.get('name')}': choose that one."
        )
