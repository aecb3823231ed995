"""Purity and trustworthiness against second computations, from their definitions."""

import numpy as np
import pandas as pd
import pytest

from ser_core.maps.neighbours import nearest, neighbours_of_all
from ser_core.maps.quality import purity, trustworthiness

RANDOM = np.random.default_rng(5)


def ranks(points: np.ndarray) -> np.ndarray:
    """Rank of each point among the others by distance from each, from 1."""
    found = np.zeros((len(points), len(points)), int)
    for i, a in enumerate(points):
        far = [(float(np.linalg.norm(a - b)), j) for j, b in enumerate(points) if j != i]
        for rank, (_, j) in enumerate(sorted(far), 1):
            found[i, j] = rank
    return found


def test_trustworthiness_by_its_formula() -> None:
    high = RANDOM.standard_normal((60, 8))
    low = high[:, :2] + 0.3 * RANDOM.standard_normal((60, 2))
    k, n = 10, 60
    in_layer, on_map = ranks(high), ranks(low)
    wrong = (on_map <= k) & (on_map > 0) & (in_layer > k)
    cost = (in_layer[wrong] - k).sum()
    expected = 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * cost
    assert trustworthiness(high, low) == pytest.approx(expected, abs=1e-12)
    assert trustworthiness(high, high) == 1.0
    assert trustworthiness(high[:20], low[:20]) is None


def test_purity_by_loops() -> None:
    points = RANDOM.standard_normal((70, 5))
    labels = pd.Series(RANDOM.choice(["a", "b", "c", ""], 70))
    points[labels == "a"] += 1.5
    rows = np.flatnonzero(labels != "")
    shares, chances = [], []
    for i in rows:
        far = sorted((float(np.linalg.norm(points[i] - points[j])), j) for j in rows if j != i)
        near = [labels[j] for _, j in far[:10]]
        shares.append(near.count(labels[i]) / 10)
        chances.append(sum(labels[j] == labels[i] for j in rows if j != i) / (len(rows) - 1))
    found = purity(points, labels)
    assert found is not None
    assert found.value == pytest.approx(np.mean(shares), abs=1e-12)
    assert found.random == pytest.approx(np.mean(chances), abs=1e-12)
    assert found.value > found.random
    assert (found.clips, found.labels) == (len(rows), 3)


def test_random_vectors_are_as_pure_as_chance() -> None:
    labels = pd.Series(RANDOM.choice(["a", "b"], 800, p=[0.8, 0.2]))
    found = purity(RANDOM.standard_normal((800, 6)), labels)
    assert found is not None
    assert found.value == pytest.approx(found.random, abs=0.02)


def test_equal_vectors_are_near_in_random_order() -> None:
    # All clips of one sentence are one point: with ties by place the sorted table looks pure.
    labels = pd.Series(["a"] * 100 + ["b"] * 100)
    found = purity(np.ones((200, 3)), labels)
    assert found is not None
    assert found.value == pytest.approx(found.random, abs=0.05)


@pytest.mark.parametrize("labels", [["a"] * 30, [""] * 30, [None] * 30])
def test_one_label_has_no_purity(labels: list[str | None]) -> None:
    assert purity(RANDOM.standard_normal((30, 3)), pd.Series(labels, dtype=object)) is None


def test_neighbours_are_the_nearest_and_never_oneself() -> None:
    points = RANDOM.standard_normal((700, 4)) + 100  # more than one block, far from the origin
    found = neighbours_of_all(points, 10)
    order = ranks(points[:30])
    assert all(row not in near for row, near in enumerate(found))
    assert (np.argsort(np.where(order > 0, order, 999), axis=1)[:, :10]).tolist() == (
        neighbours_of_all(points[:30], 10).tolist()
    )
    for row in (0, 511, 512, 699):
        rows, distances = nearest(points[row], points, 11)
        assert rows[0] == row
        assert distances[0] == 0
        assert rows[1:].tolist() == found[row].tolist()
        assert (np.diff(distances) >= 0).all()
    assert neighbours_of_all(points[:3], 10).shape == (3, 2)
    assert neighbours_of_all(points[:1], 10).shape == (1, 0)
