"""Which corpus a folder holds, and reading it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ser_core.corpora import (
    audformat,
    crema_d,
    emodb,
    iemocap,
    manifest,
    meld,
    msp_podcast,
    nemo,
    ravdess,
    tess,
)
from ser_core.corpora.files import AUDIO, VIDEO, walk
from ser_core.corpora.layout import Layout
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError

_DEPTH = 3  # folders below the one given that a corpus is looked for in


@dataclass(frozen=True)
class Reader:
    """How to recognise and to read one kind of corpus.

    Attributes:
        name: short name.
        matches: whether a path looks like it; cheap, opens no audio.
        read: the path -> the corpus.
        looks_for: what it is recognised by, for messages.
        takes_layout: whether `read` takes a `Layout` as its second argument.
        by_names: whether it is recognised by the names of clips alone, at any depth, so that a
            folder above it looks like it too.
    """

    name: str
    matches: Callable[[Path], bool]
    read: Callable[..., Corpus]
    looks_for: str
    takes_layout: bool
    by_names: bool


# Corpora with files of their own first; those known by the names of clips alone come last.
READERS = {
    module.NAME: Reader(
        module.NAME,
        module.matches,
        module.read,
        module.LOOKS_FOR,
        takes_layout=module in (audformat, manifest),
        by_names=module in (ravdess, tess, emodb),
    )
    for module in (
        *(iemocap, msp_podcast, meld, audformat, manifest),
        *(crema_d, nemo, ravdess, tess, emodb),
    )
}


def recognise(root: Path) -> tuple[Reader, Path]:
    """The reader for `root`, and the folder to give it: `root`, or the only one below that fits.

    Archives are often unpacked into folders within folders: those next to `root` count first, then
    those one and two levels further down.

    Raises:
        CorpusError: there is no such folder, or no corpus (or more than one) is recognised.
    """
    root = root.expanduser()
    if not root.exists():
        raise CorpusError(f"{root} does not exist: check the folder given as the corpus.")
    found = next(filter(None, _levels(root)), [])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{folder.relative_to(root)} ({reader.name})" for reader, folder in found)
        raise CorpusError(f"{root} holds several corpora, give one of them: {names}.")
    wanted = "; ".join(f"{reader.name}: {reader.looks_for}" for reader in READERS.values())
    raise CorpusError(f"No known corpus at {root}. Looked for {wanted}.")


def _corpora(path: Path, seen: set[Path]) -> list[tuple[Reader, Path]]:
    """The corpus at `path`; or those in its folders, where it only seems to be one of them.

    Args:
        seen: real paths of the folders looked at, for links that lead in circles.
    """
    reader = next((reader for reader in READERS.values() if reader.matches(path)), None)
    if reader is None:
        return []
    if reader.by_names:
        inside = _inside(path, seen)
        # A table of features or splits beside the clips makes no second corpus.
        others = [at for other, at in inside if other is not reader]
        if any(any(walk(at, AUDIO | VIDEO)) for at in others):
            loose = any(walk(path, AUDIO | VIDEO, deep=False))
            return [*inside, (reader, path)] if loose else inside
    return [(reader, path)]


def find(root: Path, name: str) -> list[Path]:
    """The folders of one kind of corpus on the first level at or below `root` that has any."""
    of_kind = ([at for reader, at in found if reader.name == name] for found in _levels(root))
    return next(filter(None, of_kind), [])


def _levels(root: Path) -> Iterator[list[tuple[Reader, Path]]]:
    """The corpora at `root`, in its folders, in theirs, and so on."""
    yield _corpora(root, set())
    level, seen = [root], {root.resolve()}
    for _ in range(_DEPTH):
        # Each place once, by its first name, whatever links lead there.
        places: dict[Path, Path] = {}
        for folder in (folder for path in level for folder in _folders(path)):
            places.setdefault(folder.resolve(), folder)
        level = [folder for real, folder in places.items() if real not in seen]
        seen |= set(places)
        looked: set[Path] = set()
        yield [corpus for folder in level for corpus in _corpora(folder, looked)]


def _inside(path: Path, seen: set[Path]) -> list[tuple[Reader, Path]]:
    """The corpora in the folders in `path`."""
    if (real := path.resolve()) in seen:
        return []
    seen.add(real)
    return [corpus for folder in _folders(path) for corpus in _corpora(folder, seen)]


def _folders(path: Path) -> list[Path]:
    """The folders in `path` that can be looked into, beside hidden ones."""
    return [
        folder
        for folder in (sorted(path.iterdir()) if path.is_dir() else ())
        if folder.is_dir() and folder.name[0] != "." and _is_open(folder)
    ]


def _is_open(folder: Path) -> bool:
    try:
        return any(True for _ in folder.iterdir())
    except PermissionError:
        return False


def read(root: Path, name: str | None = None, layout: Layout | None = None) -> Corpus:
    """Read the corpus at `root`.

    Args:
        root: a folder, or a table.
        name: a key of `READERS`, so that nothing is guessed.
        layout: columns, labels and scales of a manifest or an audformat database.

    Raises:
        CorpusError: not recognised, an unknown name, a layout for a corpus that has its own, or
            whatever the reader finds wrong.
    """
    try:
        return _read(root, name, layout)
    except PermissionError as error:  # of the many places where readers look for a file
        path = _locked(Path(error.filename or root))
        raise CorpusError(f"{path} cannot be read: check its permissions.") from error


def _locked(path: Path) -> Path:
    """What has too few permissions: a path that cannot be read, or a folder above it."""
    try:
        path.stat()
    except PermissionError:
        return _locked(path.parent)
    return path


def _read(root: Path, name: str | None, layout: Layout | None) -> Corpus:
    if name is None:
        reader, folder = recognise(root)
    elif name in READERS:
        reader, folder = READERS[name], root.expanduser()
    else:
        raise CorpusError(f"There is no reader named {name}: choose one of {', '.join(READERS)}.")
    if layout is None:
        return reader.read(folder)
    if not reader.takes_layout:
        raise CorpusError(
            f"{reader.name} has a layout of its own: leave the mapping of columns out."
        )
    return reader.read(folder, layout)
