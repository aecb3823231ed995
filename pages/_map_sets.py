"""Which clips are mapped: the shipped ones, a corpus of the server's folder, or an upload."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import _explaining as explaining
from pages import _jobs as jobs
from pages import _map_rows as map_rows
from pages import _resources as resources
from ser_core.errors import SerError
from ser_core.inputs.formats import EXTENSIONS

if TYPE_CHECKING:
    from ser_core.maps.reference import ReferenceSet
    from ser_core.maps.sources import RowSource

SHIPPED, UPLOAD = "shipped", "upload"
_TITLES = {SHIPPED: "Demonstration clips", UPLOAD: "Upload some…"}


def choose() -> str:
    """Which clips the user wants mapped."""
    known = [SHIPPED, *_corpora(), UPLOAD]
    return explaining.choose("map.clips", "Clips", known, lambda one: _TITLES.get(one, one))


def reference_or_stop(name: str) -> "ReferenceSet":
    """The clips to map; where they are not there (yet), why, and the end of the page."""
    try:
        if name == SHIPPED:
            return _shipped()
        if name == UPLOAD:
            return _own("upload", _uploaded(), kept=False)
        from ser_core.maps.sources import own

        with st.spinner("Reading the corpus…"):
            source = own(_corpora()[name])
        return _own(f"corpus {name}", source, kept=True)
    except SerError as error:
        st.info(str(error), icon=":material/scatter_plot:")
        st.stop()


def _corpora() -> dict[str, Path]:
    """The folders in the one that the server was started with, by name."""
    from ser_core.maps.sources import data_folder

    root = data_folder()
    return (
        {folder.name: folder for folder in sorted(root.iterdir()) if folder.is_dir()}
        if root
        else {}
    )


def _shipped() -> "ReferenceSet":
    from ser_core.maps.reference import find_reference

    with st.spinner("Reading the map…"):
        return resources.reference(find_reference())


def _uploaded() -> "RowSource":
    from ser_core.maps.uploads import unpack, uploaded

    files = st.file_uploader(
        "Recordings or a ZIP of them, with a CSV of their labels if you like",
        [*EXTENSIONS, "zip", "csv", "tsv"],
        accept_multiple_files=True,
        key="map_files",
        help="Twenty or more, or UMAP has nothing to show. They stay in memory, and go with this "
        "session. Of the numbers that the models make of them, a cache keeps those without names.",
    )
    if files:
        map_rows.keep_uploads(unpack({file.name: file.getvalue() for file in files}))
    return uploaded(map_rows.uploads())


def _own(key: str, source: "RowSource", kept: bool) -> "ReferenceSet":
    """Embed, then fit UMAP, both as jobs: PCA is there from the first on."""
    embedder = resources.embedder()
    settings = sha256(repr([(item.key, item.words) for item in source.items]).encode()).hexdigest()
    for note in source.notes:
        st.caption(note)
    reference = _result(
        "map_own", (key, settings), lambda report: _embed(source, embedder, kept, report), source
    )
    for name, reason in list(reference.problems.items())[:3]:
        st.caption(f"Left out: {name}: {reason}")
    if "umap" in next(iter(reference.layers.values())).coordinates or len(reference.rows) < 20:
        return reference
    job = jobs.job(
        "map_umap",
        (key, settings),
        lambda report: _umap(source, reference, kept, report),
        "UMAP, some minutes",
    )
    jobs.show(job)
    if not job.results:
        st.caption("The maps are PCA until UMAP is there.")
    return job.results[-1] if job.results else reference


def _result(
    key: str, settings: tuple[str, str], work: Callable[..., Any], source: "RowSource"
) -> "ReferenceSet":
    job = jobs.job(key, settings, work, f"Embedding {len(source.items):,} clips")
    jobs.show(job)
    if not job.results:
        st.stop()
    found: ReferenceSet = job.results[-1]
    return found


def _embed(source: "RowSource", embedder: Any, kept: bool, report: Any) -> "ReferenceSet":
    from ser_core.maps.own import make_own

    return make_own(source, embedder, report, kept)


def _umap(source: "RowSource", reference: "ReferenceSet", kept: bool, report: Any) -> Any:
    from ser_core.maps.own import fit_umap_apart, kept_folder
    from ser_core.maps.reference import save

    found = fit_umap_apart(reference, report)
    if kept:
        save(found, kept_folder(source, resources.embedder()))
    return found
