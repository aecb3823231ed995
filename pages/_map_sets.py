"""Which clips are mapped: the shipped ones, a corpus of the server's folder, or an upload."""

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import _choices as choices
from pages import _jobs as jobs
from pages import _own_sets as own_sets
from pages import _resources as resources
from pages import _state as state
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.maps.reference import ReferenceSet
    from ser_core.maps.sources import RowSource

SHIPPED = "shipped"


def choose() -> str:
    """Which clips the user wants mapped."""
    titles = {SHIPPED: "Demonstration clips", **own_sets.offered()}
    chosen = choices.choose("map.clips", "Clips", list(titles), titles.__getitem__)
    if chosen != SHIPPED:
        state.set_option(own_sets.OPTION, chosen)  # the other pages are about it, too
    return chosen


def reference_or_stop(name: str) -> "ReferenceSet":
    """The clips to map; where they are not there (yet), why, and the end of the page."""
    try:
        if name == SHIPPED:
            return _shipped()
        if name == own_sets.UPLOAD:
            own_sets.ask_upload()
        with st.spinner("Reading the clips…"):
            source = own_sets.rows_of(name)
        return _own(name, source, kept=name != own_sets.UPLOAD)
    except SerError as error:
        st.info(str(error), icon=":material/scatter_plot:")
        st.stop()


def _shipped() -> "ReferenceSet":
    from ser_core.maps.reference import find_reference

    with st.spinner("Reading the map…"):
        return resources.reference(find_reference())


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
