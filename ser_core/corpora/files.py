"""Media files of a corpus, found by name.

Nothing is decoded here: a file counts as damaged when it cannot be read, is empty, is a Git LFS
pointer, or is a WAV file that ends too early.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from errno import ENAMETOOLONG
from pathlib import Path

from ser_core.corpora.riff import is_cut_off
from ser_core.corpora.table import Skipped
from ser_core.errors import CorpusError

AUDIO = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac"})
VIDEO = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi"})
NO_FILE = "no such audio file"
EMPTY_FILE = "the file is empty"
POINTER_FILE = "a Git LFS pointer in place of the audio: run `git lfs pull`"
CUT_OFF = "cut off: the file ends before the sound that its header announces"
LOCKED_FILE = "the file cannot be read: check the permissions and the disk"
# Reasons why a labelled clip is not in a table.
UNUSABLE = (NO_FILE, EMPTY_FILE, POINTER_FILE, CUT_OFF, LOCKED_FILE)
NO_TRANSCRIPT = "no transcript"
COPY = "another file has the same name"
_POINTER = b"version https://git-lfs"  # what a clone without Git LFS has in place of the audio
_SAMPLE = 100  # files looked at to recognise a corpus


def walk(
    folder: Path, suffixes: Iterable[str], deep: bool = True, strict: bool = True
) -> Iterator[Path]:
    """Files below `folder` with one of the suffixes, in order; none, if there is no such folder.

    Links are followed once. Without `deep`, only the files in `folder` itself; without `strict`,
    folders that cannot be read are passed over.

    Hidden files are left out: `._name.wav`, which macOS writes beside `name.wav`, is no audio.

    Raises:
        CorpusError: a folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise CorpusError(f"{error.filename} cannot be read: {error.strerror}.") from error

    if not folder.is_dir():
        return
    endings, seen = tuple(suffixes), set()
    for top, folders, names in os.walk(
        folder, onerror=refuse if strict else None, followlinks=True
    ):
        real = os.path.realpath(top)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if deep and not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower().endswith(endings):
                yield Path(top, name)


def damage(path: Path) -> str:
    """Why a file cannot be audio, without decoding it; "" if nothing speaks against it."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                return EMPTY_FILE
            if file.read(len(_POINTER)) == _POINTER:
                return POINTER_FILE
            file.seek(0)
            return CUT_OFF if is_cut_off(file, size) else ""
    # A folder of that name; a path that no disk can hold (ValueError: it has a NUL).
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return NO_FILE
    except OSError as error:
        return NO_FILE if error.errno == ENAMETOOLONG else LOCKED_FILE


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

    def others(self, stems: Iterable[str]) -> list[str]:
        """Stems of files, damaged or not, that are not among `stems`."""
        known = set(stems)
        return [stem for stem in sorted({*self.files, *self.damaged}) if stem not in known]


def find_media(folder: Path, suffixes: Iterable[str] = AUDIO) -> Media:
    """Index the media files below `folder`; none, if there is no such folder.

    Of files with the same stem, those that can be used count first, then sound before picture, then
    the one nearest to `folder`: the public archives of RAVDESS and TESS hold every clip twice, in a
    folder within itself.

    Raises:
        CorpusError: a folder cannot be read.
    """
    media = Media()
    root = folder.absolute()
    problems = {path: damage(path) for path in walk(root, suffixes)}

    def rank(path: Path) -> tuple[bool, bool, int, str]:
        return bool(problems[path]), path.suffix.lower() in VIDEO, len(path.parts), str(path)

    for path in sorted(problems, key=rank):
        if path.stem in media.files or path.stem in media.damaged:
            item = path.relative_to(root).as_posix()
            media.copies.append(Skipped(item, COPY))
        elif problem := problems[path]:
            media.damaged[path.stem] = problem
        else:
            media.files[path.stem] = path
    media.files = dict(sorted(media.files.items()))
    return media


def names_match(
    root: Path, pattern: re.Pattern[str], suffixes: Iterable[str] = AUDIO, deep: bool = True
) -> bool:
    """Whether more than half of the first media files in `root` have names of a corpus.

    Args:
        deep: look into its folders too.
    """
    first = zip(range(_SAMPLE), walk(root, suffixes, deep, strict=False), strict=False)
    names = [path.stem for _, path in first]
    return 2 * sum(bool(pattern.fullmatch(name)) for name in names) > len(names)


def find_folder(root: Path, *names: str) -> Path | None:
    """The folder in `root` of one of the names, in whatever case; of several, the first name's."""
    wanted = [name.lower() for name in names]
    found = [
        path
        for path in (root.iterdir() if root.is_dir() else ())
        if path.name.lower() in wanted and path.is_dir()
    ]
    return min(found, key=lambda p: (wanted.index(p.name.lower()), p.name), default=None)


def first_file(candidates: Iterable[Path]) -> Path | None:
    """The first path that is a file."""
    return next((path for path in candidates if path.is_file()), None)
