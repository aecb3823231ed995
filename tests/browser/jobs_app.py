"""Two pages with jobs whose steps a test lets go one by one: what the browser tests drive.

`SER_TEST_FOLDER` holds `allowed`, the number of steps that may be taken, and gets `events.txt`.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import streamlit as st
import torch

from pages import _jobs as jobs
from ser_core.errors import SerError
from ser_core.support import presence
from ser_core.support.forward_queue import in_order
from ser_core.support.jobs import Report

FOLDER = Path(os.environ["SER_TEST_FOLDER"])
STEPS = 10
presence.GRACE_S = 1.0


def note(event: str) -> None:
    with (FOLDER / "events.txt").open("a") as file:
        file.write(event + "\n")


def allowed() -> int:
    return int((FOLDER / "allowed").read_text() or 0)


def sweep(report: Report, factor: float) -> Iterator[dict[str, float]]:
    note(f"begin {factor}")
    try:
        for step in range(STEPS):
            report(step / STEPS)
            while allowed() <= step:
                report(step / STEPS)
                time.sleep(0.01)
            if factor == 3:
                raise SerError("A factor of three is too much: choose a smaller one.")
            mean = in_order(lambda step=step: float((torch.ones(256, 256) * step * factor).mean()))
            yield {"step": step, "mean": mean}
    finally:
        note(f"end {factor}")


def draw(results: list[dict[str, float]]) -> None:
    note(f"draw {len(results)}")
    st.write(f"{len(results)} results")
    if results:
        st.line_chart(results, x="step", y="mean", height=150)


def first() -> None:
    note("run")
    st.title("What changes the answer?", anchor=False)
    st.text_input("Anything", key="anything")
    factor = st.radio("Factor", [1, 2, 3], key="factor", horizontal=True, persist_state="session")
    job = jobs.job("sweep", factor, lambda report: sweep(report, factor), "What if")
    jobs.show(job, draw)
    st.caption("Below the job")


def second() -> None:
    st.title("Another page", anchor=False)


st.set_page_config(layout="wide")
st.navigation(
    [st.Page(first, title="First", default=True), st.Page(second, title="Second")], position="top"
).run()
