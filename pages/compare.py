"""Compare: one clip, every model side by side."""

from functools import partial

import streamlit as st

from pages import _comparison as comparison
from pages import _frame as frame
from pages import _resources as resources
from pages import _speaker_reference as speaker_reference
from pages import _variants as variants
from pages import _words as words
from ser_core import figures
from ser_core.errors import SerError

variant, analyzer = frame.open_page(
    "What do the words say, and what does the voice?",
    "Five models answer for one clip: by its words, by its voice, and by three ways to use both.",
)
results = frame.place(emptied=frame.is_new(variant, "compare"))
with results(), st.spinner("Recognising the words…"):
    heard = words.unedited(variant)
results = frame.place(emptied=False)
with results():
    words.editor(variant, partial(speaker_reference.control, variant, analyzer))
    try:
        with st.spinner("Asking the models…"):
            analysis = words.analyse(variant, analyzer, relative=True)
            kept = variants.analyses(analyzer, relative=True)
            other, called = comparison.beside(variant, kept, analyzer)
    except SerError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    rows = figures.group_seeds(figures.make_rows(analysis, analyzer.models, other), analyzer.models)
    comparison.verdict(variant, rows, analysis, heard, analyzer)
    comparison.grid(variant, rows, analysis, heard, called)
    if kept:
        variants.show(analysis, kept, analyzer)
    comparison.more(rows, called)
    comparison.exports(variant, [analysis, *kept.values()], analyzer)
resources.warm_up()
