"""Vectors of a layer in a few principal components: what a reference set keeps of them."""

from dataclasses import dataclass

import numpy as np

from ser_core.maps.neighbours import neighbours_of_all

MANY_COMPONENTS, MOST_COMPONENTS = 64, 160
ENOUGH_VARIANCE = 0.99
_COMPARED = 600  # rows whose distances are compared, before and after
_NEAREST = 10


@dataclass(frozen=True, eq=False)
class Basis:
    """Principal components of a layer.

    Attributes:
        mean: float32 [D].
        components: orthonormal up to rounding, float16 [K, D], the strongest first.
    """

    mean: np.ndarray
    components: np.ndarray

    def reduce(self, vectors: np.ndarray) -> np.ndarray:
        """[N, D] -> float16 [N, K].

        Row by row: a vector gets the same numbers alone as among others, to the last bit.
        """
        components = self.components.astype(np.float64)
        centred = vectors.astype(np.float64) - self.mean
        if not len(centred):
            return np.zeros((0, len(components)), np.float16)
        return np.stack([components @ row for row in centred]).astype(np.float16)


@dataclass(frozen=True)
class Kept:
    """How much of a layer its reduced vectors keep.

    Attributes:
        size: D of the layer.
        components: K.
        variance: share of the variance, in [0, 1].
        distances: correlation of all pairs' distances before and after (of at most 600 rows).
        neighbours: share of the ten nearest neighbours that stay among the ten nearest.
    """

    size: int
    components: int
    variance: float
    distances: float
    neighbours: float


def fit_basis(vectors: np.ndarray) -> Basis:
    """Principal components of `vectors` [N, D], by a singular value decomposition.

    64 components, and more, up to 160, where 64 keep less than 99 % of the variance. The sign of
    a component is free: its largest entry is made positive.
    """
    mean = vectors.astype(np.float64).mean(axis=0).astype(np.float32)
    _, sizes, found = np.linalg.svd(vectors.astype(np.float64) - mean, full_matrices=False)
    shares = np.cumsum(sizes**2) / max(float((sizes**2).sum()), 1e-30)
    number = max(MANY_COMPONENTS, int(np.searchsorted(shares, ENOUGH_VARIANCE)) + 1)
    found = found[: max(min(number, MOST_COMPONENTS, len(vectors) - 1), 2)]
    if len(found) < 2:  # of one clip, or of one number: a map has two axes all the same
        found = np.vstack([found, np.zeros((2 - len(found), vectors.shape[1]))])
    strongest = found[np.arange(len(found)), np.abs(found).argmax(axis=1)]
    found = found * np.where(strongest < 0, -1.0, 1.0)[:, None]
    return Basis(mean, found.astype(np.float16))


def measure_kept(vectors: np.ndarray, reduced: np.ndarray, seed: int = 0) -> Kept:
    """Compare vectors [N, D] with what `reduce` made of them [N, K]."""
    vectors, small = vectors.astype(np.float64), reduced.astype(np.float64)
    total = vectors.var(axis=0).sum()
    chosen = np.random.default_rng(seed).permutation(len(vectors))[:_COMPARED]
    before, after = _pairs(vectors[chosen]), _pairs(small[chosen])
    near = min(_NEAREST, len(chosen) - 1)
    kept = 1.0
    if near > 0:
        of = zip(
            neighbours_of_all(vectors[chosen], near),
            neighbours_of_all(small[chosen], near),
            strict=True,
        )
        kept = float(np.mean([len(set(a) & set(b)) / near for a, b in of]))
    varied = len(before) > 1 and before.std() > 0 and after.std() > 0
    return Kept(
        vectors.shape[1],
        small.shape[1],
        float(min(small.var(axis=0).sum() / total, 1.0)) if total else 1.0,
        float(np.corrcoef(before, after)[0, 1]) if varied else 1.0,
        kept,
    )


def _pairs(vectors: np.ndarray) -> np.ndarray:
    """Distances of all pairs."""
    squared = (vectors**2).sum(axis=1)
    between = squared[:, None] + squared - 2 * vectors @ vectors.T
    result: np.ndarray = np.sqrt(np.maximum(between[np.triu_indices(len(vectors), 1)], 0.0))
    return result
