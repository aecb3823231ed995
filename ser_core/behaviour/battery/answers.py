"""What a model answers, whether it is right or not: shares of classes and bins, means."""

from collections.abc import Callable

import numpy as np

from ser_core.behaviour.battery.case import (
    BINS,
    CATEGORY,
    EDGES,
    Case,
    divide,
    mean_of_known,
)
from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS


def answers(shares: float, mean: float, bins: float, balanced: bool) -> list[Case]:
    """Figures of what a model answers, with their published limits."""
    return [
        decided(balanced).within(shares),
        *(average(name, balanced).within(mean) for name in DIMENSIONS),
        *(bin_shares(name, balanced).within(bins) for name in DIMENSIONS),
    ]


def decided(balanced: bool = False) -> Case:
    """Shares of the decisions. Balanced: the mean over the labels' shares."""

    def values(scores: Scores) -> np.ndarray:
        return np.eye(len(CATEGORIES))[scores.probabilities.argmax(axis=1)]

    return _answer("share of a class", CATEGORY, CATEGORIES, values, balanced)


def average(name: str, balanced: bool = False) -> Case:
    """Mean of a dimension. Balanced: the mean over the labels' means."""
    k = DIMENSIONS.index(name)
    return _answer(f"mean {name}", name, ("",), lambda s: s.dimensions[:, k : k + 1], balanced)


def bin_shares(name: str, balanced: bool = False) -> Case:
    """Shares of a dimension's bins. Balanced: the mean over the labels' shares."""
    k = DIMENSIONS.index(name)

    def values(scores: Scores) -> np.ndarray:
        return np.eye(len(BINS))[np.digitize(scores.dimensions[:, k], EDGES)]

    return _answer(f"share of {name}'s bins", name, BINS, values, balanced)


def _answer(
    name: str,
    head: str,
    parts: tuple[str, ...],
    values: Callable[[Scores], np.ndarray],
    balanced: bool,
) -> Case:
    labels = len(CATEGORIES) if balanced else 1

    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        of = values(scores)
        counted = np.column_stack([np.ones(len(of)), of])
        if not balanced:
            return counted
        return np.hstack([counted * labelled[:, None] for labelled in examples.categories.T])

    def figure(sums: np.ndarray) -> np.ndarray:
        by_label = sums.reshape(*sums.shape[:-1], labels, -1)
        return mean_of_known(divide(by_label[..., 1:], by_label[..., :1]), axis=-2)

    return Case(name, head, parts, terms, figure, labels=CATEGORY if balanced else "")
