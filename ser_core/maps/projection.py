"""Where one clip lies among those of a reference set, whose points never move."""

from dataclasses import dataclass

import numpy as np

from ser_core.maps.neighbours import nearest
from ser_core.maps.reference import Layer

NEIGHBOURS = 10


@dataclass(frozen=True, eq=False)
class Placed:
    """One clip in one layer.

    Attributes:
        rows: of its nearest neighbours in the layer, nearest first; of rows that share a vector
            the first.
        distances: to them, in the layer (not on the map), float64.
        coordinates: float32 [2] by projection.
    """

    rows: np.ndarray
    distances: np.ndarray
    coordinates: dict[str, np.ndarray]


def place(layer: Layer, vector: np.ndarray) -> Placed:
    """Place a clip.

    By PCA it is projected as the others were. UMAP has no place for what it was not fitted to:
    there a clip stands at the mean of its neighbours' points, weighted by the inverse of their
    distances in the layer. What equals a clip of the set stands on its point.

    Args:
        layer: of the reference set.
        vector: the clip in this layer, float32 [D].
    """
    reduced = layer.basis.reduce(vector[None])[0]
    found, distances = nearest(reduced, layer.vectors, NEIGHBOURS)
    coordinates = {}
    for projection, points in layer.coordinates.items():
        if distances[0] == 0:
            coordinates[projection] = points[found[0]].copy()
        elif projection == "pca":
            coordinates[projection] = reduced[:2].astype(np.float32)
        else:
            coordinates[projection] = _weighted(points[found], distances)
    return Placed(layer.first_rows()[found], distances, coordinates)


def place_row(layer: Layer, row: int) -> Placed | None:
    """Place a clip that is a row of the set: on its own point; None where it has none.

    Its nearest neighbour is itself, at distance 0.
    """
    point = layer.points[row]
    if point < 0:
        return None
    found, distances = nearest(layer.vectors[point], layer.vectors, NEIGHBOURS)
    coordinates = {name: points[point].copy() for name, points in layer.coordinates.items()}
    return Placed(layer.first_rows()[found], distances, coordinates)


def _weighted(points: np.ndarray, distances: np.ndarray) -> np.ndarray:
    weights = 1 / distances
    result: np.ndarray = (weights[:, None] * points).sum(axis=0) / weights.sum()
    return result.astype(np.float32)
