"""What a model is made of: the part of a checkpoint's config that rebuilds it."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from ser_core.errors import CheckpointError
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.cnn14 import BLOCKS, OPERATORS, POOLED
from ser_core.models.fusion import (
    AudioModel,
    FoundationModel,
    FusionModel,
    Network,
    TextModel,
)
from ser_core.models.late import POOLINGS, LateRule
from ser_core.support.settings import (
    Amount,
    Count,
    Names,
    Numbers,
    Positive,
    Share,
    Shares,
    check,
)

SUMMARIES = ("last", "all")  # of the text encoder's layers, see `TextEncoding.summary`
ARCHITECTURES = ("text", "audio", "fusion", "late", "foundation")


@dataclass(frozen=True)
class ModelConfig:
    """Architecture and sizes of one model.

    Attributes:
        architecture: one of `ARCHITECTURES`; `fusion` is single-stage or multistage by `stages`.
        categories, dimensions: labels of the two heads, all of them; empty without that head.
        width: factor on CNN14's channels.
        dropout: of the CNN's blocks or of the MLP.
        hidden: units of the MLP.
        input_dim: size of e (text, fusion) or of the speech statistics (foundation).
        summary: what e is made of, one of `SUMMARIES`.
        text_dropout: of e, for `fusion` (the MLP of `text` has `dropout` there).
        stages: where e conditions the CNN: any of `block1`..`block6`, `pooled`.
        operator: how: one of `shift`, `prenorm`, `film`.
        gain: scale of the conditioning's start (see `Conditioning`).
        reference: whether a CNN14 knows speakers' references (a `foundation` always does).
        parents: names of the text and the audio model, for `late`.
        pooling: how `late` puts them together, one of `POOLINGS`.
        weight: of the text, for `late`.
        category_weights, dimension_weights: of the text in each category or dimension, in place
            of `weight`; empty for none.
        category_bias, smoothing, sharpness: for `log_linear`, see `late.py`; the bias is empty for
            none.
    """

    architecture: str
    categories: tuple[str, ...] = CATEGORIES
    dimensions: tuple[str, ...] = DIMENSIONS
    width: Positive = 0.25
    dropout: Share = 0.2
    hidden: Count = 256
    input_dim: Count = 384
    summary: str = "last"
    text_dropout: Share = 0.0
    stages: Names = ()
    operator: str = "shift"
    gain: Amount = 1.0
    reference: bool = False
    parents: Names = ()
    pooling: str = "mean"
    weight: Share = 0.5
    category_weights: Shares = ()
    dimension_weights: Shares = ()
    category_bias: Numbers = ()
    smoothing: Share = 0.0
    sharpness: Positive = 1.0

    def __post_init__(self) -> None:
        """Raise CheckpointError where the values do not fit together."""
        check(self, "[model]", CheckpointError)
        if self.architecture not in ARCHITECTURES:
            raise CheckpointError(
                f"Unknown architecture '{self.architecture}': "
                f"choose one of {', '.join(ARCHITECTURES)}."
            )
        if self.operator not in OPERATORS:
            raise CheckpointError(
                f"Unknown operator '{self.operator}': choose one of {', '.join(OPERATORS)}."
            )
        if self.summary not in SUMMARIES:
            raise CheckpointError(
                f"Unknown summary '{self.summary}': choose one of {', '.join(SUMMARIES)}."
            )
        if self.pooling not in POOLINGS:
            raise CheckpointError(
                f"Unknown pooling '{self.pooling}': choose one of {', '.join(POOLINGS)}."
            )
        self._check_labels()
        known = (*BLOCKS, POOLED)
        for stage in self.stages:
            if stage not in known:
                raise CheckpointError(f"Unknown stage '{stage}': choose from {', '.join(known)}.")
        if self.architecture == "fusion" and not self.stages:
            raise CheckpointError("A fusion model needs at least one stage: set `stages`.")
        if self.architecture == "late" and len(self.parents) != 2:
            raise CheckpointError("Late fusion needs two parents, text and audio: set `parents`.")

    def _check_labels(self) -> None:
        for name, labels in (("categories", CATEGORIES), ("dimensions", DIMENSIONS)):
            if getattr(self, name) not in ((), labels):
                raise CheckpointError(
                    f"A model predicts all {name} or none: set `{name}` to {list(labels)} or []."
                )
        if not self.categories and not self.dimensions:
            raise CheckpointError("The model predicts nothing: set `categories` or `dimensions`.")
        for name, labels in (
            ("category_weights", CATEGORIES),
            ("category_bias", CATEGORIES),
            ("dimension_weights", DIMENSIONS),
        ):
            if len(getattr(self, name)) not in (0, len(labels)):
                raise CheckpointError(
                    f"`{name}` in [model] is of {', '.join(labels)}: give {len(labels)} numbers or "
                    "leave it out."
                )

    def late_rule(self, weight: float | None = None) -> LateRule:
        """The rule of a late fusion.

        Args:
            weight: of the text in everything, in place of the config's weights; those hold for
                none, and for the config's own `weight`.
        """
        of_all = self.weight if weight is None else weight
        own = of_all == self.weight
        return LateRule(
            self.pooling,
            (own and self.category_weights) or (of_all,) * len(CATEGORIES),
            (own and self.dimension_weights) or (of_all,) * len(DIMENSIONS),
            self.category_bias or (0.0,) * len(CATEGORIES),
            self.smoothing,
            self.sharpness,
        )

    @property
    def uses_text(self) -> bool:
        """Whether the words can change its output."""
        return self.architecture in ("text", "fusion", "late")

    @property
    def knows_speakers(self) -> bool:
        """Whether a speaker's reference changes what its network hears."""
        return self.reference or self.architecture == "foundation"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored."""
        return asdict(self)

    def settings(self) -> dict[str, Any]:
        """Plain values of what is not as by default, which settings added later do not change."""
        defaults = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ModelConfig":
        """Inverse of `to_dict`; raises CheckpointError for unknown or missing keys."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown or "architecture" not in values:
            raise CheckpointError(
                f"The model config has unknown keys {unknown} or lacks 'architecture': "
                "it was made by another version; train the model again."
            )
        as_tuples: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**as_tuples)


def build(config: ModelConfig) -> Network:
    """A freshly initialised network for a config (not for `late`, which has no weights)."""
    heads = (len(config.categories), len(config.dimensions))
    match config.architecture:
        case "text":
            return TextModel(config.input_dim, config.hidden, config.dropout, heads)
        case "audio":
            return AudioModel(config.width, config.dropout, heads, config.reference)
        case "foundation":
            return FoundationModel(config.input_dim, config.hidden, config.dropout, heads)
        case "fusion":
            return FusionModel(
                config.width,
                config.dropout,
                config.input_dim,
                config.stages,
                config.operator,
                heads,
                config.gain,
                config.text_dropout,
                config.reference,
            )
    raise CheckpointError(f"'{config.architecture}' has no network of its own.")
