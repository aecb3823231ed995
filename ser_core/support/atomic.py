"""Files and folders that are whole or not there."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ser_core.errors import SerError


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path to write a file or folder to, which gets the name `target` when it is whole.

    A command that is killed, or another one that writes the same, never leaves half of it. Its
    suffix is that of `target`.

    Raises:
        SerError: it cannot be written.
    """
    partial = target.with_name(f"{target.stem}.{uuid.uuid4().hex}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(target)
    except OSError as error:
        reason = error.strerror or error
        raise SerError(
            f"{target} cannot be written ({reason}): make room for it or name another folder."
        ) from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        elif partial.exists():
            partial.unlink()


def write_whole(target: Path, text: str) -> None:
    """Write a text in UTF-8, see `whole`."""
    with whole(target) as partial:
        partial.write_text(text, "utf-8")
