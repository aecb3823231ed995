"""Computations that last: watched, cancelled, in a bounded number of threads.

    jobs = session_jobs.Jobs()                  # of one session
    job = jobs.start("sweep", settings, work)   # the same job for the same settings
    job.status(), job.results                   # from any thread, at any time

`work(report)` is a generator, whose items are the results as they come, or a function with one
result. It calls `report(progress)` between steps of at most about a second: there, and after each
result, a cancelled job ends.
"""

import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from ser_core.errors import SerError
from ser_core.support.presence import Presence
from ser_core.support.time_left import TimeLeft

T = TypeVar("T")
Report = Callable[[float], None]  # takes the progress in [0, 1]
Work = Callable[[Report], Any]
THREADS = 4  # of all sessions; forward passes take turns in their own queue
_FAULT = "This could not be computed, for a reason that the program did not expect: see its log."
_log = logging.getLogger(__name__)


class Cancelled(BaseException):
    """Raised inside `work` to end it; not an Exception, so that no `except Exception` keeps it."""


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Status:
    """A job at one moment.

    Attributes:
        state: see `State`.
        progress: in [0, 1]; None where `work` has not reported yet.
        left_s: seconds left, or None where nothing is known.
        ahead: jobs that start before this one; 0 unless it is queued.
        error: one sentence where it failed, "" otherwise.
        cancelling: asked to end, and still in its last step.
    """

    state: State
    progress: float | None = None
    left_s: float | None = None
    ahead: int = 0
    error: str = ""
    cancelling: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in {State.DONE, State.FAILED, State.CANCELLED}


class Workers:
    """First in, first out, in at most `threads` threads, which end when nothing is left to do."""

    def __init__(self, threads: int) -> None:
        self._free = threads
        self._waiting: deque[tuple[Job[Any], Work]] = deque()
        self._lock = threading.Lock()

    def add(self, job: "Job[Any]", work: Work) -> None:
        """Run a job when its turn comes."""
        with self._lock:
            self._waiting.append((job, work))
            if not self._free:
                return
            self._free -= 1
        # Not a daemon: an interpreter that ends amid native code aborts. See Job._check.
        threading.Thread(target=self._work, name="ser-job").start()

    def remove(self, job: "Job[Any]") -> bool:
        """Take back a job; False where it has begun."""
        with self._lock:
            before = len(self._waiting)
            self._waiting = deque(entry for entry in self._waiting if entry[0] is not job)
            return len(self._waiting) < before

    def ahead(self, job: "Job[Any]") -> int:
        """Number of jobs that start before this one; 0 where it has begun."""
        with self._lock:
            places = (place for place, entry in enumerate(self._waiting) if entry[0] is job)
            return next(places, 0)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._free += 1
                    return
                job, work = self._waiting.popleft()
            job.run(work)
            del job, work  # a clip or a model; the next wait may be long


WORKERS = Workers(THREADS)


class Job(Generic[T]):
    """One computation; made by `Jobs.start`. Its methods may be called from any thread.

    Args:
        key: what is computed.
        label: what is computed, for people.
        presence: of the session that waits for it.
        workers: to which it is added.
    """

    def __init__(self, key: str, label: str, presence: Presence, workers: Workers) -> None:
        self.key = key
        self.label = label
        self._begun = time.monotonic()
        self._presence = presence
        self._workers = workers
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._stop = threading.Event()
        self._state = State.QUEUED
        self._progress: float | None = None
        self._left: TimeLeft | None = None
        self._error = ""
        self._results: list[T] = []

    @property
    def results(self) -> list[T]:
        """What there is so far, in the order of `work`; results are added, never changed."""
        return self._results.copy()

    @property
    def age_s(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self._begun

    def status(self) -> Status:
        """Where it stands; read before `results`, which are whole once it is finished."""
        with self._lock:
            running = self._state is State.RUNNING
            return Status(
                self._state,
                self._progress,
                self._left.seconds() if running and self._left else None,
                self._workers.ahead(self),
                self._error,
                cancelling=running and self._stop.is_set(),
            )

    def cancel(self) -> None:
        """End it: at once where it waits, after its current step where it runs. Results stay."""
        self._stop.set()
        if self._workers.remove(self):
            self._finish(State.CANCELLED)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is finished; False where it is not after `timeout_s` seconds."""
        return self._finished.wait(timeout_s)

    def run(self, work: Work) -> None:
        """Do the work in this thread, and end in one of the three last states."""
        with self._lock:
            self._state, self._left = State.RUNNING, TimeLeft()
        try:
            self._check()
            found: Any = work(self._report)
            if inspect.isgenerator(found):
                self._stream(found)
            else:
                self._results.append(found)
        except Cancelled:
            self._finish(State.CANCELLED)
        except SerError as error:
            self._finish(State.FAILED, str(error))
        except BaseException:  # whatever it is, it must not end the thread of others' jobs
            _log.exception("%s failed", self.label)
            self._finish(State.FAILED, _FAULT)
        else:
            self._finish(State.DONE)

    def _stream(self, found: Generator[Any, Any, Any]) -> None:
        try:
            for result in found:
                self._results.append(result)
                self._check()
        finally:
            found.close()  # so that its `with` and `finally` end now

    def _report(self, progress: float) -> None:
        self._check()
        with self._lock:
            assert self._left is not None
            self._progress = min(max(progress, self._progress or 0.0), 1.0)
            self._left.report(self._progress)

    def _check(self) -> None:
        # A server that ends waits for its threads.
        if self._stop.is_set() or self._presence.gone() or not threading.main_thread().is_alive():
            raise Cancelled

    def _finish(self, state: State, error: str = "") -> None:
        with self._lock:
            self._state, self._error = state, error
        self._finished.set()
