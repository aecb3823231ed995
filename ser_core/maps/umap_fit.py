"""UMAP of a reference set, in a process of its own: `python -m ser_core.maps.umap_fit FOLDER`.

Importing umap compiles for a minute or more and takes hundreds of megabytes, so that no server does
it. With a seed, umap-learn works in one thread and gives the same coordinates each time.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ser_core.errors import SerError
from ser_core.maps.making import measured
from ser_core.maps.reference import Layer, ReferenceSet, load, save

NEIGHBOURS = 15
LEAST_POINTS = 20  # of which umap makes a map


def fit_umap(reference: ReferenceSet, layers: Sequence[str] | None = None) -> ReferenceSet:
    """The set with UMAP coordinates of some layers; default all of more than 20 different points.

    McInnes, Healy and Melville, "UMAP: uniform manifold approximation and projection", 2018; 15
    neighbours, minimum distance 0.1, started from the PCA.
    """
    chosen = set(reference.layers if layers is None else layers)
    done = {
        name: _fit(layer, reference.seed) if name in chosen else layer
        for name, layer in reference.layers.items()
    }
    return replace(reference, layers=done)


def _fit(layer: Layer, seed: int) -> Layer:
    if len(layer.vectors) < LEAST_POINTS:
        return layer
    from umap import UMAP

    start = layer.coordinates["pca"].astype(np.float64)
    spread = np.abs(start).max() or 1.0
    found = UMAP(
        n_neighbors=NEIGHBOURS,
        min_dist=0.1,
        init=10 * start / spread,
        random_state=seed,
        n_jobs=1,
    ).fit_transform(layer.vectors.astype(np.float32))
    coordinates = layer.coordinates | {"umap": np.asarray(found, np.float32)}
    return measured(replace(layer, coordinates=coordinates))


def main(folder: str) -> int:
    """Fit all layers of the set in a folder, and write it back."""
    try:
        save(fit_umap(load(Path(folder))), Path(folder))
    except SerError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
