"""The rows that a test asks about, and its answers as a table of passed and failed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.behaviour.finding import COLUMNS, TESTED
from ser_core.behaviour.statistics import told
from ser_core.evaluation.comparison import Interval
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.report import RATERS

LEAST = 20  # examples of a verdict
DRAWS = 1000  # of bootstraps, and of random models
EXTRA = ("part", "lower", "upper", "published")  # columns beside those of every test
_ROUNDING = 1e-9
Row = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """What the tests are asked about.

    Attributes:
        part: labelled examples, and what every model says of them.
        pitch: median F0 of the clips in Hz by clip, where their sound is here.
        unit: what a bootstrap draws, see `statistics.drawn_units`.
        draws: of bootstraps, and of random models.
        by: a column of `part.rows` to compare groups by, or "".
        progress: called between models; what it raises ends the work.
    """

    part: Predictions
    pitch: Mapping[str, float]
    unit: str = "speakers"
    draws: int = DRAWS
    by: str = ""
    progress: Callable[[float], None] | None = None

    def models(self) -> Iterator[str]:
        """Names of the models one after the other, without human raters."""
        names = [name for name in self.part.scores if name != RATERS]
        for number, name in enumerate(names):
            if self.progress is not None:
                self.progress(number / len(names))
            yield name


def whole_set(predictions: Predictions) -> Predictions:
    """The rows that most models answer: one set, or sets of one kind in several corpora.

    Sets are of a kind where their names end alike after a comma, as `ravdess, no text` and `nemo,
    no text` do. Of those with as many models, the one with the most rows.
    """
    kinds: dict[str, list[str]] = {}
    for name in predictions.sets:
        kinds.setdefault(name.partition(", ")[2] or name, []).append(name)

    def size(names: list[str]) -> tuple[int, int]:
        least = min(len(predictions.of_set(name).scores) for name in names)
        return least, int(predictions.rows["set"].isin(names).sum())

    chosen = max(kinds.values(), key=size)
    answered = set.intersection(*(set(predictions.of_set(name).scores) for name in chosen))
    taken = predictions.take(predictions.rows["set"].isin(chosen).to_numpy())
    together = f"{len(chosen)} corpora{chosen[0][chosen[0].find(',') :]}"
    rows = taken.rows.assign(set=chosen[0] if len(chosen) == 1 else together)
    scores = {name: of for name, of in taken.scores.items() if name in answered}
    return Predictions(rows, scores, taken.references, taken.notes).of_set(rows["set"].iloc[0])


def row(
    model: str,
    case: str,
    interval: Sequence[float],
    n: int,
    limits: tuple[float, float],
    random: float = np.nan,
    part: str = "",
    published: float = np.nan,
) -> Row:
    """One answer; it passes within its limits, and has no verdict for fewer than `LEAST`.

    Args:
        interval: value, low and high.
        limits: lower and upper, infinite for none.
        part: the group or class that it is of, where the worst of several counts.
        published: the limit of the public tests, where another one is taken.
    """
    value, low, high = interval
    enough = n >= LEAST and np.isfinite(value)
    within = bool(limits[0] - _ROUNDING <= value <= limits[1] + _ROUNDING)
    return {
        **dict(zip(COLUMNS, (model, case, value, low, high, n), strict=True)),
        **dict(
            zip(
                TESTED,
                (say(limits), random, within if enough else None),
                strict=True,
            )
        ),
        **dict(zip(EXTRA, (part, *limits, published), strict=True)),
    }


def say(limits: tuple[float, float]) -> str:
    """Limits as they are told.

    >>> say((0.5, float("inf"))), say((float("-inf"), 0.1)), say((-0.075, 0.075))
    ('≥ 0.5', '≤ 0.1', '± 0.075')
    """
    lower, upper = limits
    if np.isinf(upper):
        return f"≥ {lower:.3g}"
    return f"≤ {upper:.3g}" if np.isinf(lower) else f"± {upper:.3g}"


def as_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Answers as a finding's table."""
    table = pd.DataFrame(list(rows), columns=[*COLUMNS, *TESTED, *EXTRA])
    return table.astype({"passed": object, "n": "int64", "part": "str"})


def shows(table: pd.DataFrame) -> str:
    """What passes, and which failure is the farthest from its limit, in a sentence."""
    asked = table[table["passed"].notna()]
    if asked.empty:
        return "Too few examples for a verdict."
    counted = asked.groupby("model", sort=False)["passed"].agg(["sum", "size"])
    passed = [f"{model} {int(of['sum'])} of {int(of['size'])}" for model, of in counted.iterrows()]
    failed = asked[~asked["passed"].astype(bool)]
    sentence = "Passed: " + ", ".join(passed)
    if failed.empty:
        return sentence + "."
    below, above = failed["lower"] - failed["value"], failed["value"] - failed["upper"]
    beyond = np.fmax(below.to_numpy(float), above.to_numpy(float))
    worst = failed.iloc[int(np.argmax(beyond))]
    place = f" ({worst['part']})" if worst["part"] else ""
    figure = told(Interval(worst["value"], worst["low"], worst["high"]))
    return (
        f"{sentence}. Farthest off is {worst['model']}: {worst['case']}{place} {figure}, where "
        f"{worst['limit']} is asked."
    )
