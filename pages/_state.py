"""What all pages share: the current clip with its words, kept variants, and choices.

Nothing of it lives in a widget's key: Streamlit drops the keys of widgets that a page does not
render. Widgets are filled from here and write back in their callbacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import _resources as resources
from pages._speaker_clips import SpeakerClips
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.inputs.audio import Clip

MAX_KEPT = 12
MAX_RECENT = 6


@dataclass(frozen=True)
class OpenClip:
    """A clip that the user has opened.

    Attributes:
        clip: the sound.
        title: what people read.
        example: id of the example, "" for the user's own clip.
        token: of the user's own clip in `resources.recordings()`, "" for an example.
        script: the exact words, where they are known; "" otherwise.
        synthetic: whether nobody real is heard.
    """

    clip: "Clip"
    title: str
    example: str = ""
    token: str = ""
    script: str = ""
    synthetic: bool = False

    @property
    def note(self) -> str:
        """What must be said wherever the clip is shown: nobody real is heard in an example."""
        if not self.synthetic:
            return ""
        return "synthetic voice" if self.script else "synthetic sound"


@dataclass(frozen=True)
class Variant:
    """One clip with one wording: all that an answer depends on, but the model.

    Attributes:
        clip: the sound.
        text: the words as the user edited them; None as they came.
        use_words: whether models get any text.
        heard: take the recogniser's words where the exact ones are known.
        translated: take the recogniser's English translation of what it hears.
        accepted: use the words although the recogniser doubts them.
        late_weight: of the words in late fusion, in [0, 1]; None as the checkpoint has it.
        speaker: other recordings of the clip's speaker, which Compare hears the clip relative to.
    """

    clip: OpenClip
    text: str | None = None
    use_words: bool = True
    heard: bool = False
    translated: bool = False
    accepted: bool = False
    late_weight: float | None = None
    speaker: SpeakerClips | None = None


@dataclass(frozen=True)
class View:
    """What the user looks at, on whatever page.

    Attributes:
        current: None where there is no clip at all.
        kept: variants to compare with.
        recent: clips opened before, the latest first.
        models: names that pages show; None for all.
        output: what explanations are about, such as `angry` or `valence`; "" for the decision.
        span: chosen part of the clip, seconds; None for all of it.
        options: choices of single pages by name, such as `attribution.method`, sorted.
    """

    current: Variant | None = None
    kept: tuple[Variant, ...] = ()
    recent: tuple[OpenClip, ...] = ()
    models: tuple[str, ...] | None = None
    output: str = ""
    span: tuple[float, float] | None = None
    options: tuple[tuple[str, str], ...] = ()


def view() -> View:
    """The view of this session."""
    found: View = st.session_state.setdefault("view", View())
    return found


def change(**changes: Any) -> None:
    """Set fields of the view."""
    st.session_state.view = replace(view(), **changes)


def edit(**changes: Any) -> None:
    """Set fields of the current variant."""
    current = view().current
    if current is not None:
        change(current=replace(current, **changes))


def option(name: str, known: Sequence[str]) -> str:
    """A page's choice among `known`; the first where nothing, or nothing known, was chosen.

    Args:
        name: with a dot, such as `attribution.method`.
        known: not empty.
    """
    asked = dict(view().options).get(name)
    return asked if asked in known else known[0]


def set_option(name: str, value: str) -> None:
    """Choose for a page; see `option`."""
    change(options=tuple(sorted({**dict(view().options), name: value}.items())))


def open_clip(clip: OpenClip) -> None:
    """Make a clip the current one, with its own words; the weight of late fusion stays.

    So does the speaker's reference, but not from a real voice to the synthetic one, or back.
    """
    before = view()
    current = Variant(clip)
    if before.current is not None:
        last = before.current.clip
        current = replace(
            current,
            use_words=before.current.use_words,
            late_weight=before.current.late_weight,
            speaker=before.current.speaker if clip.synthetic == last.synthetic else None,
        )
    others = [c for c in before.recent if c.clip.digest != clip.clip.digest]
    recent = (clip, *others)[:MAX_RECENT]
    change(current=current, recent=recent, span=None)
    st.session_state.problem = ""


def open_example(example_id: str) -> None:
    """Make an example the current clip; one that cannot be read changes nothing."""
    try:
        open_clip(example(example_id))
    except SerError as error:
        tell(f"{error} The clip below has not changed.")


def example(example_id: str) -> OpenClip:
    """An example clip. Raises SerError where it is unknown or cannot be read."""
    found = resources.examples().get(example_id)
    if found is None:
        raise SerError(f"There is no example called “{example_id}”: choose another clip.")
    clip = resources.example_clip(example_id)
    return OpenClip(clip, found.title, example=example_id, script=found.transcript, synthetic=True)


def open_recording(data: bytes, name: str) -> bool:
    """Make the user's own sound the current clip; one that cannot be used changes nothing.

    Returns:
        Whether it is open now; if not, `problem()` says why.
    """
    from ser_core.inputs.audio import load

    try:
        clip = load(data, name=name)
    except SerError as error:
        kept = " The clip below has not changed." if view().current else ""
        tell(f"{error}{kept}")
        return False
    open_made(clip, clip.source.name)
    return True


def open_made(clip: "Clip", title: str, script: str = "", synthetic: bool = False) -> None:
    """Make a sound that is no example the current clip; it gets a token."""
    token = resources.recordings().keep(clip, title, script, synthetic)
    open_clip(recording(token))


def recording(token: str) -> OpenClip:
    """The user's own clip of a token. Raises SerError where it is gone."""
    found = resources.recordings().get(token)
    if found is None:
        raise SerError(
            "The recording of this link is gone: recordings are kept for some minutes, in memory "
            "only. Open the file again."
        )
    clip, label = found
    return OpenClip(clip, token=token, **label._asdict())


def forget(token: str) -> None:
    """Forget a recording at once: here, in kept variants, and for all who have its link."""
    resources.recordings().forget(token)
    now = view()
    kept = tuple(v for v in now.kept if v.clip.token != token)
    recent = tuple(c for c in now.recent if c.token != token)
    change(kept=kept, recent=recent)
    if now.current is not None and now.current.clip.token == token:
        change(current=None)
        first = next(iter(resources.examples()), None)
        if first is not None:
            open_example(first)


def keep() -> None:
    """Keep the current variant to compare with."""
    now = view()
    if now.current is None or now.current in now.kept:
        return
    if len(now.kept) >= MAX_KEPT:
        tell(f"{MAX_KEPT} variants are kept: remove one first.")
        return
    change(kept=(*now.kept, now.current))


def drop(variant: Variant) -> None:
    """Let go of a kept variant."""
    change(kept=tuple(v for v in view().kept if v != variant))


def make_current(variant: Variant) -> None:
    """Go on from a kept variant."""
    open_clip(variant.clip)
    change(current=variant)


def problem() -> str:
    """What could not be done, one sentence; "" if nothing."""
    return str(st.session_state.get("problem", ""))


def tell(sentence: str) -> None:
    """Say on the next page what could not be done; "" says nothing more."""
    st.session_state.problem = sentence
