"""The test battery: all tests by all models, and the one that is looked into."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd
import streamlit as st

from pages import _behaviour_export as export
from pages import _behaviour_findings as shown
from pages import _choices as choices
from pages import _frame as frame
from pages import _state as state
from pages.components.scroll import scroll_to
from ser_core import figures
from ser_core.behaviour.figure import marks_of

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding

OPTION = "behaviour.test"


def show(findings: Sequence["Finding"], analyzer: "Analyzer") -> None:
    """The overview, then one test."""
    tests = {finding.key: finding for finding in findings}
    tables = {
        key: shown.of_chosen_models(finding.table, analyzer)
        for key, finding in tests.items()
        if finding.tested
    }
    if tables:
        _overview(tests, tables, analyzer)
    if not tests:
        return
    key = choices.choose(OPTION, "Test", list(tests), lambda one: tests[one].question)
    scroll_to(OPTION.replace(".", "_"), st.session_state.get("behaviour_picked", ""))
    shown.one(tests[key], analyzer)
    export.show(findings, analyzer)


def _overview(
    tests: "dict[str, Finding]", tables: dict[str, pd.DataFrame], analyzer: "Analyzer"
) -> None:
    titles, _ = marks_of(list(tables.values()), analyzer.models)
    keys, models = list(tables), list(titles)
    verdicts = {
        (row, column): _verdicts(tables[key], model)
        for row, key in enumerate(keys)
        for column, model in enumerate(models)
    }
    names = [tests[key].question.rstrip("?") for key in keys]

    def picked(cells: list[list[int]]) -> None:
        state.set_option(OPTION, keys[cells[0][0]])
        st.session_state.behaviour_picked = uuid4().hex

    frame.chart(
        figures.overview(names, list(titles.values()), verdicts),
        "behaviour_overview",
        _in_words(names, titles, models, verdicts),
        picked,
    )
    st.caption(
        "How many of its limits a model keeps: all (✓) or not all (✗); “few”: too few examples for "
        "any verdict. Click a cell, or choose a test below."
    )


def _verdicts(table: pd.DataFrame, model: str) -> list[bool | None]:
    found = table.loc[table["model"] == model, "passed"]
    return [bool(one) if pd.notna(one) else None for one in found]


def _in_words(
    names: list[str],
    titles: dict[str, str],
    models: list[str],
    verdicts: dict[tuple[int, int], list[bool | None]],
) -> str:
    said = []
    for row, name in enumerate(names):
        failed = [
            titles[model] for column, model in enumerate(models) if False in verdicts[row, column]
        ]
        said.append(f"{name}: {'failed by ' + ', '.join(failed) if failed else 'failed by none'}")
    return "; ".join(said)
