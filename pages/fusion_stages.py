"""Fusion stages: where the words enter a network, and what they do there."""

import streamlit as st

from pages import _explaining as explaining
from pages import _frame as frame
from pages import _jobs as jobs
from pages import _stage_clips as clips
from pages import _stages as stages
from pages import _words as words

variant, analyzer = frame.open_page(
    "Where do the words enter the network, and what do they do there?",
    "A fusion model hears the voice through six blocks, and the words shift what they give: how "
    "much, and to what effect?",
)
with frame.place(frame.is_new(variant, "fusion_stages"))():
    with st.spinner("Recognising the words…"):
        said = words.as_they_stand(variant)
    if not said.usable(variant.accepted):
        st.info(
            "Without words no stage is conditioned: type some on Compare, or accept those heard.",
            icon=":material/edit_note:",
        )
        st.stop()
    asked = stages.ask(variant, analyzer)
    cases = [explaining.case_or_stop(one, analyzer) for one in asked]
    settings = tuple(
        (one.settings, case.choice.name) for one, case in zip(asked, cases, strict=True)
    )
    report = jobs.job(
        "stages", settings, lambda report: stages.reports(cases, report), "Fusion stages"
    )
    jobs.show(report, lambda found: stages.show(cases, found))

    st.subheader("What if the words counted less, or more, at a stage?", anchor=False)
    stages.sliders(cases[0])

    st.subheader("The channels that the words move most", anchor=False)
    if len(report.results) == len(cases):
        stages.channels(cases[0], report.results[0], variant)
    with st.expander(
        "Which stages matter, over many clips?", on_change="rerun", key="summary"
    ) as over_examples:
        if over_examples.open:
            clips.summary(cases[0])
    with st.expander("How to read this"):
        st.markdown(stages.HOW_TO_READ)
    if len(report.results) == len(cases):
        stages.exports(cases, report.results, variant)
