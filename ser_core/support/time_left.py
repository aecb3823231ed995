"""How long a computation will take, from how fast it has been."""

import math
import time
from collections.abc import Callable

_MEMORY_S = 10.0  # what was measured so long ago counts 1/e of what is measured now


class TimeLeft:
    """Seconds left, from progress reported at irregular times.

    The speed is an exponential moving average over time (not over reports, so that many small
    steps weigh no more than one long one), corrected for its start as in Adam (Kingma and Ba,
    2015).

    Args:
        clock: seconds, of any origin.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._progress = 0.0
        self._at = clock()
        self._speed = 0.0  # of progress a second, times `_weight`
        self._weight = 0.0

    def report(self, progress: float) -> None:
        """Take note of a progress in [0, 1]; one that has not grown says nothing."""
        now = self._clock()
        gained, passed = progress - self._progress, now - self._at
        if gained <= 0 or passed <= 0:
            return
        keep = math.exp(-passed / _MEMORY_S)
        self._speed = keep * self._speed + (1 - keep) * gained / passed
        self._weight = keep * self._weight + (1 - keep)
        self._progress, self._at = progress, now

    def seconds(self) -> float | None:
        """Seconds left, at least 0; None before anything is known."""
        if not self._weight:
            return None
        whole = (1 - self._progress) * self._weight / self._speed
        return max(0.0, whole - (self._clock() - self._at))
