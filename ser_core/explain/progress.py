"""How far a long computation has come, told between its batches."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Called with the part done, in [0, 1]. What it raises ends the computation: so it is cancelled."""


class Steps:
    """Counts passes and tells a `Progress`.

    Args:
        progress: or None, to tell nobody.
        total: passes expected; it may grow while they run, the part told never shrinks.
    """

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self.total = total
        self._done = 0
        self._told = 0.0

    def advance(self, passes: int) -> None:
        """Some passes are done."""
        self._done += passes
        if self._progress is not None:
            self._told = max(self._told, min(1.0, self._done / max(1, self.total)))
            self._progress(self._told)
