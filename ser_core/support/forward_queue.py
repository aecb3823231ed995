"""One first-in first-out queue for all forward passes.

Torch uses every core for one pass, so passes side by side only slow each other down, and a plain
semaphore lets late callers overtake early ones (measured: worst wait doubled). A single worker
thread serves callers strictly in order.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import current_thread
from typing import TypeVar

T = TypeVar("T")
_PREFIX = "ser-forward"
_queue = ThreadPoolExecutor(max_workers=1, thread_name_prefix=_PREFIX)


def in_order(work: Callable[[], T]) -> T:
    """Run `work` on the queue and wait for its result; its errors are raised here."""
    if current_thread().name.startswith(_PREFIX):
        return work()  # already at the head of the queue: waiting would never end
    return _queue.submit(work).result()
