"""Computations that last, on pages: begun once, watched, cancelled; they survive a change of page.

job = jobs.job("sweep", (clip.digest, settings), work, "What if")
jobs.show(job, draw)      # draw(results) is called while it runs and when it is finished
"""

import contextlib
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from ser_core.support.jobs import Job, Report, State, Status
from ser_core.support.presence import Presence
from ser_core.support.session_jobs import Jobs

T = TypeVar("T")
POLL_S = (0.5, 3.0)  # at first, and for what takes long
AT_ONCE_S = 0.3  # what is finished by then shows its result and no progress
# Asks for the next state only once the last one has been drawn: `run_every` asks all the time, and
# a few tabs on a busy server then wait for ever (tried: load 16, six tabs, no answer in 60 s).
# Its text stays in place while it changes, which is what screen readers listen to.
_WATCH = st.components.v2.component(
    "ser_job_watch",
    html='<div role="status" aria-live="polite"></div>',
    css="div { position: absolute; width: 1px; height: 1px; overflow: hidden; opacity: 0 }",
    js="""export default function ({ data, parentElement, setTriggerValue }) {
        const region = parentElement.querySelector("[role=status]");
        const ask = (delay) => {
            region.timer = setTimeout(() => {
                setTriggerValue("poll", data.tick);
                ask(10000);  // the answer may have been lost
            }, delay);
        };
        if (region.textContent !== data.text) {
            setTimeout(() => { region.textContent = data.text; }, 50);
        }
        clearTimeout(region.timer);
        if (data.poll_s) ask(1000 * data.poll_s);
        return () => clearTimeout(region.timer);
    }""",
)


def job(key: str, settings: Hashable, work: Callable[[Report], Any], label: str) -> Job[Any]:
    """The job of this session with this key and these settings, begun once.

    Args:
        key: what is computed; other settings cancel and replace it.
        settings: all that its results depend on (clips by their digest).
        work: a generator of results or a function with one, see `ser_core.support.jobs`. It runs
            in another thread: nothing of `st` may be used in it.
        label: what is computed, for people, such as "Attribution".
    """
    return _jobs().start(key, settings, work, label)


def show(job: Job[T], render: Callable[[list[T]], None] | None = None) -> None:
    """Progress, time left, place in the queue and Cancel while it runs; then its end.

    Args:
        job: of `job`.
        render: draws the results there are, more of them each time; also after an error or a
            cancellation, if there are any. Widgets in it may be of use only once all are there.
    """
    _jobs().seen()
    if job.wait(max(0.0, AT_ONCE_S - job.age_s)):
        with st.container():  # as a fragment has one: what was there is replaced part by part
            _end(job, render)
    else:
        st.fragment(_poll)(job, render)


def sentence(status: Status) -> str:
    """Where a job stands, in words."""
    if status.cancelling:
        return "ends after this step…"
    if status.state is State.QUEUED:
        jobs = "1 job" if status.ahead == 1 else f"{status.ahead} jobs"
        return f"waits; {jobs} before it" if status.ahead else "waits; next in line"
    if status.progress is None:
        return "begins…"
    done = f"{status.progress:.0%} done"
    return done if status.left_s is None else f"{done}, {time_left(status.left_s)} left"


def time_left(seconds: float) -> str:
    """A duration as exact as an estimate can be."""
    if seconds < 5:
        return "a few seconds"
    if seconds < 20:
        return f"about {seconds:.0f} s"
    if seconds < 90:
        return f"about {5 * round(seconds / 5)} s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.0f} h"


def _poll(job: Job[T], render: Callable[[list[T]], None] | None) -> None:
    _jobs().seen()
    status = job.status()
    if status.finished:
        st.rerun()  # once, of the whole page; it has no fragment any more
    with st.container(horizontal=True, vertical_alignment="center", key=f"job_{job.key}"):
        text = f"{job.label}: {sentence(status)}"
        st.progress(status.progress or 0.0, text)
        st.button(
            "Cancel",
            icon=":material/close:",
            key=f"cancel_{job.key}",
            on_click=job.cancel,
            disabled=status.cancelling,
        )
    shortest, longest = POLL_S
    _watch(job, _quarter(status), min(max(shortest, 0.05 * job.age_s), longest))
    if render is not None:
        render(job.results)


def _end(job: Job[T], render: Callable[[list[T]], None] | None) -> None:
    status, results = job.status(), job.results
    if status.state is State.DONE:
        _watch(job, "done", None)
    else:
        with st.container(horizontal=True, vertical_alignment="center", key=f"job_{job.key}"):
            if status.state is State.FAILED:
                st.error(status.error, icon=":material/error:")
            else:
                at = f" at {status.progress:.0%}" if status.progress else ""
                kept = ": what there was is shown" if results and render else ""
                st.info(f"{job.label}: cancelled{at}{kept}.", icon=":material/cancel:")
            st.button(
                "Try again" if status.state is State.FAILED else "Start again",
                icon=":material/replay:",
                key=f"again_{job.key}",
                on_click=_jobs().forget,
                args=(job,),
            )
    if render is not None and results:
        render(results)


def _watch(job: Job[Any], text: str, poll_s: float | None) -> None:
    """Tell screen readers, and come back after `poll_s` seconds if it is given."""
    data = {"text": f"{job.label}: {text}", "poll_s": poll_s, "tick": job.age_s}
    _WATCH(key=f"watch_{job.key}", data=data, on_poll_change=_nothing)


def _nothing() -> None:
    """The rerun is all that a poll is for."""


def _quarter(status: Status) -> str:
    """A sentence that changes seldom: each change is read aloud."""
    if status.progress is None or status.cancelling:
        return sentence(status)
    return f"{int(4 * status.progress) / 4:.0%} done"


def _jobs() -> Jobs:
    if "jobs" not in st.session_state:
        st.session_state.jobs = Jobs(Presence(_connection()))
    return st.session_state.jobs


def _connection() -> Callable[[], bool] | None:
    """Says whether this session's browser is connected; None where Streamlit cannot tell."""
    with contextlib.suppress(ImportError, AttributeError):
        # Neither is promised to stay; without them a session ends when it has long been idle.
        # The promised way, `st.cache_resource(scope="session", on_release=...)`, tells of every
        # disconnection, and never of the reconnection that follows most of them.
        from streamlit.runtime import exists, get_instance
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        context = get_script_run_ctx()
        if exists() and context is not None:
            is_active, session_id = get_instance().is_active_session, context.session_id
            return lambda: is_active(session_id)
    return None
