"""What if: one thing about the clip changes, and every model's answers follow."""

import streamlit as st

from pages import _choices as choices
from pages import _frame as frame
from pages import _lab as lab
from pages import _resources as resources
from pages import _sweeps as sweeps
from pages import _words as words

PARTS = {
    "sound": ":material/graphic_eq: Change the sound",
    "words": ":material/edit: Change the words",
    "conflict": ":material/grid_on: Words against voices",
    "voice": ":material/record_voice_over: Voice lab",
}

variant, analyzer = frame.open_page(
    "What if it were noisier, faster, or said in other words?",
    "One thing changes step by step, and every model answers at every step: where does it flip?",
)
part = choices.choose_part("what_if.part", "What changes", PARTS)
with frame.place(frame.is_new(variant, "what_if"))():
    if part != "voice":
        with st.spinner("Recognising the words…"):
            words.unedited(variant)
    if part == "sound":
        sweeps.show(variant, analyzer)
    elif part == "words":
        lab.edits(variant, analyzer)
    elif part == "conflict":
        lab.conflict(variant, analyzer)
    else:
        lab.voice()
resources.warm_up()
