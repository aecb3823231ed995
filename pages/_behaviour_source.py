"""What the findings are of: the shipped test sets, or clips of the user's own."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages import _choices as choices
from pages import _jobs as jobs
from pages import _own_sets as own_sets
from pages import _resources as resources
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding
    from ser_core.corpora.table import Corpus
    from ser_core.evaluation.predictions import Predictions

SHIPPED, OWN = "shipped", "own"
TITLES = {SHIPPED: "the shipped test sets", OWN: "labelled clips of my own"}
CLIPS = ("50", "200", "1000")
Draw = Callable[[Sequence["Finding"]], None]
Show = Callable[[str, Draw], None]


def choose(analyzer: "Analyzer") -> Show:
    """Ask for a source; what is returned draws its findings of a part, as they come."""
    file = resources.reference_file("behaviour.parquet")
    offered = [*([SHIPPED] if file else []), OWN]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=240):
            chosen = choices.choose("behaviour.source", "Look at", offered, TITLES.__getitem__)
        try:
            if chosen == OWN:
                return _own(analyzer)
            assert file is not None
            return _shipped(file, analyzer)
        except SerError as error:
            st.error(str(error), icon=":material/error:")
            st.stop()


def _shipped(file: Path, analyzer: "Analyzer") -> Show:
    found, made_by = resources.findings(file)

    def show(part: str, draw: Draw) -> None:
        changed = [
            analyzer.models[name].title
            for name, digest in made_by.items()
            if name in analyzer.models and analyzer.models[name].digest != digest
        ]
        if changed:
            st.warning(
                f"{', '.join(changed)} changed since these findings were made: make them anew "
                "with `ser behave`.",
                icon=":material/history:",
            )
        of_part = [finding for finding in found if finding.part == part]
        if of_part:
            draw(of_part)
        else:
            st.info(
                "The shipped file has no findings of this part: look at labelled clips of your "
                "own, or make it anew with `ser behave`.",
                icon=":material/psychology:",
            )

    return show


def _own(analyzer: "Analyzer") -> Show:
    """A set of the user's own: each part is a job of its own, begun by a button."""
    with st.container(width=240):
        name = own_sets.choose("Which")
    with st.container(width=160):
        most = choices.choose("behaviour.clips", "At most", CLIPS, "{} clips".format)
    if name == own_sets.UPLOAD:
        own_sets.ask_upload()
    corpus, load = own_sets.corpus_of(name, tests_only=True)
    settings = (own_sets.key_of(name), most, tuple(analyzer.models))

    def predict(report: jobs.Report) -> "Iterator[tuple[Corpus, Predictions]]":
        from ser_core.behaviour.battery.clips import choose
        from ser_core.evaluation.labelled import predict_corpus

        chosen = choose(corpus, int(most))
        yield chosen, predict_corpus(analyzer, chosen, progress=report, load=load)

    def find(
        part: str, given: "tuple[Corpus, Predictions]", report: jobs.Report
    ) -> "Iterator[Finding]":
        from ser_core.behaviour.run import run

        chosen, predictions = given
        return run(
            analyzer,
            predictions=predictions,
            corpus=chosen,
            parts=(part,),
            load=load,
            progress=report,
        )

    def show(part: str, draw: Draw) -> None:
        if not own_sets.begun("behaviour_try", settings, "Try these clips"):
            st.caption(
                f"All models answer for at most {most} of these clips; then each part is computed "
                "when you choose it."
            )
            return
        predicting = jobs.job("behaviour_predict", settings, predict, "Predictions")
        jobs.show(predicting)
        if predicting.results:
            given = predicting.results[0]
            for note in given[1].notes:
                st.caption(note)
            work = partial(find, part, given)
            jobs.show(jobs.job("behaviour_part", (*settings, part), work, "Behaviour"), draw)

    return show
