"""Rows of a test set as clips that pages know: selected, shown, played, opened elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages import _clip_table as clip_table
from pages import _selected as selected
from pages import _state as state
from pages._selected import ClipRow, ClipSource, Value
from ser_core.errors import SerError
from ser_core.labels import CATEGORIES, DIMENSIONS

if TYPE_CHECKING:
    from ser_core.evaluation.predictions import Predictions

PAGES = {"Compare": "pages/compare.py", "Attribution": "pages/attribution.py"}
_HEADINGS = {"corpus": "Corpus", "speaker": "Speaker", "sex": "Sex", "language": "Language"}


def rows(
    part: "Predictions",
    numbers: np.ndarray,
    titles: Mapping[str, str],
    sound: Mapping[str, Path],
    more: Mapping[str, Sequence[float]] | None = None,
) -> list[ClipRow]:
    """Some rows as clips.

    Args:
        part: one set. numbers: of its rows, in the order to show. titles: of models, by name.
        sound: path by clip. more: further columns, one value for each of `numbers`.
    """
    decided = {name: part.decisions(name) for name in part.with_categories()}
    found = []
    for place, number in enumerate(numbers):
        row = part.rows.iloc[int(number)]
        values: dict[str, Value] = {"Label": row["category"] or None}
        values |= {name: float(of[place]) for name, of in (more or {}).items()}
        values |= {titles[n]: CATEGORIES[of[number]] for n, of in decided.items()}
        values |= {
            name.capitalize(): float(row[name]) for name in DIMENSIONS if np.isfinite(row[name])
        }
        values["Words"] = row["words"] or None
        values |= {heading: row[name] or None for name, heading in _HEADINGS.items()}
        values["Set"] = row["set"]
        source = ClipSource("reference", row["clip"], sound.get(row["clip"]))
        ident = f"{row['set']}/{row['id']}/{number}"
        found.append(ClipRow(ident, row["clip"].rpartition("/")[2] or row["id"], source, values))
    return found


def select(found: Sequence[ClipRow], what: str) -> None:
    """Make these the selection of all pages, and remember what they are."""
    selected.select(found)
    st.session_state.evaluation_selected = what


def selection() -> None:
    """The selection of all pages, with what it is where it was made here."""
    st.subheader("Selected clips", anchor=False)
    if selected.selected() and (what := st.session_state.get("evaluation_selected")):
        st.caption(what)
    if selected.note():
        st.caption(selected.note())
    table(
        selected.selected(),
        "evaluation_selection",
        empty="No clips are selected: click a cell, a bar or a point in a figure above.",
    )


def table(found: Sequence[ClipRow], key: str, empty: str = clip_table.EMPTY) -> None:
    """The clip table, with what it does here."""
    clip_table.show(found, key, play=_play, open_in=_open_in, pages=list(PAGES), empty=empty)


def say() -> None:
    """What could not be done in the last run."""
    if said := st.session_state.pop("evaluation_said", ""):
        st.toast(said, icon=":material/volume_off:")


def _play(row: ClipRow) -> None:
    if _open(row):
        now = state.view().current
        st.session_state.play_now = now.clip.clip.digest if now else ""


def _open_in(row: ClipRow, page: str) -> None:
    if _open(row):
        st.switch_page(PAGES[page])


def _open(row: ClipRow) -> bool:
    """Make it the current clip, with its words; where it has no sound, say so."""
    if row.source.kind == "example":
        state.open_example(row.source.name)
        return True
    if row.source.path is None:
        st.session_state.evaluation_said = (
            f"“{row.title}” cannot be opened: only its numbers are kept. Start the app by "
            "`ser app --data FOLDER` with the folder of the corpora to hear it."
        )
        return False
    from ser_core.inputs.audio import load

    try:
        clip = load(row.source.path, name=row.title)
    except SerError as error:
        st.session_state.evaluation_said = f"“{row.title}” cannot be opened: {error}"
        return False
    state.open_made(clip, row.title, str(row.values.get("Words") or ""))
    return True
