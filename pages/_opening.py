"""Clips of tables, maps and figures: made current, played, opened on another page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages import _clip_table as clip_table
from pages import _own_sets as own_sets
from pages import _resources as resources
from pages import _state as state
from pages._selected import ClipRow
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.inputs.audio import Clip

PAGES = {"Compare": "pages/compare.py", "Attribution": "pages/attribution.py"}


def open_row(row: ClipRow) -> bool:
    """Make a clip the current one, with its words; where it has no sound, `say` says so."""
    if row.source.kind == "example":
        state.open_example(row.source.name)
        return True
    try:
        clip = load_row(row)
    except SerError as error:
        st.session_state.not_opened = str(error)
        return False
    state.open_made(clip, row.title, str(row.values.get("Words") or ""))
    now = state.view().current
    assert now is not None
    st.session_state.setdefault("rows_opened", {})[now.clip.token] = row.id
    return True


def load_row(row: ClipRow) -> "Clip":
    """A clip's sound. Raises SerError where there is none, or it cannot be read."""
    if row.source.kind == "example":
        return resources.example_clip(row.source.name)
    sound = own_sets.uploads().get(row.source.name) or row.source.path
    if sound is None:
        raise SerError(
            f"“{row.title}” cannot be opened: only its numbers are kept. Start the app by "
            "`ser app --data FOLDER` with the folder of the corpora to hear it."
        )
    from ser_core.inputs.audio import load

    try:
        return load(sound, name=row.title)
    except SerError as error:
        raise SerError(f"“{row.title}” cannot be opened: {error}") from error


def wav_of(row: ClipRow) -> bytes:
    """A clip's sound for the browser. Raises as `load_row`."""
    clip = load_row(row)
    return resources.wav(clip.digest, clip)


def row_of(clip: state.OpenClip) -> str:
    """The id of the row that a clip was opened from here; "" for none."""
    return str(st.session_state.get("rows_opened", {}).get(clip.token, ""))


def table(rows: Sequence[ClipRow], key: str, empty: str = clip_table.EMPTY) -> None:
    """The clip table, with what it does wherever its rows may come from anywhere."""
    clip_table.show(rows, key, play=_play, open_in=_open_in, pages=list(PAGES), empty=empty)


def say() -> None:
    """What could not be done in the last run."""
    if said := st.session_state.pop("not_opened", ""):
        st.toast(said, icon=":material/volume_off:")


def _play(row: ClipRow) -> None:
    if open_row(row):
        now = state.view().current
        st.session_state.play_now = now.clip.clip.digest if now else ""


def _open_in(row: ClipRow, page: str) -> None:
    if open_row(row):
        st.switch_page(PAGES[page])
