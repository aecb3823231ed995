"""Whether somebody still waits for what a session computes."""

import time
from collections.abc import Callable

GRACE_S = 30.0  # a lost connection comes back within seconds; after that nobody waits any more
IDLE_S = 600.0  # without a connection to ask about


class Presence:
    """Whether somebody still waits for the jobs of a session.

    Args:
        connected: says whether the session's user is connected; None where nobody can say, and a
            session that has not been `seen` for `IDLE_S` seconds is over.
        clock: seconds, of any origin.
    """

    def __init__(
        self,
        connected: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connected = connected
        self._clock = clock
        self._seen = clock()
        self._lost: float | None = None

    def seen(self) -> None:
        """Somebody has asked for a job."""
        self._seen, self._lost = self._clock(), None

    def gone(self) -> bool:
        """Whether the session is over; jobs ask in every step."""
        now = self._clock()
        if self._connected is None:
            return now - self._seen > IDLE_S
        if self._connected():
            self._lost = None
            return False
        if self._lost is None:  # when the loss is noticed: a step may be longer than the grace
            self._lost = now
        return now - self._lost > GRACE_S
