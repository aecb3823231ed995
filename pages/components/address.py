"""Writes the browser's address; see `pages._address`."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "address", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def write_address(query: str, entry: int) -> None:
    """Set the query of the address.

    Args:
        query: without "?".
        entry: a number; where it is larger than before, a new entry of the history is made, else
            the present one is replaced.
    """
    _component(key="address", data={"query": query, "entry": entry}, height=0)
