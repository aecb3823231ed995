"""The model grid alone, on real predictions: what its browser tests and screenshots look at."""

import streamlit as st

from pages.components.model_grid import model_grid
from ser_core.analysis import Analyzer
from ser_core.figures.model_grid import Slider
from ser_core.figures.model_notes import make_notes
from ser_core.figures.rows import agreement, make_rows
from ser_core.figures.seeds import group_seeds
from ser_core.inputs.audio import load
from ser_core.inputs.transcript import Transcript
from ser_core.synthesis.examples import load_examples

st.set_page_config(layout="wide")


@st.cache_resource
def analyzer() -> Analyzer:
    return Analyzer()


def keep(weight: float) -> None:
    st.session_state.weight = weight


models = analyzer().models
case = st.query_params.get("case", "conflict")
examples = {example.id: example for example in load_examples()}
chosen = {
    "conflict": "happy-words-angry-voice",
    "agreement": "happy-words-happy-voice",
    "edited": "happy-words-angry-voice",
    "no words": "sad-words-angry-voice",
    "no speech": "rain",
}[case]
example = examples[chosen]
clip = load(example.path)
words = Transcript.typed(example.transcript) if case != "no words" else Transcript.none()
weight = st.session_state.get("weight", 0.5)
now = analyzer().analyze(clip, words, late_weight=weight)
before = analyzer().analyze(clip, "The package is on the table.") if case == "edited" else None
rows = group_seeds(make_rows(now, models, before), models)
st.subheader(agreement(rows))
moved = model_grid(
    rows,
    "grid",
    on_weight=keep,
    skipped=now.skipped,
    notes=make_notes(models),
    dimmed="There is no speech in this clip: what follows means nothing."
    if case == "no speech"
    else "",
    slider=Slider(weight, tuple(now.late_weights), enabled=now.used_words),
)
st.text(f"late weight {weight:.2f}, moved {moved}")
