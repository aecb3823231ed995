"""What the readers of acted corpora share: everything about a clip is in its name."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ser_core.corpora.files import AUDIO, find_media
from ser_core.corpora.table import Skipped
from ser_core.errors import CorpusError

NOT_UNDERSTOOD = "the name is not one of the corpus"
Row = dict[str, object]


def read_names(
    root: Path,
    pattern: re.Pattern[str],
    describe: Callable[[re.Match[str]], Row | str],
    suffixes: Iterable[str] = AUDIO,
) -> tuple[list[Row], list[Skipped]]:
    """One row per media file below `root`.

    Args:
        pattern: of the names, without suffix.
        describe: a name -> the columns that follow from it (`path` is filled in here, `id` is the
            name unless given), or the reason why the clip is left out.

    Raises:
        CorpusError: `root` is no folder.
    """
    if not root.is_dir():
        raise CorpusError(f"{root} is no folder: check the folder given as the corpus.")
    media = find_media(root, suffixes)
    rows: list[Row] = []
    skipped = [*media.copies, *(Skipped(*item) for item in media.damaged.items())]
    for stem, path in media.files.items():
        match = pattern.fullmatch(stem)
        row = describe(match) if match else NOT_UNDERSTOOD
        if isinstance(row, str):
            skipped.append(Skipped(path.relative_to(root.absolute()).as_posix(), row))
        else:
            rows.append({"id": stem, **row, "path": path})
    return rows, skipped
