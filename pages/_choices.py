"""Choices of the view, which stay when another page is opened and are in the address."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages import _state as state


def choose(
    name: str,
    label: str,
    known: Sequence[str],
    titles: Callable[[str], str],
    help: str | None = None,
) -> str:
    """One of `known`, as a select box."""
    chosen, key = _current(name, known)
    st.selectbox(
        label, known, key=key, format_func=titles, help=help, on_change=_take, args=(name, key)
    )
    return chosen


def choose_part(name: str, label: str, titles: Mapping[str, str]) -> str:
    """The part of a page that is shown, as a row of buttons; keys to titles."""
    chosen, key = _current(name, list(titles))
    st.segmented_control(
        label,
        list(titles),
        format_func=titles.__getitem__,
        required=True,
        key=key,
        on_change=_take,
        args=(name, key),
        label_visibility="collapsed",
    )
    return chosen


def _current(name: str, known: Sequence[str]) -> tuple[str, str]:
    """What is chosen, and the key of the widget that shows it."""
    chosen, key = state.option(name, known), name.replace(".", "_")
    if st.session_state.get(key) != chosen:
        st.session_state[key] = chosen
    return chosen, key


def _take(name: str, key: str) -> None:
    state.set_option(name, st.session_state[key])
