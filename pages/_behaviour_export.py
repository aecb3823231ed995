"""Findings to take away: one table, one Parquet file, one page that needs no server."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.behaviour.finding import Finding


def show(findings: "Sequence[Finding]", analyzer: "Analyzer") -> None:
    """Buttons for what a part has found."""
    if not findings:
        return
    part = findings[0].part
    kinds = (
        ("CSV", "csv", "text/csv", partial(to_csv, findings)),
        ("Parquet", "parquet", None, partial(to_parquet, findings)),
        ("Report", "html", "text/html", partial(to_html, findings, analyzer)),
    )
    with st.container(horizontal=True):
        for title, ending, mime, make in kinds:
            st.download_button(
                title,
                make,  # it runs in a thread without a session
                file_name=f"behaviour_{part}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"behaviour_{ending}",
            )


def to_csv(findings: "Sequence[Finding]") -> bytes:
    """All tables below each other, each row with its question."""
    tables = [
        one.table.assign(key=one.key, part=one.part, question=one.question, measure=one.measure)
        for one in findings
    ]
    table = pd.concat(tables, ignore_index=True)
    first = ["part", "key", "question", "measure"]
    return csv_bytes(table[[*first, *table.columns.drop(first)]])


def to_parquet(findings: "Sequence[Finding]") -> bytes:
    """As `ser behave` writes it."""
    from ser_core.behaviour.findings_file import write

    with TemporaryDirectory(prefix="ser-behaviour-") as folder:
        file = Path(folder) / "findings.parquet"
        write(findings, file)
        return file.read_bytes()


def to_html(findings: "Sequence[Finding]", analyzer: "Analyzer") -> bytes:
    """The report of `ser behave`, of these findings."""
    from ser_core.behaviour.report import report

    return report(findings, analyzer.models).encode("utf-8")
