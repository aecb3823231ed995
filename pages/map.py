"""Map: many clips as points, one map a model."""

import streamlit as st

from pages import _frame as frame
from pages import _map_parts as parts
from pages import _map_sets as map_sets
from pages import _opening as opening
from pages import _selected as selected
from pages import _state as state
from pages import _words as words
from ser_core.errors import SerError

variant, analyzer = frame.open_page(
    "Which clips are alike to a model, and in what?",
    "Every point is a clip with its words; clips are close where a layer of a model gives "
    "similar numbers.",
)
asked = st.container(horizontal=True, vertical_alignment="bottom")
with asked.container(width=220):
    clips = map_sets.choose()
reference = map_sets.reference_or_stop(clips)
with asked:
    names, projection = parts.ask(reference)
kept = state.view().kept
try:
    with st.spinner("Placing your clip…"):
        if words.must_listen(variant):
            words.unedited(variant)
        places = parts.locate(reference, [*kept, variant], analyzer)
except SerError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
opening.say()
parts.maps(reference, names, projection, places)
parts.say_places(names, places, kept)

st.subheader("Selected clips", anchor=False)
opening.table(
    selected.selected(),
    "map_selection",
    "No clips are selected: draw around some on a map, or click one to open it.",
)
st.subheader("What the current clip is near to", anchor=False)
if any(name in places[-1] for name in names):
    parts.neighbours(reference, names, places[-1])
else:
    st.info("The current clip has no place on these maps.", icon=":material/wrong_location:")
st.subheader("What do distances here mean, and what not?", anchor=False)
parts.quality(reference, names)
with st.expander("How to read this"):
    st.markdown(parts.MEANING)
