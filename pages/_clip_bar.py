"""The clip bar on top of every page: what is current, its one player, and how to change it."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages import _chooser as chooser
from pages import _resources as resources
from pages import _session_file as session_file
from pages import _state as state
from pages import _words as words
from pages._markdown import escape
from pages._recordings import MINUTES
from pages.components.time_axis import Play, player, time_axis
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.inputs.transcript import Transcript


def show(variant: state.Variant | None) -> None:
    """The bar; without a clip only the buttons that bring one."""
    with st.container(key="clip_bar", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key="clip_bar_head"):
            if variant is not None:
                with st.container(width="stretch", key="clip_title"):
                    st.markdown(_heading(variant))
            _buttons(variant)
        if variant is not None:
            _axis(variant)


def _heading(variant: state.Variant) -> str:
    clip = variant.clip
    badges = [f"{clip.clip.duration_s:.1f} s"]
    if clip.note:
        badges.append(clip.note)
    if not words.must_listen(variant):
        badges += _heard(words.unedited(variant))
    grey = " ".join(f":gray-badge[{badge}]" for badge in badges)
    return f"**{escape(clip.title)}** {grey}"


def _heard(transcript: "Transcript") -> list[str]:
    from ser_core.inputs.languages import language_name

    if transcript.speech is False:
        return ["no speech found"]
    return [language_name(transcript.language)] if transcript.language else []


def _axis(variant: state.Variant) -> None:
    clip, title = variant.clip.clip, variant.clip.title
    heard = st.session_state.get("heard_sound")  # a changed sound of this clip, see `frame.hear`
    changed = heard is not None and heard[0] == clip.digest
    if changed:
        _, clip, done = heard
        title = f"{title}, {done}"
        st.markdown(f":small[Heard now: **{escape(done)}**]")
    player(resources.wav(clip.digest, clip), title)
    play = None
    if st.session_state.get("play_now") == clip.digest:
        play = Play(0.0, clip.duration_s, id=clip.digest)
    shown = () if changed or words.must_listen(variant) else words.timed(variant)
    time_axis(clip, key="clip_bar_axis", words=shown, title=title, play=play)


def _buttons(variant: state.Variant | None) -> None:
    if st.button("Change clip", icon=":material/library_music:", key="change_clip"):
        chooser.dialog()
    if variant is not None:
        kept = variant in state.view().kept
        st.button(
            "Kept" if kept else "Keep",
            icon=":material/keep:",
            key="keep",
            on_click=_keep,
            help="Keep this clip with these words, then change either, and compare.",
        )
    with st.popover("More", icon=":material/more_horiz:", key="more", on_change="rerun") as more:
        if more.open:
            _more(variant)


def _keep() -> None:
    words.commit()  # a click after typing comes before the editor's own callback
    state.keep()


def _more(variant: state.Variant | None) -> None:
    if variant is not None and variant.clip.token:
        st.caption(
            f"Your recording stays in this server's memory for {MINUTES} minutes after "
            "you last used it. Whoever has this page's address can hear it meanwhile."
        )
        st.button(
            "Forget this recording now",
            icon=":material/delete:",
            key="forget",
            on_click=state.forget,
            args=(variant.clip.token,),
        )
    _models()
    st.download_button(
        "Save this session",
        partial(session_file.save, state.view()),  # it runs in a thread without a session
        file_name="session.ser.json",
        mime="application/json",
        icon=":material/save:",
        on_click="ignore",
        key="save_session",
        help="One file with the clips, their words, kept variants and choices.",
    )
    st.file_uploader(
        "Open a session",
        ["json"],
        key="open_session",
        on_change=_open_session,
        help="A file that was saved here.",
    )


def _models() -> None:
    """Which models pages show: the shipped ones and the user's own."""
    try:
        known = resources.analyzer().models
    except SerError:
        return
    shown = [name for name in state.view().models or known if name in known]
    if st.session_state.get("models_shown") != shown:
        st.session_state.models_shown = shown
    st.multiselect(
        "Models shown",
        list(known),
        format_func=lambda name: known[name].title,
        key="models_shown",
        on_change=_choose_models,
        help="On all pages. Folders of your own models are named in SER_CHECKPOINTS.",
    )


def _choose_models() -> None:
    chosen = tuple(st.session_state.models_shown)
    everything = not chosen or set(chosen) == set(resources.analyzer().models)
    state.change(models=None if everything else chosen)


def _open_session() -> None:
    file = st.session_state.open_session
    if file is None:
        return
    try:
        st.session_state.view = session_file.load(file.getvalue())
        state.tell("")
    except SerError as error:
        state.tell(f"{error} What is shown has not changed.")
