"""Real checkpoints with random weights, small enough to be made for a test."""

from pathlib import Path

import torch

from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import DEFAULT_ENCODER, DEFAULT_ENCODER_SHA256
from ser_core.models.checkpoint import Checkpoint, save
from ser_core.models.config import ModelConfig, build

WIDTH = 0.125
MODELS = {
    "text": ("Text", ModelConfig("text")),
    "audio": ("Audio", ModelConfig("audio", width=WIDTH)),
    "late": ("Late fusion", ModelConfig("late", parents=("text", "audio"))),
    "single_stage": (
        "Single-stage fusion",
        ModelConfig("fusion", width=WIDTH, stages=("pooled",)),
    ),
    "multistage": (
        "Multistage fusion",
        ModelConfig("fusion", width=WIDTH, stages=("block2", "block4", "block6")),
    ),
}
KNOWING = {
    "audio": ("Audio", ModelConfig("audio", width=WIDTH, reference=True)),
    "foundation": ("Foundation", ModelConfig("foundation", input_dim=1792, hidden=16)),
}


def write_checkpoints(root: Path) -> Path:
    """The five models below `root`; the same weights every time. Returns `root`."""
    torch.manual_seed(0)
    encoder = {"name": DEFAULT_ENCODER, "sha256": DEFAULT_ENCODER_SHA256}
    for order, (name, (title, config)) in enumerate(MODELS.items()):
        checkpoint = Checkpoint(
            folder=root / name,
            name=name,
            title=title,
            model=config,
            text_encoder={} if config.architecture == "audio" else encoder,
            order=order,
        )
        save(checkpoint, None if config.architecture == "late" else build(config))
    return root


def write_knowing_checkpoints(root: Path, recogniser: Recogniser) -> Path:
    """The same below `root`, but `audio` knows speakers, and a `foundation`. Returns `root`."""
    write_checkpoints(root)
    torch.manual_seed(1)
    speech = {"name": recogniser.name, "sha256": recogniser.fingerprint}
    for name, (title, config) in KNOWING.items():
        network = build(config)
        assert network.typical is not None
        network.typical.copy_(torch.randn_like(network.typical) - 30 * (name == "audio"))
        encoder = speech if name == "foundation" else {}
        save(Checkpoint(root / name, name, title, config, speech_encoder=encoder, order=9), network)
    return root
