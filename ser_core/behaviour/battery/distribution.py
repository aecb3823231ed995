"""Are the predictions spread like the labels, and do categories and dimensions agree?"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ser_core.behaviour.battery.case import CATEGORY, Case, divide, of_dimension
from ser_core.behaviour.battery.findings import finding
from ser_core.behaviour.battery.measure import figures
from ser_core.behaviour.battery.table import Asked
from ser_core.behaviour.finding import Finding
from ser_core.corpora.pairing import Pairs
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, CATEGORY_NORMS, DIMENSIONS

BINS = 10  # of a dimension, for the divergence
RANGES = {"low": (-np.inf, 0.45), "neutral": (0.3, 0.6), "high": (0.55, np.inf)}


def expected_range(category: str, dimension: str) -> str:
    """The range of a dimension that a category implies, by the sign of its norm.

    >>> expected_range("angry", "valence"), expected_range("neutral", "arousal")
    ('low', 'neutral')
    """
    norm = CATEGORY_NORMS[category][DIMENSIONS.index(dimension)]
    return "neutral" if norm == 0 else "high" if norm > 0 else "low"


def distribution(asked: Asked) -> Iterator[Finding]:
    """Shares of the classes, and the Jensen-Shannon distance of each dimension."""
    cases = [
        *(case.within(0.15) for case in _shares().each("share of {}")),
        *(_divergence(name) for name in DIMENSIONS),
    ]
    yield finding(
        asked,
        "distribution",
        "Are predictions distributed like the labels?",
        figures(asked, cases, random=False),
        "predicted less labelled share, or Jensen-Shannon distance",
        "A model can have the right distribution and be wrong on every clip.",
        (f"Distances are to base 2, of histograms of {BINS} bins.",),
    )


def _shares() -> Case:
    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        eye = np.eye(len(CATEGORIES))
        decided = eye[scores.probabilities.argmax(axis=1)]
        surplus = decided - eye[examples.categories.argmax(axis=1)]
        return np.column_stack([np.ones(len(surplus)), surplus])

    return Case("share", CATEGORY, CATEGORIES, terms, lambda s: divide(s[..., 1:], s[..., :1]))


def _divergence(name: str) -> Case:
    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        bins = [
            np.eye(BINS)[np.minimum((np.clip(of, 0, 1) * BINS).astype(int), BINS - 1)]
            for of in of_dimension(examples, scores, name)
        ]
        return np.hstack(bins)

    def figure(sums: np.ndarray) -> np.ndarray:
        return jensen_shannon(sums[..., :BINS], sums[..., BINS:])[..., None]

    case = Case(f"distance of {name}", name, ("",), terms, figure)
    return replace(case, upper=0.2)


def jensen_shannon(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Jensen-Shannon distance of two histograms [..., B], in [0, 1] (Lin, 1991, to base 2).

    >>> float(jensen_shannon(np.array([1, 0]), np.array([0, 3])))
    1.0
    """
    p, q = (divide(of, of.sum(axis=-1, keepdims=True)) for of in (one, other))
    middle = (p + q) / 2

    def entropy(of: np.ndarray) -> np.ndarray:
        return (of * np.log2(np.where(of > 0, of / np.where(middle > 0, middle, 1), 1))).sum(-1)

    return np.sqrt(np.maximum((entropy(p) + entropy(q)) / 2, 0.0))


def consistency(asked: Asked) -> Iterator[Finding]:
    """Share of the clips of a category whose dimensions lie in the range that it implies."""
    rows = asked.part.rows
    if {"voice", "text"} <= set(rows.columns) and (rows["voice"] != "").any():
        agree = ((rows["voice"] == rows["text"]) & (rows["voice"] != "")).to_numpy()
        asked = replace(asked, part=asked.part.take(agree))
    if not (asked.part.rows["category"] != "").any():
        raise SerError("It needs examples with a category.")
    cases = [_in_range(category, name) for category in CATEGORIES for name in DIMENSIONS]
    yield finding(
        asked,
        "consistency",
        "Do dimensions agree with the category?",
        figures(asked, cases),
        "share of clips in the range",
        "The ranges follow the norms of the category's name, not how each clip sounds.",
        ("Low is at most 0.45, neutral from 0.3 to 0.6, high at least 0.55.",),
    )


def _in_range(category: str, name: str) -> Case:
    expected = expected_range(category, name)
    low, high = RANGES[expected]
    k = CATEGORIES.index(category)

    def terms(examples: Pairs, scores: Scores) -> np.ndarray:
        labelled = examples.categories.sum(axis=1) > 0
        of_it = labelled & (examples.categories.argmax(axis=1) == k)
        said = scores.dimensions[:, DIMENSIONS.index(name)]
        return np.stack([of_it, of_it & (said >= low) & (said <= high)], axis=1).astype(float)

    def figure(sums: np.ndarray) -> np.ndarray:
        return divide(sums[..., 1], sums[..., 0])[..., None]

    return Case(
        f"{category}: {name} {expected}",
        name,
        ("",),
        terms,
        figure,
        lower=0.75,
        category=category,
        labels=CATEGORY,
    )
