"""Evaluation: how well the models do on labelled clips, on whom, and where they disagree."""

import streamlit as st

from pages import _choices as choices
from pages import _evaluation_clips as clips
from pages import _evaluation_groups as by_group
from pages import _evaluation_parts as parts
from pages import _evaluation_question as questions
from pages import _evaluation_source as source
from pages import _evaluation_truth as truth
from pages import _frame as frame
from pages import _opening as opening

PARTS = {
    "disagreement": (":material/call_split: Disagreement", parts.disagreement),
    "figures": (":material/fact_check: Figures", parts.figures_of_models),
    "confusion": (":material/grid_on: Confusion", truth.confusion),
    "calibration": (":material/verified: Calibration", truth.calibration),
    "dimensions": (":material/scatter_plot: Dimensions", truth.dimensions),
    "groups": (":material/groups: Groups and speakers", by_group.show),
}
UNITS = {"utterances": "utterances", "speakers": "whole speakers"}

variant, analyzer = frame.open_page(
    "How well do the models do, on whom, and where do they disagree?",
    "Labelled clips that the models were not trained on: what each model says of them, and how "
    "sure its figures are.",
)
opening.say()
grid = st.grid("auto", min_column_width=200)
asked, set_asked, unit_asked = grid.cell(), grid.cell(), grid.cell()
found = source.choose(analyzer, asked)
with set_asked:
    largest = found.predictions.rows["set"].mode()[0]
    sets = dict.fromkeys([largest, *found.predictions.sets])
    name = choices.choose("evaluation.set", "Test set", list(sets), str)
with unit_asked:
    unit = choices.choose("evaluation.unit", "Intervals draw", list(UNITS), UNITS.__getitem__)
question = questions.ask(found, name, unit, analyzer)
for note in question.part.notes:
    st.caption(note)

titles = {key: title for key, (title, _) in PARTS.items()}
part = choices.choose_part("evaluation.part", "Part", titles)
PARTS[part][1](question)
clips.selection()
with st.expander("How to read this"):
    st.markdown(parts.HOW_TO_READ)
