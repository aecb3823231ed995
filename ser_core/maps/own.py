"""A corpus of one's own as a reference set: made once, kept in the cache, UMAP apart."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ser_core.errors import SerError
from ser_core.maps.embedding import Progress
from ser_core.maps.layers import Embedder
from ser_core.maps.making import make_reference
from ser_core.maps.reference import ReferenceSet, load, save
from ser_core.maps.sources import RowSource
from ser_core.training.feature_cache import cache_folder, make_key

_ROOT = Path(__file__).resolve().parents[2]
_POLL_S = 0.5


def kept_folder(source: RowSource, embedder: Embedder) -> Path:
    """Where a set is kept: it changes with the models, the sound and the rows."""
    digests = [one.digest for one in embedder.analyzer.models.values()]
    keys = [text for item in source.items for text in (item.key, item.words)]
    return cache_folder() / "references" / make_key([*digests, *keys, source.rows.to_csv()])


def make_own(
    source: RowSource, embedder: Embedder, progress: Progress, kept: bool = True
) -> ReferenceSet:
    """The set of a source with its PCA, and its UMAP where that was fitted before.

    Args:
        source: the clips.
        embedder: of the models.
        progress: see `embed_rows`.
        kept: keep it in the cache, titles and words as well.

    Raises:
        SerError: none of the clips can be used, or the cache cannot be written.
    """
    folder = kept_folder(source, embedder)
    try:
        return load(folder)
    except SerError:
        reference = make_reference(source, embedder, progress=progress)
    if kept:
        save(reference, folder)
    return reference


def fit_umap_apart(reference: ReferenceSet, progress: Progress) -> ReferenceSet:
    """The set with UMAP, fitted by a process of its own, which ends where `progress` raises.

    Raises:
        SerError: it could not be fitted.
    """
    with TemporaryDirectory(prefix="ser-umap-") as folder:
        save(replace(reference, rows=reference.rows[["kind"]]), Path(folder))
        command = [sys.executable, "-m", "ser_core.maps.umap_fit", folder]
        process = subprocess.Popen(
            command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while process.poll() is None:
                progress(0.0)
                try:
                    process.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            raise SerError("UMAP could not be fitted to these clips: the maps stay PCA.")
        return replace(load(Path(folder)), rows=reference.rows)
