"""One training at a time in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ser_core.errors import RecipeError, SerError
from ser_core.training.across_processes import is_first_process


@contextmanager
def sole_trainer(folder: Path) -> Iterator[None]:
    """Keep other commands from training in `folder`; a killed process leaves it free.

    Only the first of several processes of one training asks. The same command may ask again while
    it has the folder.

    Raises:
        RecipeError: another command trains there. SerError: it cannot be written to.
    """
    if not is_first_process():
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", is_singleton=True).acquire(timeout=0)
    except Timeout as error:
        raise RecipeError(
            f"Another command is training in {folder}: wait for it, or name another folder, "
            "other seeds or other folds."
        ) from error
    except OSError as error:
        raise SerError(
            f"{folder} cannot be written to ({error.strerror}): choose another folder with --out, "
            "or another name."
        ) from error
    with lock:
        yield
