"""A word or a sentence of the user's own, as every model takes it."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages import _state as state
from pages import _words as words

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

FIRST = "I am not happy at all."


def show(variant: state.Variant, analyzer: "Analyzer") -> None:
    """Ask for words and a voice, and show what the models make of them."""
    with st.container(border=True, key="behaviour_live"):
        text = st.text_input(
            "Try a word or a sentence in the voice of the current clip",
            FIRST,
            max_chars=500,
            key="live_words",
        )
        if not text.strip():
            st.info("Type a word or a sentence.", icon=":material/short_text:")
            return
        said = analyzer.analyze(variant.clip.clip, text.strip(), words.chosen_models(analyzer))
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
