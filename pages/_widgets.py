"""What pages share: choosing the clip, seeing and hearing it, its words, and showing figures."""

import contextlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from pages import _resources as resources
from pages import _state as state
from ser_core import figures
from ser_core.errors import SerError

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from ser_core.analysis import Analyzer
    from ser_core.inputs.transcript import Transcript

AUDIO_TYPES = ["wav", "flac", "ogg", "oga", "opus", "mp3", "m4a", "aac", "webm", "mp4", "mov"]
CAVEAT = (
    "Demonstration models, trained on acted speech with constructed pairs of words and voice: "
    "they show how fusion works, and are not for decisions about people."
)
DIMENSIONS_HELP = (
    "Arousal, valence and dominance go from 0 to 1; 0.5 is neutral.  \n"
    "**Arousal**: how activated, from calm to excited.  \n"
    "**Valence**: how pleasant, from negative to positive.  \n"
    "**Dominance**: how much in control, from weak to strong."
)
SOURCES = {
    "Example": ":material/library_music: Example",
    "Upload": ":material/upload_file: Upload",
    "Record": ":material/mic: Record",
}


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """Show a figure of `ser_core.figures` with text in the page's own colour."""
    with contextlib.suppress(ImportError):
        # Streamlit's placeholder, which its front end replaces by the theme's colour; without it,
        # text in figures is a grey that is too faint on white. It is not public: do without it
        # where it is gone.
        from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

        figure.update_layout(font_color=GRAY_90)
    # A new figure is a new element: its height is given, so that the page does not jump meanwhile.
    st.plotly_chart(figure, height=figure.layout.height, config=figures.CONFIG, key=key, alt=alt)


def place(emptied: bool) -> "Callable[[], DeltaGenerator]":
    """Hold a place, which later lines of the page fill (again) by calling what is returned.

    While a page computes, its last content stays: right for an edit, wrong for another clip, for
    which the place is `emptied` at once.
    """
    if emptied:
        return st.empty().container
    kept = st.container()
    return lambda: kept


def choose_clip() -> state.Current | None:
    """Example, upload or microphone; what cannot be used is said, and changes nothing."""
    with st.spinner("Starting…"):  # the first clip of a server waits for torch to be imported
        now = state.current()
    source = st.segmented_control(
        "Clip",
        list(SOURCES),
        default="Example",
        required=True,
        format_func=SOURCES.__getitem__,
        key="source",
        on_change=state.forget_problem,
        persist_state="session",
        label_visibility="collapsed",
    )
    if source == "Upload":
        _take(st.file_uploader("Upload", AUDIO_TYPES, key="upload", label_visibility="collapsed"))
    elif source == "Record":
        recorded = st.audio_input("Microphone", key="recording", label_visibility="collapsed")
        _take(recorded, "Your recording")
    else:
        known = resources.examples()
        st.session_state.example = now.example if now else None
        st.selectbox(
            "Example",
            list(known),
            index=None,
            format_func=lambda key: known[key].title,
            key="example",
            on_change=_take_example,
            placeholder="Choose an example" if known else "There are no examples: upload or record",
            label_visibility="collapsed",
        )
    trouble = st.empty()  # always there, so that what follows keeps its place
    if state.problem():
        kept = " The clip below has not changed." if now else ""
        trouble.error(state.problem() + kept, icon=":material/error:")
    return state.current()


def show_clip(now: state.Current) -> None:
    """What is current, to be heard."""
    note = f" :gray-badge[{now.note}]" if now.note else ""
    st.markdown(f"**{escape(now.title)}** :gray[{now.clip.duration_s:.1f} s]{note}")
    st.audio(resources.wav(now.clip.digest, now.clip), alt=f"{now.title}, as the models hear it")


def sound(now: state.Current) -> None:
    """Waveform and log-Mel."""
    figure = resources.sound_figure(now.clip.digest, now.clip)
    chart(figure, "sound", f"Waveform and log-Mel spectrogram of {now.title}")


def load_analyzer() -> "Analyzer":
    """The models; without any, one sentence on what is missing, and the end of the page."""
    try:
        with st.spinner("Loading the models…"):
            return resources.analyzer()
    except SerError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def edit_words(now: state.Current) -> "tuple[Transcript, Transcript]":
    """The transcript under the user's hands: before any edit, and as it stands."""
    with st.spinner("Recognising the words…"):
        first = state.original(now)
    state.begin_words(now, first)
    st.text_area(
        "Transcript",
        key="words",
        height="content",
        max_chars=state.MAX_CHARACTERS,
        disabled=not state.uses_words(),
        persist_state="session",
        placeholder="No words: type what was said, or what you would like to try.",
        help="Change the words and press Ctrl + Enter: the models that read them answer again.",
    )
    words = state.words(first)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(
            "Use the words",
            key="use_words",
            persist_state="session",
            help="Off: no model gets any text, only the voice.",
        )
        if words.source == "typed":
            st.button(
                "Undo the edit",
                icon=":material/undo:",
                type="tertiary",
                key="reset_words",
                on_click=state.reset_words,
                args=(first,),
            )
        if now.script:
            scripted = state.uses_script(now)
            st.button(
                "Use the recogniser" if scripted else "Use the script",
                icon=":material/hearing:" if scripted else ":material/description:",
                type="tertiary",
                key="hear",
                on_click=state.hear,
                args=(scripted,),
                help="An example's exact words are known; the recogniser may mishear them.",
            )
    if words.doubtful:
        advice = " Correct it, or switch the words off." if words.has_text else ""
        st.warning(
            f"Doubtful transcript: {words.doubt}{advice}", icon=":material/hearing_disabled:"
        )
    return first, words


def escape(text: str) -> str:
    """Plain text for Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$:~-])", r"\\\1", text)


def _take(file: "UploadedFile | None", name: str = "") -> None:
    """A new file becomes the current clip once; later runs of the page leave it alone."""
    if file is None:
        state.forget_problem()
    elif st.session_state.get("taken") != file.file_id:
        st.session_state.taken = file.file_id
        with st.spinner("Reading the recording…"):
            state.choose_recording(file.getvalue(), name or file.name)


def _take_example() -> None:
    if st.session_state.example is not None:
        state.choose_example(st.session_state.example)
