"""Attribution: what in the voice, and which words, raised or lowered an output."""

import streamlit as st

from pages import _attribution_parts as parts
from pages import _explaining as explaining
from pages import _frame as frame
from pages import _jobs as jobs
from pages import _shares as shares
from pages import _trust as trust
from pages import _words as words

variant, analyzer = frame.open_page(
    "What in the voice and in the words made a model say so?",
    "Colours show what raised one output of one model, and what lowered it. They explain the "
    "model, not the person.",
)
if words.must_listen(variant):
    with st.spinner("Recognising the words…"):
        words.unedited(variant)
asked, method = parts.ask(variant, analyzer)
with frame.place(frame.is_new(variant, "attribution"))():
    cases = [explaining.case_or_stop(one, analyzer) for one in asked]
    settings = tuple(one.settings for one in asked)
    names = tuple(case.choice.name for case in cases)
    explaining_job = jobs.job(
        "attribution",
        (settings, names, method),
        lambda report: parts.explain(cases, method, report),
        "Attribution",
    )
    jobs.show(explaining_job, lambda found: parts.axes(cases, found, variant))

    st.subheader("How much is voice, how much is words?", anchor=False)
    without = shares.ask()
    shares_job = jobs.job(
        "shares",
        (settings, names, without),
        lambda report: shares.compute(cases, without, report),
        "Shares of voice and words",
    )
    jobs.show(shares_job, lambda found: shares.show(cases, found))

    explanations = explaining_job.results
    with st.expander("Can you trust it?", on_change="rerun", key="trust") as trusting:
        if trusting.open and len(explanations) == len(cases):
            checks = jobs.job(
                "trust",
                (settings, names, method),
                lambda report: trust.check(cases, explanations, report),
                "Checks",
            )
            jobs.show(checks, lambda found: trust.show(cases, found))
    with st.expander("How to read this"):
        st.markdown(parts.HOW_TO_READ)
    parts.exports(cases, explanations, shares_job.results, variant)
