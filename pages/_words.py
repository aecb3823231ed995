"""The words of a variant: where they come from, how they are edited, whether models get them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from pages import _resources as resources
from pages import _state as state
from pages.components.time_axis import TimedWord

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer
    from ser_core.inputs.transcript import Transcript, Word

MAX_CHARACTERS = 10_000  # what is typed; recognised words may be longer, and stay whole


def unedited(variant: state.Variant) -> "Transcript":
    """The words before any edit: the known script, or what the recogniser hears."""
    from ser_core.inputs.transcript import Transcript

    if variant.clip.script and not variant.heard:
        return Transcript(text=variant.clip.script, source="file", language="en", speech=True)
    if variant.translated:
        return resources.translate(variant.clip.clip)
    return resources.recognise(variant.clip.clip)


def as_they_stand(variant: state.Variant) -> "Transcript":
    """The words as models get them: edited, switched off, or as they came."""
    from ser_core.inputs.transcript import Transcript

    if not variant.use_words:
        return Transcript.none()
    if variant.text is not None:
        return Transcript.typed(variant.text)
    return unedited(variant)


def analyse(variant: state.Variant, analyzer: "Analyzer", relative: bool = False) -> "Analysis":
    """What the models of the view say of a variant (cached by the analyzer).

    Args:
        relative: to the speaker, where other recordings of theirs were given.
    """
    clip = variant.clip.clip
    return analyzer.analyze(
        clip,
        as_they_stand(variant),
        models=chosen_models(analyzer),
        late_weight=variant.late_weight,
        use_doubted_words=variant.accepted,
        speaker=variant.speaker.reference(clip) if variant.speaker and relative else None,
    )


def timed(variant: state.Variant) -> tuple[TimedWord, ...]:
    """The words as they stand for the time axis, with their times where they are known."""
    shown = replace(variant, use_words=True)
    found = as_they_stand(shown)
    unused = not variant.use_words or not found.usable(variant.accepted)
    known = with_times(variant, found)
    if known:
        return tuple(TimedWord(w.text, w.start, w.end, muted=unused) for w in known)
    return tuple(TimedWord(word, muted=unused) for word in found.text.split())


def with_times(variant: state.Variant, transcript: "Transcript") -> "tuple[Word, ...]":
    """The words of a transcript at their times; () where they are not known.

    Typed and scripted words take the times of what the recogniser heard, where that is nearly the
    same; nobody waits for the recogniser because of it.
    """
    from ser_core.inputs.alignment import align

    if transcript.words:
        return transcript.words
    clip = variant.clip
    heard = resources.example_words().get(clip.example, ())
    if not heard and resources.has_recognised(clip.clip):
        heard = resources.recognise(clip.clip).words
    return align(transcript.text, heard, clip.clip.duration_s)


def times(
    variant: state.Variant, transcript: "Transcript"
) -> list[tuple[float, float] | None] | None:
    """(start, end) of each word of a transcript that blanks separate; None where none is known."""
    known = with_times(variant, transcript)
    if [word.text for word in known] == transcript.text.split():
        return [(word.start, word.end) for word in known]
    return None


def chosen_models(analyzer: "Analyzer") -> list[str] | None:
    """The models of the view that are here; None for all."""
    asked = state.view().models
    return [name for name in asked or () if name in analyzer.models] or None


def must_listen(variant: state.Variant) -> bool:
    """Whether the recogniser has yet to hear this clip, for seconds."""
    known = bool(variant.clip.script) and not variant.heard
    return not known and not resources.has_recognised(variant.clip.clip)


def editor(variant: state.Variant, beside: Callable[[], None] | None = None) -> None:
    """The words under the user's hands.

    Args:
        beside: draws what else can be chosen of the clip.
    """
    first = unedited(variant)
    text = first.text if variant.text is None else variant.text
    if st.session_state.get("words_box") != text:
        # Only where it differs: an assignment takes away what is just being typed.
        st.session_state.words_box = text
    with st.container(horizontal=True, vertical_alignment="center", key="words_row"):
        st.text_area(
            "Words",
            key="words_box",
            height=68,  # two lines; it can be drawn larger
            label_visibility="collapsed",
            max_chars=MAX_CHARACTERS if len(text) <= MAX_CHARACTERS else None,
            disabled=not variant.use_words,
            on_change=_take,
            args=(first.text,),
            placeholder="No words: type what was said, or what you would like to try. "
            "Ctrl + Enter lets the models read it.",
        )
        with st.container(width="content", gap=None):
            st.session_state.use_words_box = variant.use_words
            st.toggle(
                "Use the words",
                key="use_words_box",
                on_change=_switch,
                help="Off: no model gets any text, only the voice. To change the words, type and "
                "press Ctrl + Enter: the models that read them answer again.",
            )
            with st.container(horizontal=True, gap="xsmall"):
                _sources(variant)
                if beside:
                    beside()
    _doubt(variant, first)
    _translation(variant, first)


def _sources(variant: state.Variant) -> None:
    if variant.text is not None:
        st.button(
            "Undo the edit",
            icon=":material/undo:",
            type="tertiary",
            key="undo_words",
            on_click=state.edit,
            kwargs={"text": None},
        )
    if variant.clip.script:
        st.button(
            "Use the script" if variant.heard else "Use the recogniser",
            icon=":material/description:" if variant.heard else ":material/hearing:",
            type="tertiary",
            key="hear",
            on_click=state.edit,
            kwargs={"heard": not variant.heard, "text": None, "accepted": False},
            help="An example's exact words are known; the recogniser may mishear them.",
        )


def _doubt(variant: state.Variant, first: "Transcript") -> None:
    """Doubted words are shown but not used until the user accepts them."""
    if not first.doubtful or variant.text is not None or not variant.use_words:
        return
    if not first.has_text:
        st.info(f"{first.doubt} Type the words if there are any.", icon=":material/hearing:")
        return
    used = "They are used, as you wished." if variant.accepted else "They are not used."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"Doubtful words: {first.doubt} {used} Correct them, or switch the words off.",
            icon=":material/hearing_disabled:",
            width="stretch",
        )
        st.button(
            "Leave them out" if variant.accepted else "Use them anyway",
            key="accept_words",
            on_click=state.edit,
            kwargs={"accepted": not variant.accepted},
        )


def _translation(variant: state.Variant, first: "Transcript") -> None:
    """Another language than the text models read may be translated, and is said to be."""
    foreign = first.translated_from or first.language not in (None, "en")
    if first.source != "asr" or not foreign or variant.text is not None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Show what was said" if variant.translated else "Translate into English",
            icon=":material/translate:",
            key="translate",
            on_click=state.edit,
            kwargs={"translated": not variant.translated, "accepted": False},
            help="By the recogniser. The text models read English only.",
        )
        for note in first.notes:
            st.caption(note)


def commit() -> None:
    """Take what stands in the editor, for a callback that runs before the editor's own."""
    variant = state.view().current
    if variant is not None and "words_box" in st.session_state:
        _take(unedited(variant).text)


def _take(first: str) -> None:
    text = (st.session_state.words_box or "").strip()
    state.edit(text=None if text == first.strip() else text)


def _switch() -> None:
    state.edit(use_words=st.session_state.use_words_box)
