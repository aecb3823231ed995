"""Compare: one clip, every model side by side."""

import streamlit as st

from pages import _resources as resources
from pages import _results as results
from pages import _state as state
from pages import _widgets as widgets
from ser_core import figures
from ser_core.errors import SerError

st.title("What do the words say, and what does the voice?", anchor=False)
st.caption(widgets.CAVEAT)

# The clip and its words
left, right = st.columns([2, 3], gap="large")
with left:
    now = widgets.choose_clip()
    if now is None:
        st.stop()
    widgets.show_clip(now)
    listening = state.must_listen(now)  # for seconds, in which the last clip's may not be seen
    script = widgets.place(listening)
below = widgets.place(listening)
with script():
    analyzer = widgets.load_analyzer()
with right:
    widgets.sound(now)
with script():
    first, words = widgets.edit_words(now)

# What the models say; the grid stands above the control that changes it
with below():
    verdict, grid = st.container(), st.container()
    plane_side, number_side = st.columns([2, 3], gap="large")
with number_side:
    weight = results.late_weight(analyzer, words)
try:
    with grid, st.spinner("Asking the models…"):
        analysis = analyzer.analyze(now.clip, words, late_weight=weight)
        unedited = analyzer.analyze(now.clip, first, late_weight=weight)
except SerError as error:
    grid.error(str(error), icon=":material/error:")
    st.stop()
pinned = state.pinned()
before = unedited if words != first else None
earlier = "before the edit" if words.has_text else "with the words"
other, called = (pinned.analysis, "pinned") if pinned else (before, earlier)
rows = figures.make_rows(analysis, analyzer.models, other)

with verdict:
    results.verdict(now, analysis, figures.agreement(rows), called if other else "")
categories, dimensions = grid.columns([4, 3], gap="medium")
with categories:
    widgets.chart(
        figures.category_grid(rows, compared=called),
        "categories",
        f"Probability of each category by model. {figures.agreement(rows)}",
    )
with dimensions:
    widgets.chart(
        figures.dimension_grid(rows, compared=called),
        "dimensions",
        "Arousal, valence and dominance by model",
    )
with plane_side:
    widgets.chart(
        figures.plane(rows, compared=called),
        "plane",
        "The models as points on the plane of valence and arousal",
    )
with number_side:
    results.numbers(analysis, pinned, analyzer)

state.publish_link(now, first)
resources.warm_up()
