"""Groups and speakers: a figure for each slice, the largest gap, and the random model beside it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from pages import _choices as choices
from pages import _frame as frame
from pages import _jobs as jobs
from pages._evaluation_question import RATERS, Question, numbers
from pages._markdown import escape
from ser_core import figures

if TYPE_CHECKING:
    from ser_core.evaluation.slices import Sliced

LEASTS = ("20", "5", "50", "100")


def show(question: Question) -> None:
    """Ask for a column and a figure, and show the slices."""
    from ser_core.evaluation.measured import FIGURES, can_measure
    from ser_core.evaluation.slices import columns, slice_by

    part = question.part
    models = [name for name in question.titles if name != RATERS]
    measured = [f for f in FIGURES if any(can_measure(part, name, f) for name in models)]
    sensitive = st.session_state.get("evaluation_sensitive", False)
    by = columns(part.rows, sensitive=True)
    asked = [name for name in by if sensitive or name in columns(part.rows)]
    if not measured or not asked:
        st.info(
            "These clips cannot be sliced: there are no labels, or no column has two values with "
            "enough clips."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = [name for name in ("sex", *asked) if name in asked]
        column = choices.choose("evaluation.column", "Slice by", list(dict.fromkeys(start)), str)
        figure = choices.choose("evaluation.figure", "Figure", measured, str)
        least = choices.choose("evaluation.least", "At least", list(LEASTS), "{} clips".format)
    if len(by) > len(columns(part.rows)):
        st.toggle("Also offer columns of race and ethnicity", key="evaluation_sensitive")
    able = [name for name in models if can_measure(part, name, figure)]
    job = jobs.job(
        "evaluation_slices",
        (*question.key, column, figure, least),
        lambda report: slice_by(
            part, able, column, figure, unit=question.unit, least=int(least), progress=report
        ),
        "Slices",
    )
    jobs.show(
        job, lambda done: [_slices(question, one, column, figure, int(least)) for one in done]
    )


def _slices(
    question: Question, found: "dict[str, Sliced]", column: str, figure: str, least: int
) -> None:
    from ser_core.evaluation.measured import FIGURES

    models = list(found)
    slices = found[models[0]].slices
    shown = [k for k, one in enumerate(slices) if one.interval is not None]
    few = [f"{one.value} ({one.n})" for one in slices if one.interval is None]
    if shown:
        labels = [f"{slices[k].value}<br>{slices[k].n:,} clips" for k in shown]
        series = []
        for name in models:
            of = [found[name].slices[k].interval for k in shown]
            columns = ([getattr(i, c) for i in of] for c in ("value", "low", "high"))
            series.append(
                figures.Series(
                    question.titles[name], question.styles[name], *(np.array(c) for c in columns)
                )
            )

        def picked(data: list[list[int]]) -> None:
            one = slices[shown[data[0][0]]]
            question.pick(one.rows, f"{column}: {one.value}")

        frame.chart(
            figures.intervals(labels, series, f"{figure}: {FIGURES[figure]}"),
            "evaluation_slices",
            "; ".join(
                f"{slices[k].value}, {question.titles[n]}: {found[n].slices[k].interval}"
                for k in shown
                for n in models
            ),
            picked,
        )
    if few:
        st.caption(f"Without a figure, for fewer than {least} labelled clips: {', '.join(few)}.")
    if any(one.speakers == 1 for one in slices) and question.unit == "speakers":
        st.caption("A group with one speaker has no interval over speakers.")
    _gaps(question, found, column, figure)


def _gaps(question: Question, found: "dict[str, Sliced]", column: str, figure: str) -> None:
    gaps = {name: of.gap for name, of in found.items() if of.gap is not None}
    if not gaps:
        st.info(f"There is no gap to measure: fewer than two groups of {column} have enough clips.")
        return
    st.subheader("The largest gap, beside a random model", anchor=False)
    table = pd.DataFrame(
        {
            "model": question.titles[name],
            "highest": gap.high,
            "lowest": gap.low,
            "gap": gap.interval.value,
            "low": gap.interval.low,
            "high": gap.interval.high,
            "random, 95 %": gap.random,
            "random, largest": gap.random_max,
            "names shuffled, 95 %": gap.shuffled,
            "p": gap.p,
        }
        for name, gap in gaps.items()
    )
    numbers(table, "gaps")
    beyond = {name: gap for name, gap in gaps.items() if gap.beyond_random}
    for name, gap in beyond.items():
        st.markdown(
            f":material/warning: **{escape(question.titles[name])}**: {figure} is "
            f"{gap.interval.value:.3f} higher for {escape(gap.high)} than for {escape(gap.low)}, "
            f"more than for any random model of the same group sizes ({gap.random_max:.3f}). With "
            f"the groups' names shuffled, a gap as large comes up in {100 * gap.p:.1f} % of draws."
        )
    if not beyond:
        st.markdown(
            "No gap is larger than that of every random model of the same group sizes: groups as "
            "small as these differ so much by chance."
        )
    over = "speakers" if next(iter(gaps.values())).by_speaker else "clips"
    st.caption(
        "Shows whether a model does worse for some, and not why: groups may differ in what they "
        f"say, or in how they were recorded. “Names shuffled” deals the groups out anew over "
        f"{over}, 1,000 times; p is the share of these with a gap as large. Who looks at many "
        "groups and figures finds some small p by chance."
    )
