"""A real server for a test, on a free port of this machine only."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def served(arguments: Sequence[str], log: Path, **environment: str) -> Iterator[str]:
    """Run `python -m arguments --...port=` and give its address; it must end clean.

    Args:
        arguments: for Python, with `{port}` where the port belongs.
        log: file for what it prints, in which no traceback may be left.
        environment: variables to set.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", *(part.format(port=port) for part in arguments)],
            cwd=ROOT,
            env={**os.environ, "STREAMLIT_SERVER_ADDRESS": "127.0.0.1", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)
    with socket.socket() as left:
        assert left.connect_ex(("127.0.0.1", port)), "the app outlives the command"
    # Only ours: the server itself stumbles now and then over a browser that closes.
    written = log.read_text(errors="replace")
    assert not re.search(rf'File "{ROOT}/(app\.py|pages|ser_core|tests)', written), written


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text(errors='replace')}")
