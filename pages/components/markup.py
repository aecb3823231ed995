"""HTML and SVG of our own figures in a page, in the theme's colours."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "markup",
    html='<div class="markup"></div>',
    css=Path(__file__).with_name("markup.css").read_text("utf-8"),
    js=Path(__file__).with_name("markup.js").read_text("utf-8"),
)


def markup(html: str, key: str) -> None:
    """Show HTML whose every foreign text was escaped by the figure that made it.

    `st.html` takes SVG out, and an image of it would not follow the theme.
    """
    _component(key=key, data={"html": html})
