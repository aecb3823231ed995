"""Checks that a weights file is the one that it should be."""

import hashlib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, remembered while size and modification time stay."""
    status = path.stat()
    return _sha256(path, status.st_size, status.st_mtime_ns)
