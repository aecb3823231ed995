"""What users bring: in memory, for some minutes, found by a token that cannot be guessed."""

import secrets
import threading
import time
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

MINUTES = 20


class Tokens(Generic[T]):
    """Values by token, shared by all sessions of this server; nothing touches the disk.

    A value goes `MINUTES` after it was last asked for, or when the sum of all is over `max_bytes`,
    the least recently used first. Safe between threads; for one process, or sticky sessions.
    """

    def __init__(self, max_bytes: int, seconds: float = 60.0 * MINUTES) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._values: OrderedDict[str, tuple[T, int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, value: T, size: int) -> str:
        """Keep a value of some bytes; returns its token of 192 random bits."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._values[token] = (value, size, time.monotonic())
            self._tidy()
        return token

    def get(self, token: str) -> T | None:
        """A value, or None if it is gone; asking keeps it a while more."""
        with self._lock:
            self._tidy()
            if token not in self._values:
                return None
            value, size, _ = self._values.pop(token)
            self._values[token] = (value, size, time.monotonic())
            return value

    def forget(self, token: str) -> None:
        """Let go of a value at once."""
        with self._lock:
            self._values.pop(token, None)

    def _tidy(self) -> None:
        oldest = time.monotonic() - self._seconds
        total = sum(size for _, size, _ in self._values.values())
        while self._values:
            _, size, used = next(iter(self._values.values()))
            # The last one stays however large it is: it is what its user looks at.
            if used >= oldest and (total <= self._max_bytes or len(self._values) == 1):
                break
            total -= size
            self._values.popitem(last=False)
