"""A page with one player, the clip table and a second page: what the browser tests drive."""

import math
from pathlib import Path

import streamlit as st

from pages import _clip_table as clip_table
from pages import _selected as selected
from pages._selected import ClipRow, ClipSource
from ser_core.labels import CATEGORIES
from ser_core.synthesis.examples import load_examples

EXAMPLES = {example.id: example for example in load_examples()}


def rows(number: int) -> list[ClipRow]:
    """The examples, then lines of a reference set, every third without sound."""
    made = [
        ClipRow(
            example.id,
            example.title,
            ClipSource("example", example.id),
            {"label": example.voice or None, "valence": 0.5 + 0.4 * math.sin(place)},
        )
        for place, example in enumerate(EXAMPLES.values())
    ]
    sound = next(iter(EXAMPLES.values())).path
    made += [
        ClipRow(
            f"row-{place}",
            f"Reference {place:04d}",
            ClipSource("reference", str(place), Path(sound) if place % 3 else None),
            {"label": CATEGORIES[place % 4], "valence": 0.5 + 0.4 * math.sin(place)},
        )
        for place in range(number)
    ]
    return made[:number]


def play(row: ClipRow) -> None:
    st.session_state.playing = row.title


def open_in(row: ClipRow, page: str) -> None:
    st.session_state.opened = row.title
    st.switch_page(PAGES[page])


def first() -> None:
    st.title("Which clips are alike?", anchor=False)
    number = st.segmented_control("Clips", [0, 8, 5000], default=8, key="number")
    if number != st.session_state.get("made"):
        st.session_state.made = number
        selected.select(rows(number))
    st.write(f"Playing: {st.session_state.get('playing', 'nothing')}")
    clip_table.show(
        selected.selected(),
        "clips",
        play=play,
        open_in=open_in,
        pages=["Compare", "Attribution"],
    )


def compare() -> None:
    st.title(f"Compare: {st.session_state.get('opened')}", anchor=False)
    clip_table.show(selected.selected(), "clips", play=play)


def attribution() -> None:
    st.title(f"Attribution: {st.session_state.get('opened')}", anchor=False)


PAGES = {
    "First": st.Page(first, title="First", default=True),
    "Compare": st.Page(compare, title="Compare"),
    "Attribution": st.Page(attribution, title="Attribution"),
}
st.set_page_config(layout="wide")
st.navigation(list(PAGES.values()), position="top").run()
