"""The models of the paper. All give the same `Output`, and name the inputs that they need.

- text:         MLP on e
- audio:        CNN14 on log-Mels
- single-stage: CNN14, e added to the pooled vector
- multistage:   CNN14, e added in several blocks,   y_k = Block_k(x) + ReLU(W_k e + b_k)
- late:         a shallow rule over text and audio, no network of its own: see `late.py`
- foundation:   not in the paper: a small head on the Whisper encoders' statistics, for reference
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ser_core.models.cnn14 import BLOCKS, CNN14, POOLED
from ser_core.models.late import late_fusion

__all__ = [
    "AudioModel",
    "Conditioning",
    "FoundationModel",
    "FusionModel",
    "Heads",
    "Network",
    "Output",
    "Standardise",
    "TextModel",
    "late_fusion",
]

N_MELS = 64


class Output(NamedTuple):
    """What every model gives.

    Attributes:
        logits: [B, 4] over the categories, or [B, 0] without that head.
        dimensions: [B, 3] arousal, valence, dominance in [0, 1], or [B, 0] without that head.
        embedding: [B, D], the last hidden layer.
    """

    logits: Tensor
    dimensions: Tensor
    embedding: Tensor


class Network(nn.Module):
    """A model: `forward` takes the tensors named in `inputs` and gives an `Output`.

    A speaker's reference makes an input `relative`: log-Mels, or speech statistics.
    """

    inputs: ClassVar[tuple[str, ...]] = ()

    @property
    def typical(self) -> Tensor | None:
        """Mean over the training clips of what a speaker's reference shifts: of each Mel band [64]
        or of the speech statistics [2 D]; None where the model knows no references.
        """
        return self._buffers.get("typical_bands")

    def relative(self, x: Tensor, speaker: np.ndarray) -> Tensor:
        """x [..., D] - the speaker's mean [D] + `typical`."""
        assert self.typical is not None
        return x - torch.from_numpy(speaker) + self.typical


class Heads(nn.Module):
    """Linear outputs on the last hidden layer; dimensions pass a sigmoid to stay in [0, 1]."""

    def __init__(self, dim: int, categories: int, dimensions: int) -> None:
        super().__init__()
        self.categories = categories
        self.linear = nn.Linear(dim, categories + dimensions)
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, embedding: Tensor) -> Output:
        """[B, D] -> Output."""
        scores = self.linear(embedding)
        logits, dimensions = scores[:, : self.categories], scores[:, self.categories :]
        return Output(logits, dimensions.sigmoid(), embedding)


class Standardise(nn.Module):
    """(x - mean) / scale of each feature; the identity until `fit`.

    Before a linear layer this changes no equation, W x + b stays one, only how well it is learned.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale", torch.ones(dim))

    def fit(self, features: Tensor) -> None:
        """Take mean and standard deviation of training features [N, D]."""
        self.mean.copy_(features.mean(dim=0))
        self.scale.copy_(features.std(dim=0).clamp(min=1e-3))

    def forward(self, x: Tensor) -> Tensor:
        """[B, D] -> [B, D]."""
        return (x - self.mean) / self.scale


class TextModel(Network):
    """Two-layer MLP on e (our choice)."""

    inputs = ("embedding",)

    def __init__(self, text_dim: int, hidden: int, dropout: float, heads: tuple[int, int]) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            Standardise(text_dim),
            nn.Dropout(dropout),
            nn.Linear(text_dim, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        self.heads = Heads(hidden, *heads)

    def forward(self, embedding: Tensor) -> Output:
        """e [B, D] -> Output."""
        result: Output = self.heads(self.mlp(embedding))
        return result


class AudioModel(Network):
    """CNN14 on log-Mel spectrograms."""

    inputs = ("log_mel",)

    def __init__(
        self, width: float, dropout: float, heads: tuple[int, int], reference: bool = False
    ) -> None:
        super().__init__()
        if reference:
            self.register_buffer("typical_bands", torch.zeros(N_MELS))
        self.cnn = CNN14(width, dropout=dropout)
        self.heads = Heads(self.cnn.dim, *heads)

    def forward(self, log_mel: Tensor) -> Output:
        """[B, T, 64] dB -> Output."""
        result: Output = self.heads(self.cnn(log_mel))
        return result


class FoundationModel(Network):
    """Head on mean and standard deviation over time of a frozen speech encoder."""

    inputs = ("speech_statistics",)

    def __init__(self, dim: int, hidden: int, dropout: float, heads: tuple[int, int]) -> None:
        super().__init__()
        self.mlp = TextModel(dim, hidden, dropout, heads)

    @property
    def typical(self) -> Tensor:
        """The mean that the statistics are standardised by, [2 D]."""
        return self.mlp.mlp[0].get_buffer("mean")

    def forward(self, speech_statistics: Tensor) -> Output:
        """[B, 2 D] -> Output."""
        result: Output = self.mlp(speech_statistics)
        return result


class Conditioning(nn.Module):
    """e -> the conditioning of each stage; exactly nothing where there is no text.

    Operators: `shift` ReLU(W_k e + b_k); `prenorm` W_k e + b_k, one for each convolution, started
    at zero; `film` [g, s] = W_k e + b_k, started at zero.

    Args:
        text_dim: D of e.
        channels: channels by stage name.
        operator: see above.
        gain: standard deviation factor of W_k at the start, for `shift`: with W = b = 0 the ReLU
            has no gradient and the words are never learned.
        dropout: of e in training.
    """

    def __init__(
        self,
        text_dim: int,
        channels: Mapping[str, int],
        operator: str,
        gain: float,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.standardise = Standardise(text_dim)
        self.dropout = nn.Dropout(dropout)
        self.projections = nn.ModuleDict()
        for stage, size in channels.items():
            doubled = operator == "film" or (operator == "prenorm" and stage != POOLED)
            projection = nn.Linear(text_dim, 2 * size if doubled else size)
            nn.init.zeros_(projection.bias)
            if operator == "shift":
                nn.init.normal_(projection.weight, std=gain * text_dim**-0.5)
            else:
                nn.init.zeros_(projection.weight)
            self.projections[stage] = projection
        self.operator = operator

    def forward(self, embedding: Tensor, has_text: Tensor) -> dict[str, Tensor]:
        """e [B, D] and a mask [B] (1: text) -> [B, C_k] (or [B, 2 C_k]) by stage name."""
        with_text = has_text.unsqueeze(-1) > 0
        embedding = self.dropout(self.standardise(embedding))
        stages: dict[str, Tensor] = {}
        for stage, projection in self.projections.items():
            value = projection(embedding)
            value = torch.relu(value) if self.operator == "shift" else value
            stages[stage] = torch.where(with_text, value, 0.0)  # not a product: 0 * NaN is NaN
        return stages


class FusionModel(Network):
    """CNN14 conditioned on e: single-stage and multistage are two choices of `stages`."""

    inputs = ("log_mel", "embedding", "has_text")

    def __init__(
        self,
        width: float,
        dropout: float,
        text_dim: int,
        stages: Sequence[str],
        operator: str,
        heads: tuple[int, int],
        gain: float = 1.0,
        text_dropout: float = 0.0,
        reference: bool = False,
    ) -> None:
        super().__init__()
        if reference:
            self.register_buffer("typical_bands", torch.zeros(N_MELS))
        self.operator = operator
        self.cnn = CNN14(width, dropout=dropout, conditioned=True)
        sizes = dict(zip(BLOCKS, self.cnn.channels, strict=True)) | {POOLED: self.cnn.dim}
        self.conditioning = Conditioning(
            text_dim, {s: sizes[s] for s in stages}, operator, gain, text_dropout
        )
        self.heads = Heads(self.cnn.dim, *heads)

    def forward(
        self,
        log_mel: Tensor,
        embedding: Tensor,
        has_text: Tensor,
        stages: Mapping[str, Tensor] | None = None,
    ) -> Output:
        """Predict.

        Args:
            log_mel: [B, T, 64] dB.
            embedding: e [B, D]; any values where there is no text.
            has_text: [B], 1 where e counts, 0 where there is no text.
            stages: conditioning from outside, in place of the one computed from e.
        """
        if stages is None:
            stages = self.conditioning(embedding, has_text)
        result: Output = self.heads(self.cnn(log_mel, stages, self.operator))
        return result
