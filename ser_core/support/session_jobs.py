"""The jobs of one session, see `jobs`."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from typing import Any, TypeVar, overload

from ser_core.support.jobs import WORKERS, Job, Report, State, Workers
from ser_core.support.presence import Presence

T = TypeVar("T")
KEPT = 8  # jobs a session


class Jobs:
    """The jobs of one session: one for each key and settings, the last `KEPT` of them kept.

    Args:
        presence: tells when the session is over; then its jobs end.
        workers: the threads, by default those that all sessions share.
    """

    def __init__(self, presence: Presence | None = None, workers: Workers = WORKERS) -> None:
        self._presence = presence or Presence()
        self._workers = workers
        self._jobs: OrderedDict[tuple[str, Hashable], Job[Any]] = OrderedDict()
        self._lock = threading.Lock()

    @overload
    def start(
        self,
        key: str,
        settings: Hashable,
        work: Callable[[Report], Generator[T, None, None]],
        label: str = ...,
    ) -> Job[T]: ...

    @overload
    def start(
        self, key: str, settings: Hashable, work: Callable[[Report], T], label: str = ...
    ) -> Job[T]: ...

    def start(
        self, key: str, settings: Hashable, work: Callable[[Report], Any], label: str = ""
    ) -> Job[Any]:
        """The job of this key and these settings, begun if it is not there.

        Args:
            key: what is computed. A job of the same key with other settings is cancelled; one
                that is done is kept, so that going back to its settings shows it at once.
            settings: everything that the result depends on, clips by their digest.
            work: see the module.
            label: what is computed, for people.
        """
        self._presence.seen()
        with self._lock:
            if (key, settings) in self._jobs:
                self._jobs.move_to_end((key, settings))
                return self._jobs[key, settings]
            job: Job[Any] = Job(key, label or key, self._presence, self._workers)
            replaced = [name for name, old in self._jobs.items() if name[0] == key and _open(old)]
            dropped = [self._jobs.pop(name) for name in replaced]
            self._jobs[key, settings] = job
            while len(self._jobs) > KEPT:
                dropped.append(self._jobs.popitem(last=False)[1])
        for old in dropped:
            old.cancel()
        self._workers.add(job, work)
        return job

    def forget(self, job: Job[Any]) -> None:
        """Cancel a job and let go of it: the next `start` of its settings begins anew."""
        with self._lock:
            for name in [name for name, kept in self._jobs.items() if kept is job]:
                del self._jobs[name]
        job.cancel()

    def seen(self) -> None:
        """Somebody still waits."""
        self._presence.seen()


def _open(job: Job[Any]) -> bool:
    return job.status().state is not State.DONE
