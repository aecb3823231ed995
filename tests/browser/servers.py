"""The app on a free port of this machine only, with small models instead of the shipped ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving import served
from tiny import write_checkpoints


@contextmanager
def serve_app(folder: Path) -> Iterator[str]:
    """Start `ser app` with models and log in `folder`; gives its address, and ends it."""
    checkpoints = write_checkpoints(folder / "checkpoints")
    log = folder / "log.txt"
    command = ["ser_core.cli", "app", "--headless", "--port={port}", f"--checkpoints={checkpoints}"]
    with served(command, log) as address:
        yield address
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")
