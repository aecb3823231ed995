"""Lightning without its hints."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_HINTS = logging.getLogger("lightning.pytorch.utilities.rank_zero")
_BESIDE_THE_POINT = (
    "Checkpoint directory .* exists and is not empty",  # the log and the lock are there already
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",  # Lightning's own use of torch
)


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what every fit of many would repeat between the lines of a command.

    Warnings that tell the user something stay.
    """
    level = _HINTS.level
    _HINTS.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for message in _BESIDE_THE_POINT:
                warnings.filterwarnings("ignore", message)
            yield
    finally:
        _HINTS.setLevel(level)
