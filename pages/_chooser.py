"""Changing the clip: examples by group, an upload, the microphone, clips opened before."""

from itertools import groupby

import streamlit as st

from pages import _resources as resources
from pages import _state as state
from pages._markdown import escape
from ser_core.inputs.formats import EXTENSIONS, IN_WORDS
from ser_core.synthesis.scripts import GROUPS

SOURCES = {
    "Examples": ":material/library_music: Examples",
    "Upload": ":material/upload_file: Upload",
    "Record": ":material/mic: Record",
    "Recent": ":material/history: Recent",
}


@st.dialog("Change clip", width="large")
def dialog() -> None:
    """Where clips come from; choosing one closes it."""
    source = st.segmented_control(
        "Where from",
        list(SOURCES),
        default="Examples",
        required=True,
        format_func=SOURCES.__getitem__,
        key="clip_source",
        persist_state="session",
        label_visibility="collapsed",
    )
    {"Examples": _examples, "Upload": _upload, "Record": _record, "Recent": _recent}[source]()


def _examples() -> None:
    known = resources.examples()
    if not known:
        st.info("There are no examples here: upload or record.")
    now = state.view().current
    for group, members in groupby(known.values(), key=lambda example: example.group):
        st.markdown(f"**{group}** :gray[{GROUPS.get(group, '')}]")
        with st.container(horizontal=True, gap="xsmall"):
            for example in members:
                current = now is not None and now.clip.example == example.id
                if st.button(
                    example.title,
                    key=f"example_{example.id}",
                    type="primary" if current else "secondary",
                    help=example.transcript or "Nobody speaks.",
                ):
                    state.open_example(example.id)
                    st.rerun()


def _upload() -> None:
    number = st.session_state.get("uploads", 0)
    file = st.file_uploader(
        "Recording",
        list(EXTENSIONS),
        key=f"upload_{number}",
        help=f"{IN_WORDS}, of up to five minutes and 50 MB.",
    )
    if file is not None:
        # A new key: the next file is a new one, and this one is not kept by the uploader.
        st.session_state.uploads = number + 1
        with st.spinner("Reading the recording…"):
            state.open_recording(file.getvalue(), file.name)
        st.rerun()


def _record() -> None:
    number = st.session_state.get("records", 0)
    sound = st.audio_input("Microphone", key=f"record_{number}", sample_rate=16_000)
    if sound is not None:
        st.session_state.records = number + 1  # the page has one player, this is no second one
        with st.spinner("Reading the recording…"):
            state.open_recording(sound.getvalue(), "Your recording")
        st.rerun()


def _recent() -> None:
    recent = state.view().recent
    if not recent:
        st.caption("None yet.")
    for number, clip in enumerate(recent):
        note = f" ({clip.note})" if clip.note else ""
        if st.button(f"{escape(clip.title)}{note}", key=f"recent_{number}"):
            state.open_clip(clip)
            st.rerun()
