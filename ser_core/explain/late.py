"""Late fusion's output, from all that its parents say: of arrays, and of tensors with gradients."""

from dataclasses import dataclass, replace

from torch import Tensor

from ser_core.explain.outputs import OutputChoice
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.fusion import Output
from ser_core.models.late import Values


@dataclass(frozen=True)
class AllOfAKind:
    """All posteriors or all dimensions of a model, which late fusion pools.

    Attributes:
        choice: what is asked of the late fusion; its logits are pooled from posteriors.
    """

    choice: OutputChoice

    def value(self, checkpoint: Checkpoint, output: Output) -> Tensor:
        """All of a batch, [B, K]; float64 for posteriors."""
        if self.choice.kind == "dimension":
            return output.dimensions
        return checkpoint.probabilities(output.logits)


class Pool:
    """f of a late fusion by its rule, whatever it is.

    Its logits are what a log-linear rule adds up (`LateRule.logits`): there, and in dimensions, and
    in the posteriors of one plain mean, f is the sum of what each parent gives. Without words late
    fusion is the audio model, and its logits are the logarithms of that one's posteriors.

    Args:
        weight: of the words; default the checkpoint's.
    """

    def __init__(
        self, checkpoint: Checkpoint, choice: OutputChoice, weight: float | None = None
    ) -> None:
        model = checkpoint.model
        self.of_parents = AllOfAKind(choice)
        self.choice = choice
        self.rule = model.late_rule(weight)
        self._labels = model.dimensions if choice.kind == "dimension" else model.categories

    def __call__(self, text: Values | None, audio: Values) -> Values:
        """What the parents say (see `AllOfAKind`), [B, K] each -> f, [B].

        Args:
            text: None without words.
        """
        if self.choice.kind == "dimension":
            pooled = audio if text is None else self.rule.scores(text, audio)
        elif self.choice.kind == "probability":
            pooled = audio if text is None else self.rule.posteriors(text, audio)
        elif text is None:
            voice_alone = replace(self.rule, categories=(0.0,) * len(self.rule.categories))
            pooled = voice_alone.logits(audio, audio)
        else:
            pooled = self.rule.logits(text, audio)
        value = pooled[:, self._labels.index(self.choice.label)]
        if not self.choice.other:
            return value
        return value - pooled[:, self._labels.index(self.choice.other)]
