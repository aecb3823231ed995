"""Findings on the page: the question, one figure, what it shows and does not, the table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from pages import _frame as frame
from pages import _words as words
from pages._model_marks import model_marks
from ser_core import figures
from ser_core.figures.verdicts import label

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding


def show(findings: Sequence["Finding"], analyzer: "Analyzer") -> None:
    """All of them, one below the other."""
    for finding in findings:
        one(finding, analyzer)


def one(finding: "Finding", analyzer: "Analyzer") -> None:
    """One question with its answer."""
    st.subheader(finding.question, anchor=False)
    table = of_chosen_models(finding.table, analyzer)
    if len(table):
        frame.chart(_figure(finding, table, analyzer), f"behaviour_{finding.key}", finding.shows)
    st.markdown(finding.shows)
    st.caption(f"What this does not show: {finding.not_shown}")
    for note in finding.notes:
        st.caption(note)
    with st.expander("As a table"):
        st.dataframe(
            _for_people(table, analyzer),
            hide_index=True,
            column_config=_columns(table),
            key=f"behaviour_table_{finding.key}",
        )


def of_chosen_models(table: pd.DataFrame, analyzer: "Analyzer") -> pd.DataFrame:
    """Rows of the models that pages show, and of what is no model."""
    shown = words.chosen_models(analyzer)
    if shown is None:
        return table
    hidden = [name for name in analyzer.models if name not in shown]
    return table[~table["model"].isin(hidden)]


def marks_of(tables: Sequence[pd.DataFrame], analyzer: "Analyzer") -> tuple[dict, dict]:
    """Titles and styles of the models in some tables, see `model_marks`."""
    names = {str(name) for table in tables for name in table["model"]}
    models = analyzer.models
    beside = {name for name in names if name not in models or models[name].reference}
    return model_marks(analyzer, names, beside if names - beside else ())


def _figure(finding: "Finding", table: pd.DataFrame, analyzer: "Analyzer"):  # noqa: ANN202
    titles, styles = marks_of([table], analyzer)
    cases = list(dict.fromkeys(table["case"]))
    series, verdicts = [], []
    for name, title in titles.items():
        of = table[table["model"] == name].drop_duplicates("case").set_index("case").reindex(cases)
        numbers = (of[column].to_numpy(float) for column in ("value", "low", "high"))
        series.append(figures.Series(title, styles[name], *numbers))
        if finding.tested:
            chance = pd.to_numeric(of["random"], errors="coerce").to_numpy(float)
            passed = [bool(one) if pd.notna(one) else None for one in of["passed"]]
            verdicts.append(figures.Verdicts(_thresholds(of["limit"]), chance, passed))
    rows = [label(case) for case in cases]
    if finding.tested:
        return figures.tested(rows, series, verdicts, finding.measure)
    return figures.intervals(rows, series, finding.measure)


def _thresholds(limits: pd.Series) -> np.ndarray:
    """The numbers of limits such as "> 0.5"; NaN where there is none."""
    found = limits.astype(str).str.extract(r"(-?\d*\.?\d+)", expand=False)
    return pd.to_numeric(found, errors="coerce").to_numpy(float)


def _for_people(table: pd.DataFrame, analyzer: "Analyzer") -> pd.DataFrame:
    titles, _ = marks_of([table], analyzer)
    shown = table.assign(model=table["model"].map(titles))
    if "passed" in shown:
        verdict = [figures.verdict(bool(one) if pd.notna(one) else None) for one in shown["passed"]]
        shown["passed"] = verdict
    return shown


def _columns(table: pd.DataFrame) -> dict[str, object]:
    return {
        name: st.column_config.NumberColumn(format="%.3f")
        for name in table.select_dtypes("float").columns
    }
