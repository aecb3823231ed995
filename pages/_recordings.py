"""Users' own recordings: in memory, for some minutes, found by a token that cannot be guessed."""

import secrets
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ser_core.inputs.audio import Clip

MINUTES = 20
MAX_BYTES = 512 * 2**20


class Label(NamedTuple):
    """What is known of a recording.

    Attributes:
        title: what people read.
        script: the exact words, where they are known.
        synthetic: whether nobody real is heard.
    """

    title: str
    script: str = ""
    synthetic: bool = False


class Recordings:
    """Clips by token, shared by all sessions of this server; nothing touches the disk.

    A clip goes `MINUTES` after it was last asked for, or when the sum of all is over `max_bytes`,
    the least recently used first. Safe between threads; for one process, or sticky sessions.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, seconds: float = 60.0 * MINUTES) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._clips: OrderedDict[str, tuple[Clip, Label, float]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, clip: "Clip", title: str, script: str = "", synthetic: bool = False) -> str:
        """Take a clip; returns its token of 192 random bits."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._clips[token] = (clip, Label(title, script, synthetic), time.monotonic())
            self._tidy()
        return token

    def get(self, token: str) -> "tuple[Clip, Label] | None":
        """A clip and what is known of it, or None if it is gone; asking keeps it a while more."""
        with self._lock:
            self._tidy()
            if token not in self._clips:
                return None
            clip, label, _ = self._clips.pop(token)
            self._clips[token] = (clip, label, time.monotonic())
            return clip, label

    def forget(self, token: str) -> None:
        """Let go of a clip at once."""
        with self._lock:
            self._clips.pop(token, None)

    def _tidy(self) -> None:
        oldest = time.monotonic() - self._seconds
        size = sum(clip.samples.nbytes for clip, _, _ in self._clips.values())
        while self._clips:
            clip, _, used = next(iter(self._clips.values()))
            # The last one stays however large it is: it is what its user looks at.
            if used >= oldest and (size <= self._max_bytes or len(self._clips) == 1):
                break
            size -= clip.samples.nbytes
            self._clips.popitem(last=False)
