"""Reference sets: what is known of many clips, and their vectors and coordinates, on disk.

A folder: `rows.parquet` (one row a clip with its words), `points.parquet` (which vector of each
layer a row has), `vectors/LAYER.parquet` (vectors and coordinates), `bases.safetensors`, and
`info.json` (how it was made, how far its maps can be trusted).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ser_core.analysis import CHECKPOINTS, default_checkpoints
from ser_core.errors import SerError
from ser_core.maps.basis import Basis, Kept
from ser_core.maps.quality import Purity
from ser_core.support.atomic import whole, write_whole

FORMAT = 1
SHIPPED = CHECKPOINTS / "reference"
INFO, ROWS, POINTS, BASES = "info.json", "rows.parquet", "points.parquet", "bases.safetensors"
PROJECTIONS = ("pca", "umap")


def find_reference() -> Path:
    """The set beside the checkpoints that are in use; the shipped one where they have none."""
    beside = [folder / "reference" for folder in default_checkpoints()]
    return next((folder for folder in beside if (folder / INFO).is_file()), SHIPPED)


@dataclass(frozen=True, eq=False)
class Layer:
    """What a reference set keeps of one layer.

    Rows with the same input of the layer, such as a clip with several words in a layer that only
    hears, share one vector.

    Attributes:
        name: see `layers.LayerInfo`.
        title: what people read.
        points: vector of each row, int [N]; -1 for rows that have none, such as no words.
        vectors: in principal components, float16 [P, K].
        basis: what made them.
        kept: how much they keep of the layer.
        coordinates: by projection, float32 [P, 2]; PCA's are the first two components.
        trust: trustworthiness by projection; one that is not defined is missing.
        purity: by column; one with nothing to tell apart is missing.
    """

    name: str
    title: str
    points: np.ndarray
    vectors: np.ndarray
    basis: Basis
    kept: Kept
    coordinates: dict[str, np.ndarray]
    trust: dict[str, float] = field(default_factory=dict)
    purity: dict[str, Purity] = field(default_factory=dict)

    def first_rows(self) -> np.ndarray:
        """The first row that has each vector, int [P]."""
        rows = np.full(len(self.vectors), -1)
        has = np.flatnonzero(self.points >= 0)[::-1]
        rows[self.points[has]] = has
        return rows

    def on_map(self, projection: str) -> np.ndarray:
        """Coordinates of all rows, float32 [N, 2]; NaN for rows without a vector."""
        found = np.full((len(self.points), 2), np.nan, np.float32)
        has = self.points >= 0
        found[has] = self.coordinates[projection][self.points[has]]
        return found


@dataclass(frozen=True, eq=False)
class ReferenceSet:
    """Clips with their words, and where they lie in every layer.

    Attributes:
        name: what people read.
        rows: one a clip with its words: columns as in `selection.COLUMNS`, then of each model
            `MODEL.decision`, `MODEL.confidence`, `MODEL.correct` and its dimensions.
        layers: by name.
        models: digest of each model that it was made with, by name.
        seed: of choice and projections.
        problems: clips that could not be used, and why.
    """

    name: str
    rows: pd.DataFrame
    layers: dict[str, Layer]
    models: dict[str, str]
    seed: int = 0
    problems: dict[str, str] = field(default_factory=dict)

    def fits(self, digests: Mapping[str, str]) -> list[str]:
        """Names of the models that it was made with, unchanged since."""
        return [name for name, digest in self.models.items() if digests.get(name) == digest]


def save(reference: ReferenceSet, folder: Path) -> None:
    """Write a set to a folder, each file whole. Raises SerError where it cannot be written."""
    for name, layer in reference.layers.items():
        _write(_vectors(layer), folder / "vectors" / f"{name}.parquet")
    points = pd.DataFrame({n: layer.points.astype(np.int32) for n, layer in _items(reference)})
    _write(pa.Table.from_pandas(points, preserve_index=False), folder / POINTS)
    _write(pa.Table.from_pandas(reference.rows, preserve_index=False), folder / ROWS)
    arrays = {}
    for name, layer in _items(reference):
        arrays[f"{name}.mean"] = np.ascontiguousarray(layer.basis.mean)
        arrays[f"{name}.components"] = np.ascontiguousarray(layer.basis.components)
    with whole(folder / BASES) as partial:
        save_file(arrays, partial)
    info = {
        "format": FORMAT,
        "name": reference.name,
        "seed": reference.seed,
        "models": reference.models,
        "problems": reference.problems,
        "layers": {name: _described(layer) for name, layer in _items(reference)},
    }
    write_whole(folder / INFO, json.dumps(info, indent=1, ensure_ascii=False) + "\n")


def load(folder: Path) -> ReferenceSet:
    """Read a set.

    Raises:
        SerError: there is none, it is damaged, or it was written by another version.
    """
    if not (folder / INFO).is_file():
        raise SerError(
            f"There is no reference set in {folder}: make one with `ser map --data FOLDER --out "
            f"{folder}`."
        )
    try:
        info = json.loads((folder / INFO).read_text("utf-8"))
        if info["format"] != FORMAT:
            raise SerError(f"The reference set in {folder} is of another version: make it anew.")
        points = pd.read_parquet(folder / POINTS)
        bases = load_file(folder / BASES)
        layers = {
            name: _layer(name, about, points[name].to_numpy(int), bases, folder)
            for name, about in info["layers"].items()
        }
        rows = pd.read_parquet(folder / ROWS)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, SafetensorError) as error:
        raise SerError(f"The reference set in {folder} is damaged: make it anew.") from error
    return ReferenceSet(info["name"], rows, layers, info["models"], info["seed"], info["problems"])


def map_layers(reference: ReferenceSet, change: Callable[[Layer], Layer]) -> ReferenceSet:
    """The set with every layer changed."""
    return replace(reference, layers={n: change(layer) for n, layer in _items(reference)})


def _items(reference: ReferenceSet) -> list[tuple[str, Layer]]:
    return list(reference.layers.items())


def _vectors(layer: Layer) -> pa.Table:
    size = layer.vectors.shape[1]
    flat = pa.array(layer.vectors.reshape(-1), pa.float16())
    columns = {"vector": pa.FixedSizeListArray.from_arrays(flat, size)}
    for projection, found in layer.coordinates.items():
        columns |= {f"{projection}_{axis}": found[:, k] for k, axis in enumerate("xy")}
    return pa.table(columns)


def _write(table: pa.Table, file: Path) -> None:
    with whole(file) as partial:
        pq.write_table(table, partial, compression="zstd")


def _described(layer: Layer) -> dict[str, Any]:
    return {
        "title": layer.title,
        "kept": asdict(layer.kept),
        "trust": layer.trust,
        "purity": {column: asdict(found) for column, found in layer.purity.items()},
    }


def _layer(
    name: str, about: dict[str, Any], points: np.ndarray, bases: dict[str, Any], folder: Path
) -> Layer:
    table = pq.read_table(folder / "vectors" / f"{name}.parquet")
    flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors = flat.reshape(table.num_rows, -1).astype(np.float16)
    coordinates = {
        projection: np.stack([table[f"{projection}_{axis}"].to_numpy() for axis in "xy"], axis=1)
        for projection in PROJECTIONS
        if f"{projection}_x" in table.column_names
    }
    return Layer(
        name,
        about["title"],
        points,
        vectors,
        Basis(bases[f"{name}.mean"], bases[f"{name}.components"]),
        Kept(**about["kept"]),
        coordinates,
        about["trust"],
        {column: Purity(**found) for column, found in about["purity"].items()},
    )
