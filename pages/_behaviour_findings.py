"""Findings on the page: the question, one figure, what it shows and does not, the table."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages import _behaviour_export as export
from pages import _choices as choices
from pages import _frame as frame
from pages import _words as words
from pages._markdown import escape
from ser_core import figures
from ser_core.behaviour.figure import figure, marks_of

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding

ALL = "all"
MOST = 10  # cases of one figure at first


def show(findings: Sequence["Finding"], analyzer: "Analyzer") -> None:
    """All of them, one below the other, or the one that is asked for."""
    questions = {finding.key: finding.question for finding in findings}
    asked = ALL
    if len(findings) > 1:
        asked = choices.choose(
            "behaviour.question",
            "Question",
            [ALL, *questions],
            lambda key: titled(questions.get(key, f"all {len(questions)} questions"), analyzer),
        )
    for finding in findings:
        if asked in (ALL, finding.key):
            one(finding, analyzer)
    export.show(findings, analyzer)


def one(finding: "Finding", analyzer: "Analyzer") -> None:
    """One question with its answer."""
    question, shows, not_shown = (
        titled(text, analyzer) for text in (finding.question, finding.shows, finding.not_shown)
    )
    st.subheader(escape(question), anchor=False)
    st.markdown(escape(shows))
    table = of_chosen_models(finding.table, analyzer)
    drawn = replace(finding, table=table[table["case"].isin(_cases(finding, table))])
    if (drawing := figure(drawn, analyzer.models)) is not None:
        frame.chart(drawing, f"behaviour_{finding.key}", shows)
    notes = " ".join(titled(note, analyzer) for note in finding.notes)
    st.caption(f"What this does not show: {escape(not_shown)} {escape(notes)}")
    if not len(table):
        return
    with st.expander("As a table"):
        st.dataframe(
            _for_people(table, analyzer),
            hide_index=True,
            column_config=_columns(table),
            key=f"behaviour_table_{finding.key}",
        )


def _cases(finding: "Finding", table: pd.DataFrame) -> list[str]:
    """The cases to draw: all, or of many those that the user picks, at first the worst ones."""
    cases = list(dict.fromkeys(table["case"]))
    if len(cases) <= MOST:
        return cases
    worst = cases
    if finding.tested:
        failed = table["passed"].map(lambda one: pd.notna(one) and not one)
        counts = failed.groupby(table["case"]).sum()
        worst = sorted(cases, key=lambda case: -counts[case])
    first = [case for case in cases if case in worst[:MOST]]
    asked = st.multiselect(
        f"Cases drawn, of {len(cases)}", cases, first, key=f"behaviour_cases_{finding.key}"
    )
    return asked or first


def titled(text: str, analyzer: "Analyzer") -> str:
    """A sentence with the models' titles in place of their names."""
    names = "|".join(re.escape(name) for name in analyzer.models)
    return re.sub(rf"\b({names})\b", lambda found: analyzer.models[found[0]].title, text)


def of_chosen_models(table: pd.DataFrame, analyzer: "Analyzer") -> pd.DataFrame:
    """Rows of the models that pages show, and of what is no model."""
    shown = words.chosen_models(analyzer)
    if shown is None:
        return table
    hidden = [name for name in analyzer.models if name not in shown]
    return table[~table["model"].isin(hidden)]


def _for_people(table: pd.DataFrame, analyzer: "Analyzer") -> pd.DataFrame:
    shown = table.assign(model=table["model"].map(marks_of([table], analyzer.models)[0]))
    if "passed" in shown:
        verdict = [figures.verdict(bool(one) if pd.notna(one) else None) for one in shown["passed"]]
        shown["passed"] = verdict
    return shown


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {
        name: st.column_config.NumberColumn(format="%.3f")
        for name in table.select_dtypes("float").columns
    }
