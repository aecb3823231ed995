"""Compare's way to other recordings of the speaker, and what it says where they are used."""

from typing import TYPE_CHECKING

import streamlit as st

from pages import _resources as resources
from pages import _speaker_clips as speaker_clips
from pages import _state as state
from pages import _words as words
from pages._markdown import escape
from pages._tokens import MINUTES
from ser_core.inputs.formats import EXTENSIONS

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer

GIVEN = "speaker_given"  # what was given last in this session, to be used again
PROBLEMS = "speaker_problems"


def control(variant: state.Variant, analyzer: "Analyzer") -> None:
    """Where recordings of the speaker are given; nothing where no model knows speakers."""
    from ser_core.models.registry import knowing_speakers

    known = analyzer.models
    names = knowing_speakers(known, words.chosen_models(analyzer) or list(known))
    if not names:
        return
    with st.popover(
        "Speaker's reference",
        icon=":material/voice_selection:",
        type="tertiary",
        key="speaker_reference",
        on_change="rerun",
    ) as popover:
        if popover.open:
            _ask(variant, analyzer, _titles(analyzer, names))


def _ask(variant: state.Variant, analyzer: "Analyzer", models: str) -> None:
    st.markdown(
        "Emotion is heard against a person's own way of speaking. Give **other recordings of the "
        "same speaker**, ten or more and of several moods: the models that know speakers "
        f"({models}) hear this clip relative to them. It holds on Compare; other pages hear the "
        "clip by itself."
    )
    number = st.session_state.get("speaker_uploads", 0)
    files = st.file_uploader(
        "Other recordings of the speaker",
        [*EXTENSIONS, "zip"],
        accept_multiple_files=True,
        key=f"speaker_files_{number}",
    )
    if files:
        # A new key: the next files are new ones, and these are not kept by the uploader.
        st.session_state.speaker_uploads = number + 1
        with st.spinner("Listening to the recordings…"):
            _take([(file.name, file.getvalue()) for file in files], variant, analyzer)
        st.rerun()
    for problem in st.session_state.get(PROBLEMS, ()):
        st.error(escape(problem), icon=":material/error:")
    given: speaker_clips.SpeakerClips | None = st.session_state.get(GIVEN)
    if variant.speaker is not None:
        st.markdown(f"{_count(len(variant.speaker.voices))} given; further ones are added.")
        _remove("speaker_forget", "Remove them")
    elif given is not None:
        st.button(
            f"Use the {_count(len(given.voices))} given before",
            icon=":material/history:",
            key="speaker_again",
            on_click=state.edit,
            kwargs={"speaker": given},
        )
    st.caption(
        "Their sound is not kept; what was measured of them (how loud each pitch is, and what the "
        f"speech encoder makes of them) stays in this server's memory for {MINUTES} minutes."
    )


def _take(files: list[tuple[str, bytes]], variant: state.Variant, analyzer: "Analyzer") -> None:
    from ser_core.evaluation.speaker_voices import speech_encoder

    before = variant.speaker.voices if variant.speaker else {}
    voices, st.session_state[PROBLEMS] = speaker_clips.measure(files, analyzer, before)
    if voices:
        given = resources.speakers().keep(voices, speech_encoder(analyzer))
        st.session_state[GIVEN] = given
        state.edit(speaker=given)


def say(variant: state.Variant, analysis: "Analysis", analyzer: "Analyzer") -> None:
    """Which predictions are relative to the speaker, and a button to be without."""
    from ser_core.models.registry import knowing_speakers

    if variant.speaker is None:
        return
    if analysis.speaker is None:
        sentence = (
            "The one recording of the speaker that was given is this clip itself: give others."
        )
    else:
        others = analysis.speaker.clips
        clips = "1 other recording" if others == 1 else f"{others} other recordings"
        knowing = knowing_speakers(analyzer.models, list(analysis.predictions))
        models = _titles(analyzer, knowing)
        sentence = f"Heard relative to {clips} of the speaker by: {models or 'no model'}."
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="relative"):
        st.markdown(f":small[{escape(sentence)}]", width="content")
        _remove("speaker_remove", "Remove")


def _remove(key: str, label: str) -> None:
    st.button(
        label,
        icon=":material/close:",
        type="tertiary",
        key=key,
        on_click=state.edit,
        kwargs={"speaker": None},
    )


def _titles(analyzer: "Analyzer", names: list[str]) -> str:
    return ", ".join(analyzer.models[name].title for name in names)


def _count(number: int) -> str:
    return "1 recording" if number == 1 else f"{number} recordings"
