"""Fusion stages over many clips: the loudest clips of a channel, and which stages matter."""

from typing import TYPE_CHECKING

import streamlit as st

from pages import _frame as frame
from pages import _jobs as jobs
from pages import _resources as resources
from pages import _state as state
from pages._markdown import escape
from ser_core import figures

if TYPE_CHECKING:
    import pandas as pd

    from ser_core.explain.case import Case
    from ser_core.explain.stage_report import Stage
    from ser_core.explain.stage_summary import Labelled
    from ser_core.support.jobs import Report


def example_cases(case: "Case") -> "dict[str, Labelled]":
    """The same question for every spoken example, by id."""
    from ser_core.explain.case import make_case
    from ser_core.explain.stage_summary import Labelled

    return {
        name: Labelled(
            make_case(
                case.analyzer,
                resources.example_clip(name),
                example.transcript,
                case.checkpoint.name,
                case.choice,
            ),
            example.words,
            example.voice,
        )
        for name, example in resources.examples().items()
        if example.transcript
    }


def loudest(case: "Case", stage: "Stage") -> None:
    """The three examples in which each of the stage's channels is most active, to be opened."""
    from ser_core.explain.loudest import loudest as find

    numbers = [channel.number for channel in stage.channels]

    def work(report: "Report") -> object:
        cases = {name: row.case for name, row in example_cases(case).items()}
        return find(cases, stage.name, numbers, progress=report)

    job = jobs.job(
        "loudest", (case.checkpoint.digest, stage.name, tuple(numbers)), work, "Loudest examples"
    )
    jobs.show(job, lambda found: [_clips(one, stage.name) for one in found])


def _clips(found: dict[int, list[tuple[str, float]]], stage: str) -> None:
    known = resources.examples()
    st.markdown("Examples in which these channels are most active; a click opens one:")
    for channel, rows in found.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"channel {channel}", width="content")
            for name, value in rows:
                st.button(
                    f"{escape(known[name].title)} ({value:.2f})",
                    key=f"loud_{stage}_{channel}_{name}",
                    on_click=state.open_example,
                    args=(name,),
                )


def summary(case: "Case") -> None:
    """Which stages matter over all spoken examples, by group, with intervals."""
    from ser_core.explain.stage_summary import effects, summarise

    def work(report: "Report") -> object:
        return summarise(effects(list(example_cases(case).values()), report))

    job = jobs.job(
        "stage_summary", (case.checkpoint.digest, case.choice.name), work, "Summary over examples"
    )

    def show(table: "pd.DataFrame") -> None:
        said = "; ".join(
            f"{row['group']}, {row['stage']}: {row['mean']:.3f} "
            f"[{row['low']:.3f}, {row['high']:.3f}]"
            for row in table.to_dict("records")
        )
        frame.chart(figures.stage_summary(table, case.choice.unit), "stage_summary", said)
        st.caption(
            "Mean size of what the output loses without a stage, over the spoken examples, with "
            "95 % bootstrap intervals over clips. They are synthetic and few: of this network they "
            "tell something, of speech nothing."
        )

    jobs.show(job, lambda found: [show(table) for table in found])
