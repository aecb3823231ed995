"""Reference sets made: clips embedded, vectors reduced, maps fitted and measured."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ser_core.errors import SerError
from ser_core.maps.basis import fit_basis, measure_kept
from ser_core.maps.embedding import Progress, embed_rows, prediction_columns
from ser_core.maps.layers import Embedder, list_layers
from ser_core.maps.quality import Purity, purity, trustworthiness
from ser_core.maps.reference import Layer, ReferenceSet
from ser_core.maps.sources import RowSource

PURE_IN = ("category", "speaker", "corpus", "sex", "language")
_ALONE = ("native", "own")  # pairs share a voice: their likeness says nothing of what is encoded


def make_reference(
    source: RowSource,
    embedder: Embedder,
    seed: int = 0,
    progress: Progress = lambda done: None,
) -> ReferenceSet:
    """Embed clips, and make a set with their PCA.

    Args:
        source: the clips.
        embedder: of the models.
        seed: of ties among neighbours.
        progress: see `embed_rows`.

    Raises:
        SerError: none of the clips can be used.
    """
    name, rows = source.name, source.rows
    found = embed_rows(embedder, source.items, progress)
    usable = np.array([number not in found.problems for number in range(len(rows))], bool)
    if not usable.any():
        reason = next(iter(found.problems.values()), "It has no clips.")
        raise SerError(f"None of the clips of {name} can be used: {reason}")
    problems = {str(rows["id"].iloc[number]): why for number, why in found.problems.items()}
    models = embedder.analyzer.models
    rows = rows.assign(**prediction_columns(models, found.predictions, rows["category"].to_list()))[
        usable
    ].reset_index(drop=True)
    layers = {
        info.name: make_layer(info.name, info.title, found.vectors[info.name][usable], rows, seed)
        for info in list_layers(models).values()
        if info.name in found.vectors
    }
    digests = {one.name: one.digest for one in models.values()}
    return ReferenceSet(name, rows, layers, digests, seed, problems)


def make_layer(
    name: str, title: str, vectors: np.ndarray, rows: pd.DataFrame, seed: int = 0
) -> Layer:
    """A layer from the vectors of all rows, float32 [N, D], NaN for rows without."""
    has = np.isfinite(vectors).all(axis=1)
    points = np.full(len(vectors), -1)
    different, points[has] = _distinct(vectors[has])
    basis = fit_basis(different)
    reduced = basis.reduce(different)
    layer = Layer(
        name,
        title,
        points,
        reduced,
        basis,
        measure_kept(different, reduced),
        {"pca": reduced[:, :2].astype(np.float32)},
        purity=measure_purity(reduced, points, rows, seed),
    )
    return measured(layer)


def measured(layer: Layer) -> Layer:
    """The layer with the trustworthiness of its maps."""
    trust = {
        projection: found
        for projection, points in layer.coordinates.items()
        if (found := trustworthiness(layer.vectors, points)) is not None
    }
    return replace(layer, trust=trust)


def measure_purity(
    vectors: np.ndarray, points: np.ndarray, rows: pd.DataFrame, seed: int = 0
) -> dict[str, Purity]:
    """Purity by column, over clips as they are (neither pairs nor examples)."""
    alone = np.flatnonzero((points >= 0) & rows["kind"].isin(_ALONE).to_numpy())
    found = {
        column: purity(vectors[points[alone]], rows[column].iloc[alone], seed=seed)
        for column in PURE_IN
        if column in rows
    }
    return {column: one for column, one in found.items() if one is not None}


def _distinct(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Different vectors in their first order, and which one each row has."""
    _, first, which = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return vectors[first[order]], rank[which.reshape(-1)]
