"""The parts of Compare: the verdict, the grid, the plane, and files to take away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages import _export as export
from pages import _frame as frame
from pages import _resources as resources
from pages import _speaker_reference as speaker_reference
from pages import _state as state
from pages import _variants as variants
from pages import _words as words
from pages._markdown import escape
from pages.components.model_grid import model_grid
from ser_core import figures

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer
    from ser_core.figures import Row
    from ser_core.inputs.transcript import Transcript

NO_SPEECH = "No speech was found in this clip: do not believe what the models say of it."


def beside(
    variant: state.Variant, kept: "Mapping[state.Variant, Analysis]", analyzer: "Analyzer"
) -> "tuple[Analysis | None, str]":
    """What the grid shows in outlines, and what it is called.

    A kept variant that was chosen, else the same clip before the edit, or without the speaker.
    """
    chosen = variants.selected()
    if chosen in kept:
        return kept[chosen], variants.title(chosen, kept[chosen])
    if variant.text is not None:
        return words.analyse(replace(variant, text=None), analyzer, True), "before the edit"
    if not variant.use_words:
        return words.analyse(replace(variant, use_words=True), analyzer, True), "with the words"
    if variant.speaker is not None:
        return words.analyse(variant, analyzer), "without the speaker's reference"
    return None, ""


def verdict(
    variant: state.Variant,
    rows: "Sequence[Row]",
    analysis: "Analysis",
    heard: "Transcript",
    analyzer: "Analyzer",
) -> None:
    """Who says what, what was lost or doubted on the way in, and what is relative to a speaker."""
    with st.container(key="verdict", gap="xsmall"):
        sentence = NO_SPEECH if heard.speech is False else figures.agreement(rows)
        st.subheader(sentence, anchor=False)
        notes = [note for note in analysis.notes if note != heard.doubt]
        if notes:
            st.markdown(":small[" + escape(" ".join(notes)) + "]")
        speaker_reference.say(variant, analysis, analyzer)


def grid(
    variant: state.Variant,
    rows: "Sequence[Row]",
    analysis: "Analysis",
    heard: "Transcript",
    called: str,
) -> None:
    """Every model's answers; late fusion's weight is moved in its row."""
    weights = analysis.late_weights
    slider = None
    if weights:
        slider = figures.Slider(next(iter(weights.values())), tuple(weights), analysis.used_words)
    model_grid(
        rows,
        "grid",
        on_weight=lambda weight: state.edit(late_weight=weight),
        compared=called,
        skipped=analysis.skipped,
        notes=resources.model_notes(),
        dimmed=NO_SPEECH if heard.speech is False else "",
        slider=slider,
    )


def more(rows: "Sequence[Row]", called: str) -> None:
    """The models on the plane of valence and arousal."""
    st.subheader("On the plane of valence and arousal", anchor=False)
    points = "; ".join(
        f"{row.title}: valence {row.prediction.dimensions['valence']:.2f}, "
        f"arousal {row.prediction.dimensions['arousal']:.2f}"
        for row in rows
        if row.prediction and "valence" in row.prediction.dimensions
    )
    frame.chart(figures.plane(rows, compared=called or "before"), "plane", points or "no points")


def exports(variant: state.Variant, analyses: "Sequence[Analysis]", analyzer: "Analyzer") -> None:
    """The current clip and all kept variants as files."""
    from ser_core.models.registry import knowing_speakers

    names = knowing_speakers(analyzer.models, list(analyzer.models))
    with st.container(horizontal=True):
        for label, mime, write in (
            ("CSV", "text/csv", partial(export.to_csv, analyses, names)),
            ("JSON", "application/json", partial(export.to_json, analyses)),
        ):
            st.download_button(
                label,
                write,
                file_name=export.file_name(variant.clip.title, "emotions", label.lower()),
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{label.lower()}",
            )
