"""A word or a sentence of the user's own, as every model takes it."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages import _explaining as explaining
from pages import _state as state
from pages import _words as words

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

VOICES = {"silence": "silence", "clip": "the current clip"}
FIRST = "I am not happy at all."


def show(variant: state.Variant, analyzer: "Analyzer") -> None:
    """Ask for words and a voice, and show what the models make of them."""
    with st.container(border=True, key="behaviour_live"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            text = st.text_input("Try a word or a sentence", FIRST, max_chars=500, key="live_words")
            with st.container(width=200):
                voice = explaining.choose(
                    "behaviour.voice", "With the voice of", list(VOICES), VOICES.__getitem__
                )
        if not text.strip():
            st.info("Type a word or a sentence.", icon=":material/short_text:")
            return
        clip = variant.clip.clip if voice == "clip" else _silence()
        said = analyzer.analyze(clip, text.strip(), words.chosen_models(analyzer))
        st.dataframe(
            pd.DataFrame(
                {
                    "Model": analyzer.models[name].title,
                    "Category": one.decision,
                    "Probability": one.probabilities.get(one.decision or "", float("nan")),
                    "Valence": one.dimensions.get("valence", float("nan")),
                }
                for name, one in said.predictions.items()
            ),
            hide_index=True,
            column_config={
                name: st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.2f")
                for name in ("Probability", "Valence")
            },
            key="live_table",
        )
