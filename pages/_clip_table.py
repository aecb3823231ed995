"""One table of clips for all pages: sort, filter, play, "open in …", export.

clip_table.show(selected.selected(), "selection", play=play, open_in=open_in, pages=["Compare"])
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages._markdown import escape
from pages._selected import ClipRow
from ser_core.support.csv_safe import csv_bytes

EMPTY = "No clips are selected: select some on a map, in a batch, a timeline or an evaluation."
SOURCES = {"example": "example", "recording": "your recording", "reference": "reference set"}
_PLAY, _OPEN = "Sound", "Open in"
_TAKEN = ("Title", _PLAY, _OPEN, "Source", "Id")
_PLAYS, _SILENT = ":material/play_arrow: Play", ":material/volume_off: No sound"
_MOST_CATEGORIES = 12  # of a column that is worth a filter
_HEIGHT = 420  # pixels: eleven rows, and the page goes on below
# Streamlit's own export of a table lets formulas through.
_STYLE = "<style>.st-key-{key} button[aria-label^='Download as CSV'] {{ display: none }}</style>"


@dataclass(frozen=True)
class _Actions:
    play: Callable[[ClipRow], None]
    open_in: Callable[[ClipRow, str], None]
    pages: list[str]


def to_frame(rows: Sequence[ClipRow]) -> pd.DataFrame:
    """One line a clip, in their order: title, its values, where it comes from, and its id.

    A value that a clip lacks is missing. Nothing tells where a file lies.
    """
    table = pd.DataFrame([dict(row.values) for row in rows], index=range(len(rows)))
    if taken := set(_TAKEN) & set(table.columns):
        raise ValueError(f"The heading {taken.pop()!r} is the table's own.")
    table.insert(0, "Title", [row.title for row in rows])
    table["Source"] = [SOURCES[row.source.kind] for row in rows]
    table["Id"] = [row.id for row in rows]
    return table


def categories(table: pd.DataFrame) -> dict[str, list[str]]:
    """The columns of texts or yes and no with a few different values, and these, sorted."""
    found: dict[str, list[str]] = {}
    for name in table.columns.difference(["Title", "Id"], sort=False):
        if table[name].dtype.kind in "OUSTb":
            values = table[name].dropna().astype(str).unique()
            if 1 < len(values) <= _MOST_CATEGORIES:
                found[name] = sorted(values)
    return found


def matching(table: pd.DataFrame, text: str, chosen: dict[str, list[str]]) -> pd.Series:
    """Whether each line has all words of `text` somewhere, and one of each column's `chosen`."""
    fits = pd.Series(data=True, index=table.index)
    texts = [name for name in table.columns if table[name].dtype.kind in "OUST"]
    if words := text.casefold().split():
        columns = table[texts].fillna("").astype(str)
        lines = ["\n".join(cells).casefold() for cells in columns.itertuples(index=False)]
        fits &= pd.Series([all(word in line for word in words) for line in lines], table.index)
    for name, values in chosen.items():
        if values:
            fits &= table[name].astype(str).isin(values)
    return fits


def show(
    rows: Sequence[ClipRow],
    key: str,
    *,
    play: Callable[[ClipRow], None],
    open_in: Callable[[ClipRow, str], None] | None = None,
    pages: Sequence[str] = (),
    empty: str = EMPTY,
) -> None:
    """Show clips; 5,000 stay quick.

    Args:
        rows: what to show, in its first order.
        key: of this table, a CSS name; its filters are remembered under it.
        play: plays a clip that has sound in the page's one player.
        open_in: makes a clip the current one and goes to the page of that title; it may call
            `st.switch_page`.
        pages: titles of the pages to offer.
        empty: the sentence for no rows.
    """
    if not rows:
        st.info(empty, icon=":material/list:")
        return
    actions = _Actions(play, open_in or _nowhere, list(pages) if open_in else [])
    st.fragment(_table)(list(rows), key, actions, to_frame(rows))


def _table(rows: list[ClipRow], key: str, actions: _Actions, table: pd.DataFrame) -> None:
    st.html(_STYLE.format(key=key))
    with st.container(key=key):
        with st.container(horizontal=True, vertical_alignment="center"):
            kept = matching(table, _find(key), _filter(table, key))
            shown = [row for row, keep in zip(rows, kept, strict=True) if keep]
            found = table[kept].reset_index(drop=True)
            st.download_button(
                "CSV",
                partial(csv_bytes, found),
                file_name=f"{key}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"{key}_csv",
                disabled=not shown,
                help="The clips that are shown, with all columns.",
            )
            st.caption(_count(shown, rows), width="content")
        if shown:
            _grid(shown, found, key, actions)
        else:
            st.info("No clip fits: take a filter away.", icon=":material/filter_alt_off:")
        if said := st.session_state.pop(f"{key}_said", ""):
            st.toast(said, icon=":material/volume_off:")


def _find(key: str) -> str:
    text = st.text_input(
        "Find clips",
        key=f"{key}_text",
        type="search",
        live=True,
        persist_state="session",
        placeholder="Find clips",
        label_visibility="collapsed",
        width=260,
    )
    return text or ""


def _filter(table: pd.DataFrame, key: str) -> dict[str, list[str]]:
    columns = categories(table)
    if not columns:
        return {}
    with st.popover("Filter", icon=":material/filter_alt:"):
        return {name: _choose(name, values, f"{key}_is_{name}") for name, values in columns.items()}


def _choose(name: str, values: list[str], key: str) -> list[str]:
    if key in st.session_state:  # of other rows, which had other values
        st.session_state[key] = [value for value in st.session_state[key] if value in values]
    return st.pills(
        name, values, selection_mode="multi", key=key, persist_state="session", wrap=True
    )


def _grid(shown: list[ClipRow], found: pd.DataFrame, key: str, actions: _Actions) -> None:
    found = found.copy()
    found.insert(1, _PLAY, [_PLAYS if row.source.has_sound else _SILENT for row in shown])
    config: dict[str, Any] = {
        "Title": st.column_config.TextColumn(width="medium"),
        _PLAY: st.column_config.ButtonColumn(
            key=f"{key}_play",
            type="tertiary",
            width=125,
            on_click=_clicked,
            args=(f"{key}_play", shown, lambda row, label: _play(row, key, actions)),
        ),
        "Id": None,
    }
    if actions.pages:
        labels = actions.pages if len(actions.pages) > 1 else actions.pages[0]
        found.insert(2, _OPEN, [labels] * len(found))
        config[_OPEN] = st.column_config.ButtonColumn(
            key=f"{key}_open",
            type="tertiary",
            width="small",
            on_click=_clicked,
            args=(f"{key}_open", shown, lambda row, page: _open(row, page, actions)),
        )
    for name in found.select_dtypes("float").columns:
        config[name] = st.column_config.NumberColumn(format="%.2f")
    event = st.dataframe(
        found,
        hide_index=True,
        column_config=config,
        height=_HEIGHT if len(found) > 10 else "auto",
        key=f"{key}_grid",
        on_select="rerun",
        selection_mode="single-row",
        alt=f"Table of clips, {_count(shown, shown)}",
    )
    for place in event.selection.rows:
        if place < len(shown):  # a filter may have taken it away
            _ticked(shown[place], key, actions)


def _ticked(row: ClipRow, key: str, actions: _Actions) -> None:
    """The same actions for the row that is ticked: buttons in cells know no keyboard."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape(row.title)}**", width="content")
        if st.button("Play", icon=":material/play_arrow:", key=f"{key}_play_ticked"):
            _play(row, key, actions)
        if actions.pages:
            page = st.menu_button(_OPEN, actions.pages, key=f"{key}_open_ticked")
            if page is not None:
                _open(row, page, actions)


def _clicked(key: str, shown: list[ClipRow], act: Callable[[ClipRow, str], None]) -> None:
    click = st.session_state[key]
    act(shown[click.row], click.label)


def _play(row: ClipRow, key: str, actions: _Actions) -> None:
    if row.source.has_sound:
        actions.play(row)
        st.rerun()  # of the whole page: its player is elsewhere
    st.session_state[f"{key}_said"] = (  # for the next run: what a callback shows can be lost
        f"“{row.title}” cannot be played: of this clip only the numbers are kept."
    )


def _open(row: ClipRow, page: str, actions: _Actions) -> None:
    actions.open_in(row, page)
    st.rerun()  # where it goes to no other page, this one has another clip


def _nowhere(row: ClipRow, page: str) -> None:
    """No page is offered."""


def _count(shown: list[ClipRow], rows: list[ClipRow]) -> str:
    clips = "1 clip" if len(rows) == 1 else f"{len(rows):,} clips"
    text = clips if len(shown) == len(rows) else f"{len(shown):,} of {clips}"
    silent = sum(not row.source.has_sound for row in shown)
    return f"{text}, {silent:,} of them without sound" if silent else text
