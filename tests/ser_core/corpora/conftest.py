"""What tests of several corpora share."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter; pytest's own they may not."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def _locked(path: Path, mode: int) -> Iterator[None]:
    before, root = path.stat().st_mode, os.geteuid() == 0
    path.chmod(mode)
    if root:
        try:
            os.seteuid(_NOBODY)
        except PermissionError:
            pytest.skip("root may not become another user here")
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        path.chmod(before)


@pytest.fixture
def locked() -> Callable[[Path, int], AbstractContextManager[None]]:
    """`with locked(path, mode):` a file or folder with so few permissions.

    Root, whom permissions do not bind, is another user meanwhile: make it in `open_folder`.
    """
    return _locked
