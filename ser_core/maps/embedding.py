"""Layers and predictions of many clips, part by part, kept in the cache by content."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ser_core.errors import AudioError
from ser_core.maps.layers import Embedded, Embedder
from ser_core.maps.sources import Item
from ser_core.models.checkpoint import Checkpoint
from ser_core.support.atomic import whole
from ser_core.training.feature_cache import cache_folder, make_key

ROWS_AT_ONCE = 32
_VECTOR, _PREDICTION = "vector/", "prediction/"

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class EmbeddedRows:
    """Layers and predictions of rows; NaN in rows that have none.

    Attributes:
        vectors: float32 [N, D] by name of the layer.
        predictions: float32 [N, categories + dimensions] by model name.
        problems: why a row has nothing at all, by its number.
    """

    vectors: dict[str, np.ndarray]
    predictions: dict[str, np.ndarray]
    problems: dict[int, str]


def embed_rows(
    embedder: Embedder, items: Sequence[Item], progress: Progress = lambda done: None
) -> EmbeddedRows:
    """Embed clips with their words.

    What was embedded before by the same models is taken from the cache, so that a command or a
    job that was ended goes on where it was.

    Args:
        embedder: of the models.
        items: in any order; the same clip with other words is quick beside it.
        progress: told of the share that is done, after every clip; it may raise to end it.

    Raises:
        SerError: the cache cannot be written.
    """
    digests = [one.digest for one in embedder.analyzer.models.values()]
    parts: list[tuple[int, dict[str, np.ndarray]]] = []
    problems: dict[int, str] = {}
    for start in range(0, len(items), ROWS_AT_ONCE):
        of = items[start : start + ROWS_AT_ONCE]
        key = make_key([*digests, *(text for i in of for text in (i.key, i.words))])
        file = cache_folder() / "maps" / f"{key}.npz"
        part = _read(file)
        if part is None:
            part, wrong = _embed(embedder, of, start, len(items), progress)
            problems |= {start + number: reason for number, reason in wrong.items()}
            if not wrong:  # the reason may pass without a change of the file
                with whole(file) as partial:
                    np.savez(partial, **part)  # type: ignore[arg-type]
        parts.append((len(of), part))
        progress((start + len(of)) / len(items))
    return EmbeddedRows(_join(parts, _VECTOR), _join(parts, _PREDICTION), problems)


def _embed(
    embedder: Embedder, items: Sequence[Item], start: int, total: int, progress: Progress
) -> tuple[dict[str, np.ndarray], dict[int, str]]:
    found: dict[int, Embedded] = {}
    problems: dict[int, str] = {}
    for number, item in enumerate(items):
        try:
            found[number] = embedder.embed(item.load(), item.words or None)
        except AudioError as error:
            problems[number] = str(error)
        progress((start + number + 1) / total)
    arrays: dict[str, np.ndarray] = {}
    for number, embedded in found.items():
        values = {_VECTOR + name: vector for name, vector in embedded.vectors.items()}
        for name, one in embedded.predictions.items():
            of = [*one.probabilities.values(), *one.dimensions.values()]
            values[_PREDICTION + name] = np.array(of, np.float32)
        for name, value in values.items():
            if name not in arrays:
                arrays[name] = np.full((len(items), len(value)), np.nan, np.float32)
            arrays[name][number] = value
    return arrays, problems


def _read(file: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(file) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _join(
    parts: Sequence[tuple[int, Mapping[str, np.ndarray]]], kind: str
) -> dict[str, np.ndarray]:
    sizes = {
        name: part[name].shape[1] for _, part in parts for name in part if name.startswith(kind)
    }
    joined = {}
    for name, size in sizes.items():
        of = [part.get(name, np.full((rows, size), np.nan, np.float32)) for rows, part in parts]
        joined[name.removeprefix(kind)] = np.concatenate(of)
    return joined


def prediction_columns(
    models: Mapping[str, Checkpoint], predictions: Mapping[str, np.ndarray], labels: Sequence[str]
) -> dict[str, np.ndarray]:
    """Predictions as columns of a table: decision, confidence, whether it is right, dimensions.

    Args:
        models: by name, in display order.
        predictions: of `EmbeddedRows`.
        labels: category of each row, "" where it has none: nothing is right or wrong there ("").
    """
    columns: dict[str, np.ndarray] = {}
    known = np.array(labels, object)
    for name, checkpoint in models.items():
        if name not in predictions:
            continue
        of, categories = predictions[name], checkpoint.model.categories
        has = np.isfinite(of[:, 0]) if of.shape[1] else np.zeros(len(of), bool)
        if categories:
            shares = np.where(has[:, None], of[:, : len(categories)], 0)
            decision = np.array(categories, object)[shares.argmax(axis=1)]
            right = np.where(decision == known, "right", "wrong")
            columns[f"{name}.decision"] = np.where(has, decision, "")
            columns[f"{name}.confidence"] = np.where(has, shares.max(axis=1), np.nan)
            columns[f"{name}.correct"] = np.where(has & (known != ""), right, "")
        for place, dimension in enumerate(checkpoint.model.dimensions, len(categories)):
            columns[f"{name}.{dimension}"] = of[:, place]
    return columns
