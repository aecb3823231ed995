"""The rows that grid and plane share: one a model, whether it could answer or not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ser_core.figures.style import Style, model_style

if TYPE_CHECKING:  # analysis and checkpoint bring torch, which a figure does not need
    from ser_core.analysis import Analysis, Prediction
    from ser_core.models.checkpoint import Checkpoint

_ALL = {2: "Both", 3: "All three", 4: "All four", 5: "All five", 6: "All six"}

ALIKE = 0.002  # less than a pixel of any figure


@dataclass(frozen=True)
class Row:
    """One model in grid and plane.

    Attributes:
        name: of the checkpoint.
        title: what people read.
        prediction: None where the model could not answer.
        other: its prediction to compare with (before an edit, or pinned), or None.
        reference: shown apart from the models that are compared.
        style: symbol and colour.
    """

    name: str
    title: str
    prediction: "Prediction | None"
    other: "Prediction | None"
    reference: bool
    style: Style

    @property
    def decision(self) -> str | None:
        """The decided category, or None."""
        return self.prediction.decision if self.prediction else None

    def value(self, output: str) -> float | None:
        """The prediction's probability of a category or value of a dimension, or None."""
        return _value(self.prediction, output)

    def other_value(self, output: str) -> float | None:
        """The same of `other`; None also where the two are alike, as there is nothing to show."""
        value, other = self.value(output), _value(self.other, output)
        return None if other is None or value is None or abs(value - other) < ALIKE else other


def _value(prediction: "Prediction | None", output: str) -> float | None:
    if prediction is None:
        return None
    return prediction.probabilities.get(output, prediction.dimensions.get(output))


def make_rows(
    analysis: "Analysis", models: Mapping[str, "Checkpoint"], other: "Analysis | None" = None
) -> list[Row]:
    """One row a model of `analysis`, in the order of `models`, references last.

    Models that were skipped keep their row, so that the rows of two analyses stay aligned.
    """
    asked = [n for n in models if n in analysis.predictions or n in analysis.skipped]
    rows = []
    for reference in (False, True):
        names = [name for name in asked if models[name].reference is reference]
        for position, name in enumerate(names):
            rows.append(
                Row(
                    name,
                    models[name].title,
                    analysis.predictions.get(name),
                    other.predictions.get(name) if other else None,
                    reference,
                    model_style(position, reference),
                )
            )
    return rows


def majority(rows: Sequence[Row]) -> str | None:
    """The category that more than half of the models decide for; references do not vote."""
    votes = Counter(row.decision for row in rows if row.decision and not row.reference)
    for decision, count in votes.items():
        if 2 * count > votes.total():
            return decision
    return None


def differs(row: Row, winner: str | None) -> bool:
    """Whether a model decides otherwise than the majority; False without either."""
    return winner is not None and row.decision not in (None, winner)


def agreement(rows: Sequence[Row]) -> str:
    """One sentence on who agrees with whom, such as "4 of 5 say happy; Text says angry."."""
    voters = [row for row in rows if row.decision and not row.reference]
    if not voters:
        return "No model gives a category."
    by_decision: dict[str, list[str]] = {}
    for row in voters:
        by_decision.setdefault(str(row.decision), []).append(row.title)
    if len(by_decision) == 1:
        (decision,) = by_decision
        if len(voters) == 1:
            return f"{voters[0].title} says {decision}."
        return f"{_ALL.get(len(voters), f'All {len(voters)}')} models say {decision}."
    winner = majority(rows)
    losers = [_says(who, what) for what, who in by_decision.items() if what != winner]
    if winner is None:
        return f"No majority: {'; '.join(losers)}."
    return f"{len(by_decision[winner])} of {len(voters)} say {winner}; {'; '.join(losers)}."


def _says(titles: Iterable[str], decision: str) -> str:
    *first, last = titles
    if not first:
        return f"{last} says {decision}"
    return f"{', '.join(first)} and {last} say {decision}"
