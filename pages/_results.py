"""The parts of Compare's results: the verdict, the late fusion's weight, numbers and files."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages import _export as export
from pages import _state as state
from pages._widgets import DIMENSIONS_HELP, escape

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer
    from ser_core.inputs.transcript import Transcript


def late_weight(analyzer: "Analyzer", words: "Transcript") -> float | None:
    """Weight of the words in a model that is the mean of two others; None without such a model."""
    late = next((c for c in analyzer.models.values() if c.model.parents), None)
    if late is None:
        return None
    state.begin_late_weight(late.model.weight)
    return st.slider(
        f"{late.title}: weight of the words (0 voice only, 1 words only)",
        0.0,
        1.0,
        step=0.05,
        key="late_weight",
        persist_state="session",
        disabled=not words.has_text,
        help="Late fusion is the weighted mean of two models; only its own row changes.",
    )


def verdict(now: state.Current, analysis: "Analysis", sentence: str, outlined: str) -> None:
    """Who agrees with whom, pinning, and what the outlined marks mean."""
    pinned = state.pinned()
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        with st.container(key="verdict", width="content"):
            st.subheader(sentence, anchor=False, help=DIMENSIONS_HELP)
        with st.container(horizontal=True, width="content"):
            st.button(
                "Pin this instead" if pinned else "Pin for comparison",
                icon=":material/keep:",
                key="pin",
                on_click=state.pin,
                args=(_title(now, analysis), analysis),
                help="Then choose another clip or other words, and see both.",
            )
            if pinned:
                st.button("Unpin", icon=":material/keep_off:", key="unpin", on_click=state.unpin)
    if outlined:
        which = f" ({escape(pinned.title)})" if pinned else ""
        st.caption(f"Filled: as it stands above. Outlined: {outlined}{which}.")


def numbers(analysis: "Analysis", pinned: state.Pinned | None, analyzer: "Analyzer") -> None:
    """All numbers, and the files to take away."""
    other = pinned.analysis if pinned else None
    table = export.frame(analysis, other)
    table["model"] = [analyzer.models[name].title for name in table["model"]]
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.2f")
            for name in table.select_dtypes("number").columns
        },
        key="numbers",
        alt="Every model's decision, probabilities and dimensions",
    )
    with st.container(horizontal=True):
        for label, mime, write in (
            ("CSV", "text/csv", export.to_csv),
            ("JSON", "application/json", export.to_json),
        ):
            st.download_button(
                label,
                partial(write, analysis, other),
                file_name=f"emotions.{label.lower()}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{label.lower()}",
            )


def _title(now: state.Current, analysis: "Analysis") -> str:
    text = analysis.transcript.text
    words = f"“{text}”" if analysis.transcript.has_text else "no words"
    return ", ".join(part for part in (now.title, now.note, words) if part)
