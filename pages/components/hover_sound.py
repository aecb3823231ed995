"""The sound of what the pointer rests on in another component; that one asks by an event.

What it asks for runs this fragment alone: the page stays as it is.
"""

import base64
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ser_core.errors import SerError

_COMPONENT = st.components.v2.component(
    "hover_sound",
    html='<div role="status" aria-live="polite"></div>',
    css="div { font-size: 0.8125rem; color: var(--st-text-color); }",
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@st.fragment
def hover_sound(key: str, set_id: str, wav_of: Callable[[int], bytes]) -> None:
    """Play rows of a set when the browser asks for them.

    Args:
        key: of the element.
        set_id: of the rows that are meant: what is asked of another set is too late.
        wav_of: a row's sound; raises SerError where there is none.
    """

    def asked() -> None:
        st.session_state[f"_asked_{key}"] = st.session_state[key].get("asked")

    found = st.session_state.pop(f"_asked_{key}", None)
    data = {"set": set_id, "row": -1, "wav": "", "problem": ""}
    if found and found["set"] == set_id:
        data["row"] = found["row"]
        try:
            data["wav"] = base64.b64encode(wav_of(found["row"])).decode("ascii")
        except SerError as error:
            data["problem"] = str(error)
    _COMPONENT(key=key, data=data, on_asked_change=asked)
