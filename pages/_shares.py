"""How much of an output is voice, and how much is words."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages import _choices as choices
from pages import _explaining as explaining
from pages import _frame as frame
from ser_core import figures

if TYPE_CHECKING:
    from ser_core.explain.case import Case
    from ser_core.explain.shares import Shares
    from ser_core.support.jobs import Report

WITHOUT_VOICE = {"background": "16 other voices", "silence": "silence"}
WITHOUT_WORDS = {
    "background": "16 other sentences",
    "none": "no words at all",
    "masked": "masked words",
}


def ask() -> tuple[str, str]:
    """What stands in for a left out voice, and for left out words."""
    grid = st.grid("auto", min_column_width=150)
    with grid.cell():
        voice = choices.choose(
            "shares.voice", "Without the voice", list(WITHOUT_VOICE), WITHOUT_VOICE.__getitem__
        )
    with grid.cell():
        words = choices.choose(
            "shares.words", "Without the words", list(WITHOUT_WORDS), WITHOUT_WORDS.__getitem__
        )
    return voice, words


def compute(
    cases: "Sequence[Case]", without: tuple[str, str], report: "Report"
) -> "Iterator[Shares]":
    """The shares of each case.

    Args:
        without: from `ask`.
    """
    from ser_core.explain.shares import modality_shares

    for number, case in enumerate(cases):
        yield modality_shares(case, *without, progress=explaining.part(report, number, len(cases)))


def show(cases: "Sequence[Case]", found: "Sequence[Shares]") -> None:
    """Each case's shares as a waterfall, on one scale."""
    span = figures.common_span([(one.to_dict(), one.sd) for one in found])
    columns = st.columns(len(cases), gap="medium")
    for number, (column, case, one) in enumerate(zip(columns, cases, found, strict=False)):
        with column:
            parts = one.to_dict()
            values = ", ".join(f"{name} {value:+.3f}" for name, value in parts.items())
            frame.chart(
                figures.share_bars(parts, one.value, one.sd, one.unit, span),
                f"shares_{number}",
                f"{explaining.title(case)}: {values}, together {one.value:.3f}",
            )
