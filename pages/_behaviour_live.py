"""A word or a sentence of the user's own, as every model takes it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages import _choices as choices
from pages import _state as state
from pages import _words as words
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer

SEVERAL, CLIP, SPOKEN = "several", "clip", "spoken"
VOICES = {
    SEVERAL: "four other voices, on average",
    CLIP: "the current clip's voice",
    SPOKEN: "the synthetic voice",
}
FIRST = "I am not happy at all."
Answers = list[tuple[str, str, float, float]]  # model, category, its probability, valence


def show(variant: state.Variant, analyzer: "Analyzer") -> None:
    """Ask for words and a voice, and show what the models make of them."""
    with st.container(border=True, key="behaviour_live"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            with st.container(width=320):
                text = st.text_input(
                    "Try a word or a sentence", FIRST, max_chars=300, key="live_words"
                ).strip()
            with st.container(width=260):
                voice = choices.choose(
                    "behaviour.voice", "Heard with", list(VOICES), VOICES.__getitem__
                )
        if not text:
            st.info("Type a word or a sentence.", icon=":material/short_text:")
            return
        try:
            answers = _kept(text, voice, variant, analyzer)
        except SerError as error:
            st.error(str(error), icon=":material/error:")
            return
        _table(answers, analyzer)
        from ser_core.behaviour.dialogue_acts import classify

        st.caption(
            f"Dialogue act, by rules: **{classify(text)}**. A valence below 0.5 is negative, above "
            "it positive. One sentence shows what a model can do, and not what it does as a rule: "
            "for that see below."
        )


def _kept(text: str, voice: str, variant: state.Variant, analyzer: "Analyzer") -> Answers:
    """The answers, computed once as long as nothing that they depend on changes."""
    names = words.chosen_models(analyzer) or list(analyzer.models)
    digest = variant.clip.clip.digest if voice == CLIP else ""
    settings = (text, voice, digest, tuple(names))
    before = st.session_state.get("live_answers")
    if before is None or before[0] != settings:
        with st.spinner("Asking the models…"):
            before = (settings, _ask(text, voice, variant, analyzer, names))
        st.session_state.live_answers = before
    return before[1]


def _ask(
    text: str, voice: str, variant: state.Variant, analyzer: "Analyzer", names: list[str]
) -> Answers:
    if voice == SEVERAL:
        return _ask_several(text, analyzer, names)
    clip = variant.clip.clip
    if voice == SPOKEN:
        from ser_core.synthesis import speech

        clip = speech.say(text)
    found = analyzer.analyze(clip, text, names).predictions
    nan = float("nan")
    return [
        (name, p.decision or "", p.probabilities.get(p.decision or "", nan), _valence(p.dimensions))
        for name, p in found.items()
    ]


def _ask_several(text: str, analyzer: "Analyzer", names: list[str]) -> Answers:
    """Means over background voices, as the findings of silent templates are."""
    from ser_core.behaviour.asking import ask_all
    from ser_core.behaviour.templates import VOICES as HOW_MANY

    models = [analyzer.models[name] for name in names if analyzer.models[name].uses_text]
    if not models:
        raise SerError("No model that is shown reads words: choose others under More.")
    found, _ = ask_all(analyzer, models, HOW_MANY, [text])
    answers = []
    for name, of in found.items():
        model = analyzer.models[name].model
        shares = dict(zip(model.categories, of.probabilities.mean(axis=(0, 1)), strict=True))
        values = dict(zip(model.dimensions, of.dimensions.mean(axis=(0, 1)), strict=True))
        decision = max(shares, key=lambda one: shares[one], default="")
        answers.append((name, decision, float(shares.get(decision, "nan")), _valence(values)))
    return answers


def _valence(dimensions: Mapping[str, float]) -> float:
    return float(dimensions.get("valence", "nan"))


def _table(answers: Answers, analyzer: "Analyzer") -> None:
    shown = pd.DataFrame(answers, columns=["Model", "Category", "Probability", "Valence"])
    shown["Model"] = [analyzer.models[name].title for name in shown["Model"]]
    share = st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.2f")
    st.dataframe(
        shown,
        hide_index=True,
        column_config={"Probability": share, "Valence": share},
        key="live_table",
    )
