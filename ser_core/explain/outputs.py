"""What is explained: one number of a model's output, f."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ser_core.errors import SerError
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.fusion import Output
from ser_core.models.registry import parents

UNITS = {
    "probability": "probability",
    "logit": "logit",
    "difference": "logit",
    "dimension": "of the scale from 0 to 1",
}


@dataclass(frozen=True)
class OutputChoice:
    """One output f of a model.

    Attributes:
        kind: `probability` of a category (calibrated), its `logit` (as the network gives it; of
            late fusion see `late.Pool`), the `difference` of two logits, or a `dimension`.
        label: the category or dimension.
        other: for a difference, the category whose logit is subtracted.
    """

    kind: Literal["probability", "logit", "difference", "dimension"]
    label: str
    other: str = ""

    @property
    def name(self) -> str:
        """What `parse` reads: `angry`, `logit:angry`, `logit:angry-neutral`, `valence`."""
        prefix = "" if self.kind in ("probability", "dimension") else "logit:"
        return prefix + self.label + (f"-{self.other}" if self.other else "")

    @property
    def unit(self) -> str:
        """In which f and its attributions are counted."""
        return UNITS[self.kind]

    def value(self, checkpoint: Checkpoint, output: Output) -> Tensor:
        """f of a batch by a network, [B]; float64 for a probability."""
        if self.kind == "dimension":
            return output.dimensions[:, checkpoint.model.dimensions.index(self.label)]
        categories = checkpoint.model.categories
        column = categories.index(self.label)
        if self.kind == "probability":
            return checkpoint.probabilities(output.logits)[:, column]
        logit = output.logits[:, column]
        return logit - output.logits[:, categories.index(self.other)] if self.other else logit


def choices(models: Mapping[str, Checkpoint], checkpoint: Checkpoint) -> list[OutputChoice]:
    """The outputs that a model has, by its heads; late fusion has those that its parents share.

    A mean of posteriors has no logits; those of a log-linear late fusion are what it adds up.
    """
    if checkpoint.model.architecture == "late":
        text, audio = (choices(models, parent) for parent in parents(dict(models), checkpoint))
        kinds = {"probability", "dimension"}
        if checkpoint.model.pooling == "log_linear":
            kinds |= {"logit", "difference"}
        return [choice for choice in audio if choice in text and choice.kind in kinds]
    categories, dimensions = checkpoint.model.categories, checkpoint.model.dimensions
    pairs = [(a, b) for a in categories for b in categories if a != b]
    return [
        *(OutputChoice("probability", label) for label in categories),
        *(OutputChoice("dimension", label) for label in dimensions),
        *(OutputChoice("logit", label) for label in categories),
        *(OutputChoice("difference", a, b) for a, b in pairs),
    ]


def parse(text: str, models: Mapping[str, Checkpoint], checkpoint: Checkpoint) -> OutputChoice:
    """The choice named by a text, such as a command line's, of those that a model has.

    Raises:
        SerError: the model has no such output.
    """
    found = {choice.name: choice for choice in choices(models, checkpoint)}
    wanted = text.strip()
    if wanted in found:
        return found[wanted]
    short = [name for name, choice in found.items() if choice.kind != "difference"]
    more = ", logit:A-B" if len(short) < len(found) else ""
    raise SerError(
        f"'{checkpoint.name}' has no output '{wanted}': choose from {', '.join(short)}{more}."
    )
