"""What a test measures: figures of sums over rows, which are quick to draw again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.measured import labelled
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import concordance_of_sums, concordance_terms, confusion_terms

CATEGORY = "category"
BINS = ("low", "middle", "high")  # of a dimension
EDGES = (0.45, 0.55)


@dataclass(frozen=True)
class Case:
    """One figure of a test, or several of which the worst one counts.

    Attributes:
        name: what is measured.
        head: `category`, or the dimension that it is of.
        parts: names of its F figures, such as the classes; ("",) for a single one.
        terms: what each row adds, labels and scores of N rows -> [N, K].
        figure: sums [..., K] -> figures [..., F]; NaN where one is not defined.
        lower, upper: a model passes between these.
        category: the one whose examples alone count, or "".
        labels: the head whose labels it needs; "" for none, None for those of its own head.
    """

    name: str
    head: str
    parts: tuple[str, ...]
    terms: Callable[[Pairs, Scores], np.ndarray]
    figure: Callable[[np.ndarray], np.ndarray]
    lower: float = -np.inf
    upper: float = np.inf
    category: str = ""
    labels: str | None = None

    def rows(self, examples: Pairs, scores: Scores) -> np.ndarray:
        """Which rows count: labelled, and answered by the model; bool [N]."""
        of = scores.probabilities if self.head == CATEGORY else scores.dimensions
        if not of.shape[1]:
            return np.zeros(len(examples), bool)
        answered: np.ndarray = np.isfinite(of).all(axis=1)
        needed = self.head if self.labels is None else self.labels
        return answered & labelled_by(examples, needed) if needed else answered

    def count(self, examples: Pairs) -> int:
        """How many of N examples it rests on."""
        if not self.category:
            return len(examples)
        k = CATEGORIES.index(self.category)
        return int(((examples.categories.sum(axis=1) > 0) & (_truth(examples) == k)).sum())

    def within(self, limit: float) -> "Case":
        """With both limits at this distance from 0."""
        return replace(self, lower=-limit, upper=limit)

    def each(self, naming: str, labelled_so: bool = False) -> "list[Case]":
        """A case for each of its figures, named by the part in `{}`.

        Args:
            labelled_so: each rests on the examples of that category alone.
        """

        def only(k: int) -> Callable[[np.ndarray], np.ndarray]:
            return lambda sums: self.figure(sums)[..., k : k + 1]

        return [
            replace(
                self,
                name=naming.format(part),
                parts=("",),
                figure=only(k),
                category=part if labelled_so else "",
            )
            for k, part in enumerate(self.parts)
        ]


def labelled_by(examples: Pairs, head: str) -> np.ndarray:
    """Which rows have the label of a head, bool [N]."""
    return labelled(examples, "UAR" if head == CATEGORY else f"CCC {head}")


def divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A quotient that is NaN where there is nothing to divide by."""
    result: np.ndarray = above / np.where(below > 0, below, np.nan)
    return result


def mean_of_known(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Mean without NaN; NaN where all are, without a warning."""
    known = np.isfinite(values)
    return divide(np.where(known, values, 0.0).sum(axis=axis), known.sum(axis=axis))


def recalls(sums: np.ndarray, classes: int) -> np.ndarray:
    """Of each class, NaN where it does not occur; sums of `confusion_terms` -> [..., classes]."""
    counts = sums.reshape(*sums.shape[:-1], classes, classes)
    return divide(counts.diagonal(axis1=-2, axis2=-1), counts.sum(axis=-1))


def precisions(sums: np.ndarray, classes: int) -> np.ndarray:
    """Of each class that occurs, 0 where nothing is taken for it; see `recalls`."""
    counts = sums.reshape(*sums.shape[:-1], classes, classes)
    hits, taken = counts.diagonal(axis1=-2, axis2=-1), counts.sum(axis=-2)
    return np.where(counts.sum(axis=-1) > 0, hits / np.maximum(taken, 1e-12), np.nan)


def _truth(examples: Pairs) -> np.ndarray:
    return np.asarray(examples.categories.argmax(axis=1))


def _confusion(examples: Pairs, scores: Scores) -> np.ndarray:
    decision = scores.probabilities.argmax(axis=1)
    return confusion_terms(_truth(examples), decision, len(CATEGORIES))


def _mean(of: Callable[[np.ndarray, int], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sums: mean_of_known(of(sums, len(CATEGORIES)))[..., None]


UAR = Case("UAR", CATEGORY, ("",), _confusion, _mean(recalls))
UAP = Case("UAP", CATEGORY, ("",), _confusion, _mean(precisions))
RECALL = Case("recall", CATEGORY, CATEGORIES, _confusion, lambda s: recalls(s, len(CATEGORIES)))
PRECISION = replace(RECALL, name="precision", figure=lambda s: precisions(s, len(CATEGORIES)))


def of_dimension(examples: Pairs, scores: Scores, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Truth and prediction of a dimension, [N] each."""
    k = DIMENSIONS.index(name)
    return examples.dimensions[:, k], scores.dimensions[:, k]


def concordance(name: str) -> Case:
    """CCC of a dimension."""
    return Case(
        f"CCC of {name}",
        name,
        ("",),
        lambda examples, scores: concordance_terms(*of_dimension(examples, scores, name)),
        lambda sums: concordance_of_sums(sums)[..., None],
    )


def pearson(name: str) -> Case:
    """Pearson's correlation of a dimension."""

    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        x, y = (of - of.mean() for of in of_dimension(examples, scores, name))
        return np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)

    def figure(sums: np.ndarray) -> np.ndarray:
        n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
        spread = np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0)
        return divide(n * xy - x * y, np.sqrt(spread))[..., None]

    return Case(f"Pearson of {name}", name, ("",), terms, figure)


def absolute_error(name: str) -> Case:
    """Mean absolute error of a dimension."""

    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        truth, prediction = of_dimension(examples, scores, name)
        return np.stack([np.ones(len(truth)), np.abs(truth - prediction)], axis=1)

    return Case(
        f"MAE of {name}", name, ("",), terms, lambda s: divide(s[..., 1], s[..., 0])[..., None]
    )


def binned(name: str) -> tuple[Case, Case]:
    """Precision and recall of a dimension's bins, see `BINS`."""

    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        truth, prediction = (np.digitize(of, EDGES) for of in of_dimension(examples, scores, name))
        return confusion_terms(truth, prediction, len(BINS))

    recall = Case(f"recall of {name}'s bins", name, BINS, terms, lambda s: recalls(s, len(BINS)))
    precision = replace(
        recall, name=f"precision of {name}'s bins", figure=lambda s: precisions(s, len(BINS))
    )
    return precision, recall
