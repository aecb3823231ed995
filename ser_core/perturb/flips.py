"""Where a decision flips along a curve."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ser_core.perturb.sweep import Point


@dataclass(frozen=True)
class Flip:
    """A model decides one thing at one value and another at the next.

    Attributes:
        model: its name.
        before: category decided at `low`.
        after: category decided at `high`.
        low, high: neighbouring values of the curve, the lower one first; either may be infinite
            where that is the unchanged clip.
        at: where the two categories would be equally probable if both probabilities ran straight
            from one value to the next; None beside an infinite value, and for a change that is
            made or not. Between two points nothing was computed: the flip is known to lie between
            `low` and `high`, no better.
        unit: of the values.
    """

    model: str
    before: str
    after: str
    low: float
    high: float
    at: float | None
    unit: str

    def __str__(self) -> str:
        low, high = (_say(value, self.unit) for value in (self.low, self.high))
        about = "" if self.at is None else f" (about {_say(self.at, self.unit)})"
        return f"{self.model}: {self.before} turns {self.after} between {low} and {high}{about}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, in which an infinite value, the unchanged clip's, is null."""
        return {k: None if v in (math.inf, -math.inf) else v for k, v in asdict(self).items()}


def flips(points: Sequence[Point], model: str) -> list[Flip]:
    """Where a model's decision flips, ascending.

    Several draws of a value count as one, with the mean of their probabilities.

    Args:
        points: of one sweep, in any order; those without an answer of the model are passed over.
        model: its name; a model without categories has no decision and flips nowhere.
    """
    drawn: dict[float, list[dict[str, float]]] = {}
    for point in points:
        if model in point.predictions and point.predictions[model].probabilities:
            drawn.setdefault(point.value, []).append(point.predictions[model].probabilities)
    curve = [
        (value, {c: float(np.mean([p[c] for p in drawn[value]])) for c in drawn[value][0]})
        for value in sorted(drawn)
    ]
    found = []
    unit = points[0].unit if points else ""
    for (low, left), (high, right) in pairwise(curve):
        before, after = (max(p, key=p.__getitem__) for p in (left, right))
        if before != after:
            margins = left[before] - left[after], right[before] - right[after]
            at = _crossing(low, high, *margins) if unit else None
            found.append(Flip(model, before, after, low, high, at, unit))
    return found


def _crossing(low: float, high: float, left: float, right: float) -> float | None:
    """Where a line from `left` (0 or more) to `right` (0 or less) meets 0."""
    if math.isinf(low) or math.isinf(high):
        return None
    return low if left == right else low + (high - low) * left / (left - right)


def _say(value: float, unit: str) -> str:
    return "the unchanged clip" if math.isinf(value) else f"{_round(value):g} {unit}".rstrip()


def _round(value: float) -> float:
    """To three digits."""
    return float(f"{value:.3g}")
