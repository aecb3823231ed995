"""Fusion stages over many clips: the loudest clips of a channel, and which stages matter."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages import _frame as frame
from pages import _jobs as jobs
from pages import _map_rows as map_rows
from pages import _opening as opening
from pages import _resources as resources
from pages import _state as state
from pages._markdown import escape
from ser_core import figures
from ser_core.errors import SerError
from ser_core.maps.sources import data_folder

STEPS = 16  # of integrated gradients: a summary over clips needs no more
_NO_SOUND = (
    "Only its numbers are kept: start the app by `ser app --data FOLDER` with the folder of the "
    "corpora to hear it."
)
_OVER_REFERENCE = (
    "Over the reference set, of the probability of what the model decides for. In “agree” and "
    "“disagree” a written sentence is paired with a recording; in “plain words” the speaker says "
    "a neutral one."
)
_OVER_EXAMPLES = (
    "Over the spoken examples: they are synthetic and few, so this tells something of the network, "
    "and nothing of speech."
)

if TYPE_CHECKING:
    import pandas as pd

    from ser_core.explain.case import Case
    from ser_core.explain.stage_report import Stage
    from ser_core.explain.stage_tables import StageTables
    from ser_core.maps.reference import ReferenceSet
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


def _of_reference(case: "Case") -> "tuple[StageTables, ReferenceSet] | None":
    """What is known of the case's model over the reference set; None for a model made since."""
    from ser_core.maps.reference import find_reference

    folder = find_reference()
    try:
        tables, reference = resources.stage_tables(folder), resources.reference(folder)
    except SerError:
        return None
    found = tables and tables.of(case.checkpoint.name, case.checkpoint.digest)
    return (found, reference) if found else None


def loudest(case: "Case", stage: "Stage") -> None:
    """The three clips in which each of the stage's channels is most active, to be opened."""
    known = _of_reference(case)
    if known is not None:
        _of_channels(stage, *known)
        if data_folder() is not None:
            return
    _examples(case, stage)


def _of_channels(stage: "Stage", tables: "StageTables", reference: "ReferenceSet") -> None:
    rows = {row.id: row for row in map_rows.clip_rows(reference)}
    st.markdown("Reference clips in which these channels are most active; a click opens one:")
    for channel in stage.channels:
        found = tables.loudest(stage.name, channel.number)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"channel {channel.number}", width="content")
            for ident, value in found:
                if ident not in rows:
                    continue
                row = rows[ident]
                silent = row.source.kind == "reference" and row.source.path is None
                st.button(
                    f"{escape(row.title)} ({value:.2f})",
                    key=f"loud_row_{stage.name}_{channel.number}_{ident}",
                    on_click=opening.open_row,
                    args=(row,),
                    disabled=silent,
                    help=_NO_SOUND if silent else None,
                )
    opening.say()


def _examples(case: "Case", stage: "Stage") -> None:
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
    """Which stages matter over the reference set, by group, with intervals.

    Of a model that the set's table does not know, over the spoken examples.
    """
    from ser_core.explain.stage_summary import stage_table, summarise_stages

    known = _of_reference(case)

    def work(report: "Report") -> object:
        if known is not None:
            tables, reference = known
            table = _labelled(tables.stages, reference.rows)
            return summarise_stages(table, by=list(_GROUPS))
        cases = example_cases(case)
        examples = resources.examples()
        labels = [_labels(examples[name]) for name in cases]
        table = stage_table(list(cases.values()), labels, STEPS, report)
        return summarise_stages(table, by=list(labels[0]))

    over = "" if known is not None else case.choice.name
    job = jobs.job("stage_summary", (case.checkpoint.digest, over), work, "Summary over clips")
    unit = "probability" if known is not None else case.choice.unit
    said = _OVER_REFERENCE if known is not None else _OVER_EXAMPLES
    jobs.show(job, lambda found: [_summary(table, unit, said) for table in found])


_GROUPS = ("words and voice", "voice")


def _labelled(stages: "pd.DataFrame", rows: "pd.DataFrame") -> "pd.DataFrame":
    """The table of stages with the groups that each row belongs to."""
    about = rows.set_index("id").reindex(stages["id"])
    voice, said = about["voice"].to_numpy(), about["said"].to_numpy()
    groups = np.where(voice == said, "agree", "disagree")
    groups = np.where(said == "", "plain words", groups)
    groups = np.where((voice == "") | (groups == ""), "unknown", groups)
    voices = np.where(voice == "", "unknown", voice)
    return stages.assign(**dict(zip(_GROUPS, (groups, voices), strict=True)), clip=stages["sound"])


def _labels(example: "Example") -> dict[str, str]:
    known = bool(example.words and example.voice)
    agree = "agree" if example.words == example.voice else "disagree"
    return {
        "words and voice": agree if known else "unknown",
        "words": example.words or "changing",
    }


def _summary(table: "pd.DataFrame", unit: str, caption: str) -> None:
    from ser_core.explain.stage_summary import ALL

    known = table[table["group"] != "unknown"]
    largest = 1.05 * float(known["size_high"].max())
    kinds = [name for name in dict.fromkeys(known["by"]) if name != ALL]
    for number, kind in enumerate(kinds):
        shown = known[known["by"].isin([kind] if number else [ALL, kind])]
        said = "; ".join(
            f"{row['group']}, {row['stage']}: {row['size']:.3f} "
            f"[{row['size_low']:.3f}, {row['size_high']:.3f}]"
            for row in shown.to_dict("records")
        )
        st.markdown(f":small[**By {kind}**]")
        frame.chart(figures.stage_summary(shown, unit, largest), f"stage_summary_{number}", said)
    st.caption(
        "Mean size of each stage's share (integrated gradients), with 95 % bootstrap intervals "
        f"over recordings. {caption}"
    )
