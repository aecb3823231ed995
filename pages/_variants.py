"""Kept variants beside the current clip: one row each, with its differences."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages import _state as state
from pages import _words as words
from pages._markdown import escape
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer
    from ser_core.results import Prediction

TABLE = "variants_table"


def analyses(analyzer: "Analyzer", relative: bool = False) -> "dict[state.Variant, Analysis]":
    """What the models say of each kept variant; one that cannot be analysed is left out.

    Args:
        relative: see `words.analyse`.
    """
    found = {}
    for variant in state.view().kept:
        try:
            found[variant] = words.analyse(variant, analyzer, relative)
        except SerError as error:
            st.error(f"{escape(variant.clip.title)}: {error}", icon=":material/error:")
    return found


def selected() -> state.Variant | None:
    """The kept variant that the user compares the current one with."""
    kept = state.view().kept
    rows = st.session_state.get(TABLE, {}).get("selection", {}).get("rows", [])
    return kept[rows[0]] if rows and rows[0] < len(kept) else None


def show(now: "Analysis", kept: "dict[state.Variant, Analysis]", analyzer: "Analyzer") -> None:
    """The table of kept variants, and what can be done with a row."""
    st.subheader("Kept variants", anchor=False)
    output = _output(now)
    st.caption(
        f"Each model's decision, and its {describe(output)} with the difference to the current "
        "clip. Choose a row to see it in the grid above, as outlines."
    )
    models = [name for name in analyzer.models if name in now.predictions]
    rows = [
        {
            "clip": variant.clip.title,
            "words": _said(analysis),
            **{
                analyzer.models[name].title: _cell(
                    analysis.predictions.get(name), now.predictions[name], output
                )
                for name in models
            },
        }
        for variant, analysis in kept.items()
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key=TABLE,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"clip": st.column_config.TextColumn(pinned=True)},
        alt="Kept variants: decisions and differences by model",
    )
    chosen = selected()
    if chosen is not None:
        with st.container(horizontal=True):
            st.button(
                "Go on from this one",
                icon=":material/restore:",
                key="use_variant",
                on_click=state.make_current,
                args=(chosen,),
            )
            st.button(
                "Remove it",
                icon=":material/close:",
                key="drop_variant",
                on_click=state.drop,
                args=(chosen,),
            )


def describe(output: str) -> str:
    """Such as "probability of angry" or "arousal"."""
    from ser_core.labels import DIMENSIONS

    return output if output in DIMENSIONS else f"probability of {output}"


def title(variant: state.Variant, analysis: "Analysis") -> str:
    """Clip and words in one line."""
    return f"{variant.clip.title}, {_said(analysis)}"


def _said(analysis: "Analysis") -> str:
    text = analysis.transcript.text if analysis.used_words else ""
    said = f"“{text[:60]}{'…' if len(text) > 60 else ''}”" if text else "no words"
    return f"{said}, relative to the speaker" if analysis.speaker else said


def _output(now: "Analysis") -> str:
    """What is compared: the output of the view, else what most models decide for."""
    asked = state.view().output
    known = {key for p in now.predictions.values() for key in (*p.probabilities, *p.dimensions)}
    if asked in known:
        return asked
    decisions = list(now.decisions.values())
    return max(decisions, key=decisions.count) if decisions else next(iter(sorted(known)), "")


def _cell(prediction: "Prediction | None", now: "Prediction", output: str) -> str:
    value = _value(prediction, output)
    before = _value(now, output)
    if prediction is None or value is None or before is None:
        return "–"
    return f"{prediction.decision or ''} {value:.2f} ({value - before:+.2f})".strip()


def _value(prediction: "Prediction | None", output: str) -> float | None:
    if prediction is None:
        return None
    return prediction.probabilities.get(output, prediction.dimensions.get(output))
