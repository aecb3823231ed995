"""Which corpus a folder holds, and reading it."""

from collections.abc import Callable
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
from ser_core.corpora.layout import Layout
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError


@dataclass(frozen=True)
class Reader:
    """How to recognise and to read one kind of corpus.

    Attributes:
        name: short name.
        matches: whether a path looks like it; cheap, opens no audio.
        read: the path -> the corpus.
        looks_for: what it is recognised by, for messages.
        takes_layout: whether `read` takes a `Layout` as its second argument.
    """

    name: str
    matches: Callable[[Path], bool]
    read: Callable[..., Corpus]
    looks_for: str
    takes_layout: bool


# Corpora with files of their own first; those known by the names of clips alone come last.
READERS = {
    module.NAME: Reader(
        module.NAME,
        module.matches,
        module.read,
        module.LOOKS_FOR,
        takes_layout=module in (audformat, manifest),
    )
    for module in (
        *(iemocap, msp_podcast, meld, audformat, manifest),
        *(crema_d, nemo, ravdess, tess, emodb),
    )
}


def recognise(root: Path) -> tuple[Reader, Path]:
    """The reader for `root`, and the folder to give it: `root`, or the only one in it that fits.

    Raises:
        CorpusError: there is no such folder, or no corpus (or more than one) is recognised.
    """
    root = root.expanduser()
    if not root.exists():
        raise CorpusError(f"{root} does not exist: check the folder given as the corpus.")
    if found := _matching(root):
        return found, root
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    inside = [(reader, folder) for folder in folders if (reader := _matching(folder))]
    if len(inside) == 1:
        return inside[0]
    if inside:
        names = ", ".join(f"{folder.name} ({reader.name})" for reader, folder in inside)
        raise CorpusError(f"{root} holds several corpora, give one of them: {names}.")
    wanted = "; ".join(f"{reader.name}: {reader.looks_for}" for reader in READERS.values())
    raise CorpusError(f"No known corpus at {root}. Looked for {wanted}.")


def _matching(path: Path) -> Reader | None:
    return next((reader for reader in READERS.values() if reader.matches(path)), None)


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
