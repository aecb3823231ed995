"""The model grid alone, on real predictions of an example: its browser tests look at it.

The address says which case: `?case=edited`.
"""

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

EXAMPLES = {"agreement": "happy-words-happy-voice", "no speech": "rain"}
EARLIER = "The package is on the table."

st.set_page_config(layout="wide")


@st.cache_resource
def analyzer() -> Analyzer:
    return Analyzer()


def keep(weight: float) -> None:
    st.session_state.weight = weight


case = st.query_params.get("case", "conflict")
example = next(e for e in load_examples() if e.id == EXAMPLES.get(case, "happy-words-angry-voice"))
clip = load(example.path)
silent = case in ("no words", "no speech")
words = Transcript.none() if silent else Transcript.typed(example.transcript)
weight = st.session_state.get("weight", 0.5)
models = analyzer().models
chosen = [name for name in models if case == "seeds" or "/" not in name]
now = analyzer().analyze(clip, words, chosen, weight)
before = None
if case in ("edited", "seeds"):
    before = analyzer().analyze(clip, EARLIER, chosen, weight)
rows = group_seeds(make_rows(now, models, before), models)
st.subheader(agreement(rows))
moved = model_grid(
    rows,
    "grid",
    on_weight=keep,
    skipped=now.skipped,
    notes=make_notes(models),
    dimmed="This is not speech: the models say something all the same."
    if case == "no speech"
    else "",
    slider=Slider(weight, tuple(now.late_weights), enabled=now.used_words),
)
st.text(f"weight {weight:.2f}, moved {moved}")
st.button("Run again")
