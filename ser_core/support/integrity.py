"""Checks that a weights file is the one that it should be."""

import hashlib
from functools import lru_cache
from pathlib import Path

_BLOCK = 1 << 20


@lru_cache(maxsize=64)
def _sha256(parts: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _size, _modified_ns in parts:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def sha256(*paths: Path) -> str:
    """SHA-256 of a file in hexadecimal, remembered while size and modification time stay.

    Of several paths: of their bytes one after the other, for a file that is kept in parts.
    """
    statuses = [path.stat() for path in paths]
    return _sha256(
        tuple((p, s.st_size, s.st_mtime_ns) for p, s in zip(paths, statuses, strict=True))
    )
