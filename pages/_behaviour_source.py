"""What the findings are of: the shipped test sets, or clips of the user's own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages import _explaining as explaining
from pages import _jobs as jobs
from pages import _own_sets as own_sets
from pages import _resources as resources
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding

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
            chosen = explaining.choose("behaviour.source", "Look at", offered, TITLES.__getitem__)
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
        most = explaining.choose("behaviour.clips", "At most", CLIPS, "{} clips".format)
    if name == own_sets.UPLOAD:
        own_sets.ask_upload()
    corpus, load = own_sets.corpus_of(name)

    def show(part: str, draw: Draw) -> None:
        settings = (own_sets.key_of(name), most, part, tuple(analyzer.models))
        asked: set[object] = st.session_state.setdefault("behaviour_asked", set())
        if settings not in asked:
            st.button(
                "Try these clips",
                icon=":material/play_arrow:",
                key="behaviour_try",
                on_click=asked.add,
                args=(settings,),
            )
            st.caption(f"All models answer for at most {most} clips of {own_sets.title(name)}.")
            return
        from ser_core.behaviour.run import run

        job = jobs.job(
            f"behaviour_{part}",
            settings,
            lambda report: run(
                analyzer,
                corpus=corpus,
                load=load,
                parts=(part,),
                clips=int(most),
                progress=report,
            ),
            "Behaviour",
        )
        jobs.show(job, draw)

    return show
