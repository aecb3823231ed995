"""Rows of a test set as clips that pages know: selected, shown, played, opened elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from pages import _opening as opening
from pages import _own_sets as own_sets
from pages import _selected as selected
from pages._selected import ClipRow, ClipSource, Value
from ser_core.labels import CATEGORIES, DIMENSIONS

if TYPE_CHECKING:
    from ser_core.evaluation.predictions import Predictions

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
        uploaded = row["clip"] in own_sets.uploads()
        kind: Literal["recording", "reference"] = "recording" if uploaded else "reference"
        source = ClipSource(kind, row["clip"], sound.get(row["clip"]))
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
    opening.table(
        selected.selected(),
        "evaluation_selection",
        "No clips are selected: click a cell, a bar or a point in a figure above.",
    )
