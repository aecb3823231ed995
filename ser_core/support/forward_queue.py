"""One first-in first-out queue for all forward passes.

Torch uses every core for one pass, so passes side by side only slow each other down, and a plain
semaphore lets late callers overtake early ones (measured: worst wait doubled). A single worker
thread serves callers strictly in order. A long computation calls `in_order` once a batch, not once
for all: between its batches everybody else's turn comes, so that nobody waits for more than one.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_PREFIX = "ser-forward"
_queue = ThreadPoolExecutor(max_workers=1, thread_name_prefix=_PREFIX)
_unserved: set[Future[Any]] = set()
_lock = threading.Lock()


def in_order(work: Callable[[], T]) -> T:
    """Run `work` on the queue and wait for its result; its errors are raised here."""
    if threading.current_thread().name.startswith(_PREFIX):
        return work()  # already at the head of the queue: waiting would never end
    with _lock:  # queued and counted at once: whoever is counted is served before a later caller
        future = _queue.submit(work)
        _unserved.add(future)
    try:
        return future.result()
    finally:
        with _lock:
            _unserved.discard(future)


def waiting() -> int:
    """Callers that are served before the next one, the one being served included."""
    with _lock:
        return len(_unserved)
