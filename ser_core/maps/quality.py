"""How far a map can be trusted, and what a layer encodes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.maps.neighbours import neighbours_of_all

NEAREST = 10


@dataclass(frozen=True)
class Purity:
    """How often a clip's nearest neighbours share its label.

    Attributes:
        value: mean share over the clips, in [0, 1].
        random: the same for neighbours drawn at random.
        clips: number of clips that have the label.
        labels: number of different labels.
    """

    value: float
    random: float
    clips: int
    labels: int


def trustworthiness(vectors: np.ndarray, map_: np.ndarray, nearest: int = NEAREST) -> float | None:
    """Trustworthiness of a map, in [0, 1]: 1 if neighbours on it are neighbours in the layer.

    A neighbour on the map that is not among the k nearest in the layer costs by how much farther
    it is there (Venna and Kaski, "Neighborhood preservation in nonlinear projection methods: an
    experimental study", 2001; by scikit-learn).

    Args:
        vectors: [N, D]. map_: [N, 2].
        nearest: k.

    Returns:
        None for fewer than 2 k + 1 points: it is not defined then.
    """
    from sklearn.manifold import trustworthiness as of

    if len(vectors) <= 2 * nearest:
        return None
    return float(of(vectors.astype(np.float64), map_.astype(np.float64), n_neighbors=nearest))


def purity(
    vectors: np.ndarray, labels: pd.Series, nearest: int = NEAREST, seed: int = 0
) -> Purity | None:
    """Share of each clip's k nearest neighbours with its own label, over the clips with one.

    Random neighbours would share it with probability (n - 1) / (N - 1), n the clips of the label.

    Args:
        vectors: [N, D].
        labels: of the rows; "" or missing for none.
        nearest: k; fewer where there are fewer clips.

    Returns:
        None where there are fewer than two labels: there is nothing to tell apart.
    """
    known = (labels.notna() & (labels.astype(str) != "")).to_numpy()
    names = labels.astype(str).to_numpy()[known]
    _, codes = np.unique(names, return_inverse=True)
    counts = np.bincount(codes) if len(codes) else np.zeros(0, int)
    if len(counts) < 2:
        return None
    found = neighbours_of_all(vectors[known], nearest, seed)
    same = (codes[found] == codes[:, None]).mean()
    random = ((counts[codes] - 1) / (len(codes) - 1)).mean()
    return Purity(float(same), float(random), len(codes), len(counts))
