"""The one current clip and its words, shared by every page; and the link that reproduces them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pages import _resources as resources
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analysis
    from ser_core.inputs.audio import Clip
    from ser_core.inputs.transcript import Transcript

MAX_CHARACTERS = 2000
_LINK = ("example", "heard", "text", "words", "late")


@dataclass(frozen=True)
class Current:
    """What the user looks at.

    Attributes:
        clip: the sound.
        title: what people read.
        example: id of the example, or None for the user's own clip.
        script: the exact words, where they are known; "" otherwise.
    """

    clip: "Clip"
    title: str
    example: str | None = None
    script: str = ""

    @property
    def note(self) -> str:
        """What must be said wherever the clip is shown: nobody real is heard in an example."""
        if self.example is None:
            return ""
        return "synthetic voice" if self.script else "synthetic sound"


@dataclass(frozen=True)
class Pinned:
    """An analysis kept to compare with."""

    title: str
    analysis: "Analysis"


def current() -> Current | None:
    """The current clip; when a session begins the link's example, or the first one if any."""
    if "current" not in st.session_state:
        st.session_state.current = None
        _restore(st.query_params.to_dict())
    return st.session_state.current


def choose_example(example_id: str) -> None:
    """Make an example the current clip; for one that cannot be read see `problem()`."""
    example = resources.examples()[example_id]
    try:
        clip = resources.example_clip(example_id)
    except SerError as error:
        st.session_state.problem = str(error)
    else:
        _choose(Current(clip, example.title, example_id, example.transcript))


def choose_recording(data: bytes, name: str) -> None:
    """Make the user's own sound the current clip; one that cannot be used changes nothing.

    The reason is then found in `problem()`.
    """
    from ser_core.inputs.audio import load

    try:
        clip = load(data, name=name)
    except SerError as error:
        st.session_state.problem = str(error)
    else:
        _choose(Current(clip, clip.source.name))


def problem() -> str:
    """Why the last recording could not be used, one sentence; "" if it could."""
    return st.session_state.get("problem", "")


def forget_problem() -> None:
    """Stop showing the last problem."""
    st.session_state.problem = ""


def original(now: Current) -> "Transcript":
    """The transcript before any edit: the known script, or what the recogniser hears."""
    from ser_core.inputs.transcript import Transcript

    if uses_script(now):
        return Transcript(text=now.script, source="file")
    return resources.recognise(now.clip)


def uses_script(now: Current) -> bool:
    """Whether the known script stands instead of the recogniser's words."""
    return bool(now.script) and not st.session_state.get("heard", False)


def hear(recognised: bool) -> None:
    """Take the recogniser's words instead of the known script, or the other way round."""
    st.session_state.heard = recognised
    st.session_state.pop("words_of", None)


def begin_words(now: Current, first: "Transcript") -> None:
    """Fill the editor with `first` where the clip or the source of its words is new."""
    if st.session_state.get("words_of") != _words_key(now):
        st.session_state.words_of = _words_key(now)
        st.session_state.words = st.session_state.pop("linked_text", None) or first.text
    st.session_state.setdefault("use_words", True)


def must_listen(now: Current) -> bool:
    """Whether the recogniser has yet to hear this clip."""
    return not uses_script(now) and st.session_state.get("words_of") != _words_key(now)


def uses_words() -> bool:
    """Whether the models get any text."""
    return bool(st.session_state.get("use_words", True))


def words(first: "Transcript") -> "Transcript":
    """The transcript as it stands: edited, switched off, or `first` as it was."""
    from ser_core.inputs.transcript import Transcript

    if not uses_words():
        return Transcript.none()
    text = _typed()
    return first if text == first.text.strip() else Transcript.typed(text)


def reset_words(first: "Transcript") -> None:
    """Undo every edit."""
    st.session_state.words = first.text


def begin_late_weight(default: float) -> None:
    """Set the weight of the words in late fusion where the user has not."""
    st.session_state.late_default = default
    st.session_state.setdefault("late_weight", default)


def pinned() -> Pinned | None:
    """The analysis to compare with."""
    return st.session_state.get("pinned")


def pin(title: str, analysis: "Analysis") -> None:
    """Keep an analysis to compare with."""
    st.session_state.pinned = Pinned(title, analysis)


def unpin() -> None:
    """Let go of what was pinned."""
    st.session_state.pinned = None


def publish_link(now: Current, first: "Transcript") -> None:
    """Let the address reproduce the view of an example; own clips have no address."""
    link = _link(now, first)
    for key in _LINK:
        if key in link and st.query_params.get(key) != link[key]:
            st.query_params[key] = link[key]
        elif key not in link and key in st.query_params:
            del st.query_params[key]


def _link(now: Current, first: "Transcript") -> dict[str, str]:
    if now.example is None:
        return {}
    link = {"example": now.example}
    if now.script and not uses_script(now):
        link["heard"] = "yes"
    text = _typed()
    if not uses_words() or (first.has_text and not text):
        link["words"] = "off"
    if text and text != first.text.strip():
        link["text"] = text
    default = st.session_state.get("late_default")
    if default is not None and abs(st.session_state.late_weight - default) > 1e-6:
        link["late"] = f"{st.session_state.late_weight:.2f}"
    return link


def _words_key(now: Current) -> tuple[str, bool]:
    return now.clip.digest, uses_script(now)


def _typed() -> str:
    return (st.session_state.get("words") or "").strip()[:MAX_CHARACTERS]


def _choose(now: Current) -> None:
    st.session_state.current = now
    st.session_state.problem = ""
    st.session_state.heard = False
    st.session_state.pop("words_of", None)


def _restore(link: Mapping[str, str]) -> None:
    """Begin with the view that a link asks for; what it has wrong is left out."""
    known = resources.examples()
    asked = link.get("example", "")
    if known:
        choose_example(asked if asked in known else next(iter(known)))
    if asked not in known:
        return
    st.session_state.heard = link.get("heard") == "yes"
    st.session_state.use_words = link.get("words") != "off"
    if text := link.get("text", "").strip():
        st.session_state.linked_text = text[:MAX_CHARACTERS]
    try:
        weight = float(link.get("late", ""))
    except ValueError:
        return
    if 0.0 <= weight <= 1.0:
        st.session_state.late_weight = round(weight, 2)
