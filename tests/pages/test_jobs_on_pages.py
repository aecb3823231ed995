import threading
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages import _jobs
from ser_core.errors import SerError
from ser_core.support.jobs import Job, Report, State, Status

WAIT_S = 30.0


def page() -> None:
    import streamlit as st

    from pages import _jobs

    calls = st.session_state["calls"]
    factor = st.number_input("Factor", 1, 9, 1, key="factor")
    job = _jobs.job("times", factor, lambda report: calls["work"](report, factor), "Multiplying")
    calls["jobs"].append(job)
    _jobs.show(job, lambda results: st.write(f"Results: {results}"))
    st.caption("below")


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setattr(_jobs, "AT_ONCE_S", 0.05)

    def open_page(work: Callable[..., object]) -> AppTest:
        at = AppTest.from_function(page, default_timeout=60)
        at.session_state["calls"] = {"work": work, "jobs": []}
        return at.run()

    return open_page


def latest(at: AppTest) -> Job[int]:
    return at.session_state["calls"]["jobs"][-1]


def shown(at: AppTest) -> str:
    assert not at.exception
    return "\n".join(element.value for element in at.markdown)


def progress(at: AppTest) -> list[str]:
    return [element.proto.text for element in at.get("progress")]


def until_reported(job: Job[int]) -> None:
    end = time.monotonic() + WAIT_S
    while job.status().progress is None:
        assert time.monotonic() < end
        time.sleep(0.001)


class TestShow:
    def test_what_is_finished_at_once_shows_no_progress(
        self, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_jobs, "AT_ONCE_S", WAIT_S)
        at = open_page(lambda report, factor: 6 * factor)
        assert progress(at) == []
        assert shown(at) == "Results: [6]"

    def test_a_rerun_neither_restarts_nor_loses_it(self, open_page: Callable[..., AppTest]) -> None:
        begun, go = [], threading.Event()

        def work(report: Report, factor: int):
            begun.append(factor)
            yield factor
            report(0.4)
            assert go.wait(WAIT_S)
            yield 2 * factor

        at = open_page(work)
        first = latest(at)
        until_reported(first)
        at.run()
        assert latest(at) is first
        (text,) = progress(at)
        assert text.startswith("Multiplying: 40% done, ")
        assert shown(at) == "Results: [1]"
        go.set()
        assert first.wait(WAIT_S)
        at.run()
        assert progress(at) == []
        assert shown(at) == "Results: [1, 2]"
        assert begun == [1]
        assert at.caption[0].value == "below"

    def test_cancel_and_start_again(self, open_page: Callable[..., AppTest]) -> None:
        begun, go = [], threading.Event()

        def work(report: Report, factor: int):
            begun.append(factor)
            yield factor
            while not go.wait(0.001):
                report(0.3)

        at = open_page(work)
        first = latest(at)
        until_reported(first)
        at.button(key="cancel_times").click().run()
        assert first.wait(WAIT_S)
        at.run()
        assert at.info[0].value == "Multiplying: cancelled at 30%: what there was is shown."
        assert shown(at) == "Results: [1]"
        go.set()
        at.button(key="again_times").click().run()
        assert latest(at) is not first
        assert latest(at).wait(WAIT_S)
        at.run()
        assert not at.info
        assert begun == [1, 1]

    def test_other_settings_replace_it(self, open_page: Callable[..., AppTest]) -> None:
        go = threading.Event()

        def work(report: Report, factor: int):
            while factor == 1 and not go.wait(0.001):
                report(0.3)
            yield factor

        at = open_page(work)
        first = latest(at)
        at.number_input(key="factor").set_value(2).run()
        assert first.wait(WAIT_S)
        assert first.status().state is State.CANCELLED
        assert latest(at).wait(WAIT_S)
        at.run()
        assert shown(at) == "Results: [2]"

    def test_errors_are_sentences(self, open_page: Callable[..., AppTest]) -> None:
        def work(report: Report, factor: int) -> int:
            if factor == 1:
                raise SerError("Choose two.")
            raise ZeroDivisionError

        at = open_page(work)
        assert latest(at).wait(WAIT_S)
        at.run()
        assert at.error[0].value == "Choose two."
        at.number_input(key="factor").set_value(2).run()
        assert latest(at).wait(WAIT_S)
        at.run()
        assert "see its log" in at.error[0].value

    def test_sessions_have_their_own(self, open_page: Callable[..., AppTest]) -> None:
        one = open_page(lambda report, factor: 1)
        other = open_page(lambda report, factor: 2)
        for at in (one, other):
            assert latest(at).wait(WAIT_S)
            at.run()
        assert (shown(one), shown(other)) == ("Results: [1]", "Results: [2]")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status(State.QUEUED), "waits; next in line"),
        (Status(State.QUEUED, ahead=1), "waits; 1 job before it"),
        (Status(State.QUEUED, ahead=3), "waits; 3 jobs before it"),
        (Status(State.RUNNING), "begins…"),
        (Status(State.RUNNING, 0.0), "0% done"),
        (Status(State.RUNNING, 0.25, 12.3), "25% done, about 12 s left"),
        (Status(State.RUNNING, 0.25, 12.3, cancelling=True), "ends after this step…"),
    ],
)
def test_where_a_job_stands_in_words(status: Status, words: str) -> None:
    assert _jobs.sentence(status) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "a few seconds"),
        (12.4, "about 12 s"),
        (43.0, "about 45 s"),
        (100.0, "about 2 min"),
        (3000.0, "about 50 min"),
        (9000.0, "about 2 h"),
    ],
)
def test_time_left(seconds: float, words: str) -> None:
    assert _jobs.time_left(seconds) == words


def test_streamlit_can_still_tell_who_is_connected() -> None:
    # Not promised by Streamlit: without them a session ends only when it has long been idle.
    from streamlit.runtime import Runtime, exists, get_instance
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    assert callable(Runtime.is_active_session)
    assert callable(exists)
    assert callable(get_instance)
    assert callable(get_script_run_ctx)
