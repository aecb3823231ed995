"""Can an attribution be trusted? Deletion and insertion curves against random order.

Parts of the input are taken away (deletion: Samek et al., 2017) or given back (insertion: Petsiuk
et al., 2018), those first that are said to raise f most. A faithful order makes f fall faster, and
rise faster, than a random one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.results import Explanation
from ser_core.explain.units import Units
from ser_core.explain.values import Values

POINTS, ORDERS = 12, 5


@dataclass(frozen=True, eq=False)
class Curve:
    """f while parts of the input go, or come.

    Attributes:
        values: f after each share of `Faithfulness.shares`, [P].
        random: the same in random orders, [R, P].
    """

    values: np.ndarray
    random: np.ndarray

    @property
    def area(self) -> float:
        """Mean of f along the curve (trapezoids), in the output's unit."""
        return float(_area(self.values))

    @property
    def random_areas(self) -> np.ndarray:
        """The same of each random order, [R]."""
        return np.array([_area(values) for values in self.random])


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """Deletion and insertion by an attribution.

    Attributes:
        shares: of the parts taken away, or given back, [P] from 0 to 1.
        deletion, insertion: the curves.
        parts: number of patches of the voice and of words.
        seed: of the random orders.
    """

    shares: np.ndarray
    deletion: Curve
    insertion: Curve
    parts: int
    seed: int

    @property
    def steeper(self) -> float:
        """By how much the deletion's area lies below the mean random one, in the output's unit."""
        return float(self.deletion.random_areas.mean()) - self.deletion.area

    @property
    def in_words(self) -> str:
        """One sentence on whether the order is better than chance."""
        drawn = self.deletion.random_areas
        below = int((self.deletion.area < drawn).sum())
        return (
            "Taking away first what the attribution names keeps the output at "
            f"{self.deletion.area:.3g} on average, random parts at {drawn.mean():.3g}: lower than "
            f"{below} of {len(drawn)} random orders."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        curves = {"deletion": self.deletion, "insertion": self.insertion}
        return {
            "shares": self.shares.tolist(),
            "parts": self.parts,
            "seed": self.seed,
            **{
                name: {
                    "values": curve.values.tolist(),
                    "area": curve.area,
                    "random_areas": curve.random_areas.tolist(),
                }
                for name, curve in curves.items()
            },
        }


def faithfulness(
    case: Case,
    explanation: Explanation,
    points: int = POINTS,
    orders: int = ORDERS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Faithfulness:
    """Deletion and insertion curves of an attribution of this case.

    The parts are patches of the voice (0.2 s by 16 Mel bands; 0.2 s of the recording for a model
    that hears it through another encoder) and words. A patch that is away is silent, a word that is
    away is left out; without any word there is no text.

    Args:
        points: steps of the curves. orders: random ones to compare with.

    Raises:
        SerError: nothing to take away, or the explanation is of another model or clip.
    """
    if explanation.model != case.checkpoint.name or explanation.output != case.choice.name:
        raise SerError("The attribution is of another model or output: make it for this one.")
    units = Units(case)
    if len(units) < 2:
        raise SerError("There is only one part to take away: no order can be better than another.")
    generator = np.random.default_rng(seed)
    ranked = np.argsort(-units.attributions(explanation), kind="stable")
    rankings = [ranked, *(generator.permutation(len(units)) for _ in range(orders))]
    shares = np.linspace(0.0, 1.0, points + 1)
    counts = np.rint(shares * len(units)).astype(int)
    counter = Steps(progress, 2 * len(rankings) * len(counts))
    values = Values(case.analyzer, case.checkpoint, case.choice, case.late_weight, counter)

    def curve(insert: bool) -> Curve:
        found = np.array([_along(values, units, order, counts, insert) for order in rankings])
        return Curve(found[0], found[1:])

    return Faithfulness(shares, curve(False), curve(True), len(units), seed)


def _along(
    values: Values, units: Units, order: np.ndarray, counts: np.ndarray, insert: bool
) -> np.ndarray:
    away = [order[count:] if insert else order[:count] for count in counts]
    rows = [units.without(set(parts.tolist())) for parts in away]
    return values([sound for sound, _ in rows], [text for _, text in rows])


def _area(values: np.ndarray) -> float:
    return float(((values[1:] + values[:-1]) / 2).mean())
