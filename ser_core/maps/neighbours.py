"""Nearest neighbours by Euclidean distance: exact, and the same for equal inputs."""

import numpy as np

ROWS_AT_ONCE = 512


def nearest(point: np.ndarray, to: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows of `to` [N, D] to one point [D]: their numbers and distances, nearest first.

    Distances are taken from differences, so that an equal row is exactly 0 away. Of equally near
    rows the first comes first.
    """
    difference = np.asarray(to, np.float64) - np.asarray(point, np.float64)
    distances = np.sqrt((difference**2).sum(axis=1))
    order = np.argsort(distances, kind="stable")[:number]
    return order, distances[order]


def neighbours_of_all(vectors: np.ndarray, number: int, seed: int = 0) -> np.ndarray:
    """The nearest other rows of each row of `vectors` [N, D]: row numbers, int [N, number].

    Equally near ones, such as clips of one sentence in a layer that only reads, come in random
    order: none of them is nearer for its place in a table.

    Args:
        vectors: finite.
        number: at most N - 1 are given.
        seed: of that order.
    """
    vectors = np.asarray(vectors, np.float64)
    size = len(vectors)
    number = max(min(number, size - 1), 0)
    order = np.random.default_rng(seed).permutation(size)
    place = np.argsort(order)
    to = vectors[order]
    lengths = (to**2).sum(axis=1)
    scale = lengths.mean() or 1.0
    found = np.empty((size, number), int)
    for start in range(0, size, ROWS_AT_ONCE):
        of = vectors[start : start + ROWS_AT_ONCE]
        squared = (of**2).sum(axis=1)[:, None] + lengths - 2 * of @ to.T
        squared = np.round(squared / scale, 9)  # equal in spite of the sums' last digits
        squared[np.arange(len(of)), place[start : start + len(of)]] = np.inf
        nearest_first = np.argsort(squared, axis=1, kind="stable")[:, :number]
        found[start : start + len(of)] = order[nearest_first]
    return found
