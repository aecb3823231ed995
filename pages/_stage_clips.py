"""Fusion stages over many clips: the loudest clips of a channel, and which stages matter."""

from typing import TYPE_CHECKING

import streamlit as st

from pages import _frame as frame
from pages import _jobs as jobs
from pages import _resources as resources
from pages import _state as state
from pages._markdown import escape
from ser_core import figures

STEPS = 16  # of integrated gradients: a summary over clips needs no more

if TYPE_CHECKING:
    import pandas as pd

    from ser_core.explain.case import Case
    from ser_core.explain.stage_report import Stage
    from ser_core.support.jobs import Report
    from ser_core.synthesis.examples import Example


def example_cases(case: "Case") -> "dict[str, Case]":
    """The same question for every spoken example, by id."""
    from ser_core.explain.case import make_case

    return {
        name: make_case(
            case.analyzer,
            resources.example_clip(name),
            example.transcript,
            case.checkpoint.name,
            case.choice,
        )
        for name, example in resources.examples().items()
        if example.transcript
    }


def loudest(case: "Case", stage: "Stage") -> None:
    """The three examples in which each of the stage's channels is most active, to be opened."""
    from ser_core.explain.loudest import loudest as find

    numbers = [channel.number for channel in stage.channels]

    def work(report: "Report") -> object:
        return find(example_cases(case), stage.name, numbers, progress=report)

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
    from ser_core.explain.stage_summary import stage_table, summarise_stages

    def work(report: "Report") -> object:
        cases = example_cases(case)
        known = resources.examples()
        labels = [_labels(known[name]) for name in cases]
        table = stage_table(list(cases.values()), labels, STEPS, report)
        return summarise_stages(table, by=list(labels[0]))

    job = jobs.job(
        "stage_summary", (case.checkpoint.digest, case.choice.name), work, "Summary over examples"
    )
    jobs.show(job, lambda found: [_summary(table, case.choice.unit) for table in found])


def _labels(example: "Example") -> dict[str, str]:
    known = bool(example.words and example.voice)
    agree = "agree" if example.words == example.voice else "disagree"
    return {
        "words and voice": agree if known else "unknown",
        "words": f"{example.words or 'changing'} words",
    }


def _summary(table: "pd.DataFrame", unit: str) -> None:
    shown = table[table["group"] != "unknown"]
    said = "; ".join(
        f"{row['group']}, {row['stage']}: {row['size']:.3f} "
        f"[{row['size_low']:.3f}, {row['size_high']:.3f}]"
        for row in shown.to_dict("records")
    )
    frame.chart(figures.stage_summary(shown, unit), "stage_summary", said)
    st.caption(
        "Mean size of each stage's share (integrated gradients) over the spoken examples, with "
        "95 % bootstrap intervals over clips. They are synthetic and few: this tells something of "
        "the network, and nothing of speech."
    )
