"""What every reader needs from the disk: media found by name, text in any encoding, tables.

No audio is opened here: a file counts as damaged when it is empty or is a Git LFS pointer.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ser_core.corpora.table import Skipped
from ser_core.errors import CorpusError

AUDIO = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac"})
VIDEO = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi"})
NO_FILE = "no such audio file"
EMPTY_FILE = "the file is empty"
COPY = "another file has the same name"
_POINTER = b"version https://git-lfs"  # what a clone without Git LFS has in place of the audio
_LONGEST_POINTER = 200  # bytes
_SAMPLE = 100  # files looked at to recognise a corpus


def walk(folder: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    """Files below `folder` with one of the suffixes, in order; links are followed once.

    Hidden files are left out: `._name.wav`, which macOS writes beside `name.wav`, is no audio.
    """
    wanted, seen = frozenset(suffixes), set()
    for top, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(top)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in wanted:
                yield Path(top, name)


def damage(path: Path) -> str:
    """Why a file cannot be audio, without decoding it; "" if nothing speaks against it."""
    try:
        size = path.stat().st_size
    except OSError:
        return NO_FILE
    if size == 0:
        return EMPTY_FILE
    if size <= _LONGEST_POINTER and path.read_bytes().startswith(_POINTER):
        return "a Git LFS pointer in place of the audio: run `git lfs pull`"
    return ""


@dataclass
class Media:
    """The media files below a folder, by stem (the name without suffix).

    Attributes:
        files: stem -> absolute path.
        damaged: stem -> why the file of that name cannot be used.
        copies: files whose stem another one has.
    """

    files: dict[str, Path] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    copies: list[Skipped] = field(default_factory=list)

    def problem(self, stem: str) -> str:
        """Why there is no usable file of that stem."""
        return self.damaged.get(stem, NO_FILE)


def find_media(folder: Path, suffixes: Iterable[str] = AUDIO) -> Media:
    """Index the media files below `folder`.

    Of files with the same stem, the one nearest to `folder` counts; the public archives of RAVDESS
    and TESS hold every clip twice, in a folder within itself.
    """
    media = Media()
    root = folder.absolute()
    nearest_first = sorted(walk(root, suffixes), key=lambda path: (len(path.parts), str(path)))
    for path in nearest_first:
        if path.stem in media.files or path.stem in media.damaged:
            media.copies.append(Skipped(path.relative_to(root).as_posix(), COPY))
        elif problem := damage(path):
            media.damaged[path.stem] = problem
        else:
            media.files[path.stem] = path
    media.files = dict(sorted(media.files.items()))
    return media


def names_match(root: Path, pattern: re.Pattern[str], suffixes: Iterable[str] = AUDIO) -> bool:
    """Whether more than half of the first files below `root` have names of a corpus."""
    if not root.is_dir():
        return False
    names = [path.stem for path, _ in zip(walk(root, suffixes), range(_SAMPLE), strict=False)]
    return 2 * sum(bool(pattern.fullmatch(name)) for name in names) > len(names)


def first_file(candidates: Iterable[Path]) -> Path | None:
    """The first path that is a file."""
    return next((path for path in candidates if path.is_file()), None)


def read_text(path: Path) -> str:
    """Text of a file in UTF-8 (with or without byte order mark), else in Latin-1.

    Raises:
        CorpusError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_rows(
    path: Path, delimiter: str = ",", quoted: bool = True
) -> tuple[list[dict[str, str]], list[Skipped]]:
    """Rows of a delimited text file as they are written ("NA" and "None" stay words).

    Returns:
        Rows by the names of the first line, values without blanks at both ends; and the lines that
        have another number of fields.
    """
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(
        read_text(path).splitlines(keepends=True), delimiter=delimiter, quoting=quoting
    )
    header: list[str] = []
    rows, skipped = [], []
    try:
        for values in reader:
            if not values:
                continue
            if not header:
                header = [name.strip() for name in values]
            elif len(values) == len(header):
                rows.append(dict(zip(header, (value.strip() for value in values), strict=True)))
            else:
                skipped.append(
                    Skipped(f"{path.name} line {reader.line_num}", "a wrong number of fields")
                )
    except csv.Error as error:
        raise CorpusError(f"{path} line {reader.line_num} is damaged: {error}.") from error
    return rows, skipped


def require_columns(path: Path, rows: list[dict[str, str]], columns: Iterable[str]) -> None:
    """Check the columns of a file read with `read_rows`.

    Raises:
        CorpusError: it has no rows, or lacks columns (the message names them).
    """
    if not rows:
        raise CorpusError(f"{path} has no rows: it may be damaged.")
    if lacking := [column for column in columns if column not in rows[0]]:
        raise CorpusError(f"{path} has no column {', '.join(lacking)}: it may be damaged.")
