import gc
import logging
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np
import pytest

import ser_core
from ser_core.errors import SerError
from ser_core.support.jobs import Job, Report, State, Workers
from ser_core.support.presence import GRACE_S, IDLE_S, Presence
from ser_core.support.session_jobs import KEPT, Jobs
from ser_core.support.time_left import TimeLeft

WAIT_S = 30.0  # patience, not duration: every wait ends when what it waits for is there


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Steps:
    """Work of steps that the test lets go one by one; each gives the mean of real numbers."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.at = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.runs = 0
        self.closed = threading.Event()

    def __call__(self, report: Report) -> Generator[float, None, None]:
        self.runs += 1
        try:
            for step in range(self.number):
                report(step / self.number)
                self.at.release()
                assert self.go.acquire(timeout=WAIT_S)
                yield self.value(step)
        finally:
            self.closed.set()

    def value(self, step: int) -> float:
        return float(np.random.default_rng(step).normal(size=1000).mean())

    def wait_for_step(self) -> None:
        assert self.at.acquire(timeout=WAIT_S)

    def let(self, steps: int = 1) -> None:
        self.go.release(steps)


@pytest.fixture
def make_steps() -> Iterator[Callable[[int], Steps]]:
    made: list[Steps] = []

    def make(number: int) -> Steps:
        made.append(Steps(number))
        return made[-1]

    yield make
    for steps in made:  # a test that failed leaves no thread behind
        steps.let(1000)


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(workers=Workers(2))


def ended(job: Job[float]) -> State:
    assert job.wait(WAIT_S)
    return job.status().state


def test_results_and_progress_are_there_while_it_runs(
    jobs: Jobs, make_steps: Callable[[int], Steps]
) -> None:
    work = make_steps(4)
    job = jobs.start("mean", 1, work, "Means")
    work.wait_for_step()
    assert job.status().state is State.RUNNING
    assert job.status().progress == 0.0
    assert job.status().left_s is None
    assert job.results == []
    work.let()
    work.wait_for_step()
    assert job.status().progress == 0.25
    assert job.status().left_s is not None
    assert job.results == [work.value(0)]
    seen = job.results
    work.let(3)
    assert ended(job) is State.DONE
    assert job.results == [work.value(step) for step in range(4)]
    assert seen == [work.value(0)], "what was read stays as it was"
    assert job.status().finished


def test_a_function_has_one_result(jobs: Jobs) -> None:
    job = jobs.start("sum", (), lambda report: sum(range(10)))
    assert job.wait(WAIT_S)
    assert job.results == [45]
    assert job.status().state is State.DONE


def test_progress_stays_between_0_and_1_and_never_falls(jobs: Jobs) -> None:
    seen = []

    def work(report: Report) -> None:
        for progress in (-1.0, 0.5, 0.3, 7.0):
            report(progress)
            seen.append(job.status().progress)

    begin = threading.Event()
    job = jobs.start("x", (), lambda report: (begin.wait(WAIT_S), work(report)))
    begin.set()
    assert ended(job) is State.DONE
    assert seen == [0.0, 0.5, 0.5, 1.0]


class TestOnce:
    def test_the_same_settings_are_the_same_job(
        self, jobs: Jobs, make_steps: Callable[[int], Steps]
    ) -> None:
        work = make_steps(1)
        job = jobs.start("mean", ("clip", 3), work)
        work.wait_for_step()
        assert jobs.start("mean", ("clip", 3), work) is job
        work.let()
        assert ended(job) is State.DONE
        assert jobs.start("mean", ("clip", 3), work) is job
        assert work.runs == 1

    def test_many_callers_at_once_begin_one(self, jobs: Jobs) -> None:
        runs: list[int] = []
        found: list[Job[None]] = []
        together = threading.Barrier(16)

        def ask() -> None:
            together.wait(WAIT_S)
            found.append(jobs.start("mean", 1, lambda report: runs.append(1)))

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert len(found) == 16
        assert len(set(map(id, found))) == 1
        assert found[0].wait(WAIT_S)
        assert runs == [1]

    def test_other_settings_cancel_and_replace(
        self, jobs: Jobs, make_steps: Callable[[int], Steps]
    ) -> None:
        first, second, third = make_steps(5), make_steps(1), make_steps(1)
        old = jobs.start("mean", 1, first)
        elsewhere = jobs.start("other", 1, third)
        first.wait_for_step()
        new = jobs.start("mean", 2, second)
        assert old.status().cancelling
        first.let()
        second.let()
        third.let()
        assert ended(old) is State.CANCELLED
        assert ended(new) is State.DONE
        assert ended(elsewhere) is State.DONE, "another key is left alone"
        # What is done is still there; what was cancelled begins anew.
        again = make_steps(1)
        again.let()
        assert jobs.start("mean", 1, again) is not old
        assert jobs.start("mean", 2, again) is new

    def test_one_that_failed_is_begun_again_only_on_demand(self, jobs: Jobs) -> None:
        job = jobs.start("x", (), lambda report: 1 / 0)
        assert job.wait(WAIT_S)
        assert jobs.start("x", (), lambda report: 2) is job
        jobs.forget(job)
        better = jobs.start("x", (), lambda report: 2)
        assert better.wait(WAIT_S)
        assert better.results == [2]

    def test_only_the_last_few_are_kept(self, jobs: Jobs) -> None:
        results = [weakref.ref(array) for array in self.arrays(jobs, KEPT + 3)]
        gc.collect()
        assert [ref() is not None for ref in results] == [False] * 3 + [True] * KEPT

    def arrays(self, jobs: Jobs, number: int) -> Iterator[np.ndarray]:
        for settings in range(number):
            job = jobs.start("x", settings, lambda report: np.zeros(10))
            assert job.wait(WAIT_S)
            yield from job.results

    def test_what_the_work_needed_is_let_go(self, jobs: Jobs) -> None:
        clip = np.zeros(10)
        there = weakref.ref(clip)
        job = jobs.start("x", (), lambda report, clip=clip: float(clip.sum()))
        del clip
        assert job.wait(WAIT_S)
        # The thread drops it right after it has told that it is finished.
        for thread in threading.enumerate():
            if thread.name == "ser-job":
                thread.join(WAIT_S)
        gc.collect()
        assert there() is None


class TestCancel:
    def test_in_the_middle_keeps_what_there_is(
        self, jobs: Jobs, make_steps: Callable[[int], Steps]
    ) -> None:
        work = make_steps(5)
        job = jobs.start("mean", 1, work)
        work.let()
        work.wait_for_step()
        work.wait_for_step()
        job.cancel()
        assert job.status().cancelling
        work.let()
        assert ended(job) is State.CANCELLED
        assert work.closed.wait(WAIT_S)
        assert job.results == [work.value(0), work.value(1)]
        assert not job.status().cancelling

    def test_no_except_exception_keeps_it(self, jobs: Jobs) -> None:
        begun, go = threading.Event(), threading.Event()
        caught: list[Exception] = []

        def stubborn(report: Report) -> None:
            begun.set()
            go.wait(WAIT_S)
            try:
                report(0.5)
            except Exception as error:
                caught.append(error)

        job = jobs.start("x", (), stubborn)
        assert begun.wait(WAIT_S)
        job.cancel()
        go.set()
        assert ended(job) is State.CANCELLED
        assert caught == []

    def test_after_the_end_changes_nothing(self, jobs: Jobs) -> None:
        job = jobs.start("x", (), lambda report: 1)
        assert ended(job) is State.DONE
        job.cancel()
        assert job.status().state is State.DONE


class TestErrors:
    def test_of_the_user_is_its_sentence(self, jobs: Jobs) -> None:
        def work(report: Report) -> Generator[int, None, None]:
            yield 1
            raise SerError("Choose a longer clip.")

        job = jobs.start("x", (), work)
        assert ended(job) is State.FAILED
        assert job.status().error == "Choose a longer clip."
        assert job.results == [1]

    @pytest.mark.parametrize("error", [ZeroDivisionError("secret"), SystemExit(3)])
    def test_anything_else_is_logged_and_told_in_general(
        self, error: BaseException, caplog: pytest.LogCaptureFixture
    ) -> None:
        def work(report: Report) -> None:
            raise error

        jobs = Jobs(workers=Workers(1))
        with caplog.at_level(logging.ERROR):
            job = jobs.start("x", 1, work, "Attribution")
            assert ended(job) is State.FAILED
        assert "see its log" in job.status().error
        assert "secret" not in job.status().error
        assert "Attribution failed" in caplog.text
        assert "Traceback" in caplog.text
        # The thread goes on with the next.
        assert ended(jobs.start("x", 2, lambda report: 1)) is State.DONE


class TestQueue:
    def test_first_in_first_out_with_places(self, make_steps: Callable[[int], Steps]) -> None:
        workers = Workers(1)
        holding = make_steps(1)
        order: list[int] = []
        first = Jobs(workers=workers).start("x", (), holding)
        holding.wait_for_step()
        others = [  # of other sessions
            Jobs(workers=workers).start("x", (), lambda report, n=n: order.append(n))
            for n in range(4)
        ]
        assert first.status().ahead == 0
        assert [job.status().ahead for job in others] == [0, 1, 2, 3]
        assert {job.status().state for job in others} == {State.QUEUED}
        others[1].cancel()
        assert others[1].status().state is State.CANCELLED, "at once: it has not begun"
        assert [job.status().ahead for job in (others[0], *others[2:])] == [0, 1, 2]
        holding.let()
        for job in (others[0], *others[2:]):
            assert ended(job) is State.DONE
        assert order == [0, 2, 3]

    def test_no_more_threads_than_that(self) -> None:
        workers, running, most = Workers(3), [], []
        full = threading.Barrier(3)

        def work(report: Report) -> None:
            running.append(1)
            most.append(len(running))
            full.wait(WAIT_S)  # only three at once come past it
            running.pop()

        jobs = [Jobs(workers=workers).start("x", (), work) for _ in range(9)]
        assert {ended(job) for job in jobs} == {State.DONE}
        assert max(most) <= 3


class TestPresence:
    def test_a_disconnected_session_ends_after_some_grace(self) -> None:
        clock, connected = Clock(), [True]
        presence = Presence(lambda: connected[0], clock)
        clock.now += 10 * IDLE_S
        assert not presence.gone(), "somebody who only looks is there"
        connected[0] = False
        clock.now += 10 * GRACE_S
        assert not presence.gone(), "the loss is noticed now"
        clock.now += GRACE_S / 2
        connected[0] = True
        assert not presence.gone(), "it was a moment"
        connected[0] = False
        assert not presence.gone()
        clock.now += GRACE_S + 1
        assert presence.gone()

    def test_without_a_connection_to_ask_about_it_must_be_seen(self) -> None:
        clock = Clock()
        presence = Presence(clock=clock)
        clock.now += IDLE_S - 1
        assert not presence.gone()
        presence.seen()
        clock.now += IDLE_S - 1
        assert not presence.gone()
        clock.now += 2
        assert presence.gone()

    def test_its_jobs_end_with_it(self, make_steps: Callable[[int], Steps]) -> None:
        clock, work = Clock(), make_steps(5)
        workers = Workers(1)
        jobs = Jobs(Presence(clock=clock), workers)
        running, queued = jobs.start("a", 1, work), jobs.start("b", 1, lambda report: 1)
        work.wait_for_step()
        clock.now += IDLE_S + 1
        work.let()
        assert ended(running) is State.CANCELLED
        assert running.results == [work.value(0)]
        assert ended(queued) is State.CANCELLED
        assert queued.results == []


class TestTimeLeft:
    def test_at_constant_speed(self) -> None:
        clock = Clock()
        left = TimeLeft(clock)
        assert left.seconds() is None
        left.report(0.0)
        assert left.seconds() is None
        for step in range(1, 5):
            clock.now += 3.0
            left.report(step / 10)
        assert left.seconds() == pytest.approx(18.0)
        clock.now += 2.0
        assert left.seconds() == pytest.approx(16.0), "it goes down between reports"
        clock.now += 100.0
        assert left.seconds() == 0.0

    def test_follows_a_change_of_speed_smoothly(self) -> None:
        clock = Clock()
        left = TimeLeft(clock)
        for step in range(1, 41):  # the first 40 % in 4 s
            clock.now += 0.1
            left.report(step / 100)
        fast = left.seconds()
        assert fast == pytest.approx(6.0)
        clock.now += 1.0
        left.report(0.41)
        assert 6.0 < left.seconds() < 59.0, "one slow step is no proof"
        for step in range(42, 72):
            clock.now += 1.0
            left.report(step / 100)
        assert left.seconds() == pytest.approx(29.0, rel=0.25)


def test_a_program_that_ends_does_not_wait_for_its_jobs() -> None:
    code = """
import time
from ser_core.support.session_jobs import Jobs

def work(report):
    try:
        while True:
            report(0.5)
            begun.append(1)
            time.sleep(0.01)
    finally:
        print("closed")

begun = []
Jobs().start("x", (), work)
while not begun:
    time.sleep(0.01)
print("last line")
"""
    root = Path(ser_core.__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=True,
    )
    assert result.stdout.split("\n") == ["last line", "closed", ""]
    assert result.stderr == ""
