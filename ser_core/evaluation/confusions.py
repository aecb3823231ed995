"""Confusion matrices of models on the same rows, and the difference of two."""

import numpy as np

from ser_core.evaluation.predictions import Predictions
from ser_core.labels import CATEGORIES
from ser_core.metrics import confusion


def truth(part: Predictions) -> np.ndarray:
    """Number of each row's category, -1 where it has none, int [N]."""
    known = part.examples.categories.sum(axis=1) > 0
    return np.where(known, part.examples.categories.argmax(axis=1), -1)


def counts(part: Predictions, model: str) -> np.ndarray:
    """Rows are the labels, columns the decisions, [4, 4]; unlabelled rows do not count."""
    labels = truth(part)
    known = labels >= 0
    return confusion(labels[known], part.decisions(model)[known], len(CATEGORIES))


def shares(counted: np.ndarray) -> np.ndarray:
    """Of each label's rows, the share with each decision, [4, 4]; NaN without any row.

    >>> shares(np.array([[3, 1], [0, 0]]))
    array([[0.75, 0.25],
           [ nan,  nan]])
    """
    total = counted.sum(axis=1, keepdims=True)
    return counted / np.where(total > 0, total, np.nan)


def cell(part: Predictions, model: str, label: int, decision: int) -> np.ndarray:
    """Numbers of the rows of one cell, int [M]."""
    return np.flatnonzero((truth(part) == label) & (part.decisions(model) == decision))


def changed(part: Predictions, a: str, b: str, label: int, decision: int) -> np.ndarray:
    """Rows of a label that exactly one of two models decides so: a cell of their difference."""
    one, other = part.decisions(a) == decision, part.decisions(b) == decision
    return np.flatnonzero((truth(part) == label) & (one != other))
