"""Compare: one clip, every model side by side."""

import streamlit as st

from pages import _frame as frame
from pages import _resources as resources
from pages import _words as words
from ser_core import figures
from ser_core.errors import SerError

variant, analyzer = frame.open_page(
    "What do the words say, and what does the voice?",
    "Five models answer for one clip: by its words, by its voice, and by three ways of using both.",
)
below = frame.place(frame.is_new(variant, "compare"))
with below():
    with st.spinner("Recognising the words…"):
        words.editor(variant)
    try:
        with st.spinner("Asking the models…"):
            analysis = words.analyse(variant, analyzer)
    except SerError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    rows = figures.make_rows(analysis, analyzer.models, None)
    st.subheader(figures.agreement(rows), anchor=False)
    frame.chart(figures.category_grid(rows), "categories", "x")
resources.warm_up()
