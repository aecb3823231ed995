"""How every page opens: the question, one sentence, the clip bar; and what pages share to show."""

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from pages import _address as address
from pages import _clip_bar as clip_bar
from pages import _resources as resources
from pages import _state as state
from ser_core import figures
from ser_core.errors import SerError

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ser_core.analysis import Analyzer
    from ser_core.inputs.audio import Clip

CAVEAT = "Demonstration models: not for decisions about people."


def open_page(question: str, sentence: str) -> "tuple[state.Variant, Analyzer]":
    """Title, sentence and clip bar; the page ends here where there is no clip or no model."""
    _only_through_app()
    st.html(Path(__file__).with_name("style.css"))
    st.title(question, anchor=False)
    st.markdown(f":small[{sentence} {CAVEAT}]")
    with st.spinner("Starting…"):  # the first clip of a server waits for torch to be imported
        address.restore()
    variant = state.view().current
    clip_bar.show(variant)
    address.publish()
    if state.problem():
        st.error(state.problem(), icon=":material/error:")
    if variant is None:
        st.info("Open a recording, or record one.", icon=":material/mic:")
        st.stop()
    return variant, load_analyzer()


def _only_through_app() -> None:
    """Start again by app.py where a page's own file was run.

    Streamlit runs files of `pages/` by itself until the first `st.navigation` of a server: a link
    to a page, opened before anybody visited the server, would come without navigation.
    """
    with contextlib.suppress(ImportError, AttributeError):  # not promised to stay
        from streamlit.runtime.pages_manager import PagesManager

        if PagesManager.uses_pages_directory:
            PagesManager.uses_pages_directory = False
            st.rerun()


def load_analyzer() -> "Analyzer":
    """The models; without any, one sentence on what is missing, and the end of the page."""
    try:
        with st.spinner("Loading the models…"):
            return resources.analyzer()
    except SerError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def hear(variant: state.Variant, sound: "tuple[Clip, str] | None") -> None:
    """Let the clip bar play a changed sound in place of the current clip's; None for its own.

    The bar stands above what calls this, so the page runs once more where that is new.
    """
    digest = variant.clip.clip.digest
    wanted = None if sound is None else (digest, *sound)
    before = st.session_state.get("heard_sound")
    if (before and before[1].digest) != (wanted and wanted[1].digest):
        st.session_state.heard_sound = wanted
        st.session_state.play_now = wanted[1].digest if wanted else ""
        st.rerun()


def is_new(variant: state.Variant, page: str) -> bool:
    """Whether a page shows this clip for the first time; what it showed before must go at once."""
    key = f"shown_on_{page}"
    new = st.session_state.get(key) != variant.clip.clip.digest
    st.session_state[key] = variant.clip.clip.digest
    return new


def place(emptied: bool) -> "Callable[[], DeltaGenerator]":
    """Hold a place, which later lines of the page fill (again) by calling what is returned.

    While a page computes, its last content stays: right for an edit, wrong for another clip, for
    which the place is `emptied` at once.
    """
    if emptied:
        return st.empty().container
    kept = st.container()
    return lambda: kept


def chart(
    figure: go.Figure, key: str, alt: str, picked: Callable[[list[list[int]]], None] | None = None
) -> None:
    """Show a figure of `ser_core.figures` with text in the page's own colour.

    Args:
        picked: is called with the custom data of the marks that are clicked, or drawn a box around.
    """
    with contextlib.suppress(ImportError):
        # Streamlit's placeholder, which its front end replaces by the theme's colour; without it,
        # text in figures is a grey that is too faint on white. It is not public: do without it
        # where it is gone.
        from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

        figure.update_layout(font_color=GRAY_90)
    # A new figure is a new element: its height is given, so that the page does not jump meanwhile.
    st.plotly_chart(
        figure,
        height=figure.layout.height,
        config=figures.CONFIG,
        key=key,
        alt=alt,
        on_select=partial(_pick, key, picked) if picked else "ignore",
        selection_mode=("points", "box"),
    )


def _pick(key: str, picked: Callable[[list[list[int]]], None]) -> None:
    points = st.session_state[key].selection.points
    if data := [point["customdata"] for point in points if "customdata" in point]:
        picked(data)
