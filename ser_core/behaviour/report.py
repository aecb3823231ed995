"""Findings as one self-contained HTML file: the tests passed and failed, then each question."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.behaviour.figure import figure
from ser_core.behaviour.finding import PARTS, Finding
from ser_core.explain.page import document, figure_html, heading
from ser_core.figures import verdict
from ser_core.models.checkpoint import Checkpoint
from ser_core.support.atomic import write_whole

_CSS = """
table { border-collapse: collapse; font-size: 14px; margin: .5rem 0 1rem; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #ddd; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.part { font-size: 1.5rem; margin-top: 3rem; }
.failed { font-weight: 700; }
"""
_TITLE = "How the models behave"


def write_report(
    path: Path,
    findings: Sequence[Finding],
    models: Mapping[str, Checkpoint],
    notes: Sequence[str] = (),
) -> None:
    """Write `report`. Raises SerError where the file cannot be written."""
    write_whole(path, report(findings, models, notes))


def report(
    findings: Sequence[Finding], models: Mapping[str, Checkpoint], notes: Sequence[str] = ()
) -> str:
    """The page.

    Args:
        findings: of any parts.
        models: that they are of, by name.
        notes: sentences on what they were made from.
    """
    digests = ", ".join(f"{name} {one.digest[:12]}" for name, one in models.items())
    content = [f'<p class="note">{escape(note)}</p>' for note in (*notes, f"Models: {digests}.")]
    content.append(_summary([one for one in findings if one.tested]))
    for part, title in PARTS.items():
        of_part = [one for one in findings if one.part == part]
        if of_part:
            content.append(f'<h2 class="part" id="{part}">{escape(title)}</h2>')
            content += [_section(one, models) for one in of_part]
    return document(_TITLE, "".join(content), _CSS)


def _summary(findings: Sequence[Finding]) -> str:
    """Tests by models: how many of a test's cases each model passes."""
    if not findings:
        return ""
    names = list(dict.fromkeys(str(name) for one in findings for name in one.table["model"]))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = []
    for one in findings:
        cells = "".join(_cell(one.table, name) for name in names)
        link = f'<a href="#{one.key}">{escape(one.question)}</a>'
        rows.append(f"<tr><td>{link}</td>{cells}</tr>")
    text = "Cases passed of those with enough examples; bold where one or more fail."
    return (
        heading("Passed and failed", text)
        + f'<div class="scroll"><table><tr><th>Test</th>{head}</tr>{"".join(rows)}</table></div>'
    )


def _cell(table: pd.DataFrame, model: str) -> str:
    given = [bool(one) for one in table.loc[table["model"] == model, "passed"] if pd.notna(one)]
    if not given:
        return '<td class="number">–</td>'
    kind = "number" if all(given) else "number failed"
    return f'<td class="{kind}">{sum(given)} of {len(given)}</td>'


def _section(one: Finding, models: Mapping[str, Checkpoint]) -> str:
    drawn = figure(one, models)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in one.notes)
    return (
        f'<div id="{escape(one.key)}">{heading(one.question, one.shows)}'
        + ("" if drawn is None else figure_html(drawn))
        + f'<p class="note">Not shown: {escape(one.not_shown)}</p>{notes}'
        + f"<details><summary>As a table</summary>{_table(one.table)}</details></div>"
    )


def _table(table: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(name))}</th>" for name in table.columns)
    rows = [
        "<tr>" + "".join(_value(name, of[name]) for name in table.columns) + "</tr>"
        for of in table.to_dict("records")
    ]
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _value(column: object, value: object) -> str:
    if column == "passed":
        return f"<td>{verdict(None if pd.isna(value) else bool(value))}</td>"  # type: ignore[call-overload]
    if isinstance(value, float):
        return f'<td class="number">{"–" if np.isnan(value) else f"{value:.3f}"}</td>'
    kind = ' class="number"' if isinstance(value, int) else ""
    return f"<td{kind}>{escape(str(value))}</td>"
