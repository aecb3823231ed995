"""The clips that reference sets are made of: the demonstration corpora's, or one's own."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from ser_core.corpora.files import AUDIO, walk
from ser_core.corpora.recognise import recognise
from ser_core.errors import CorpusError
from ser_core.inputs.audio import Clip, Limits, load
from ser_core.maps.selection import COLUMNS, demonstration_rows
from ser_core.synthesis.examples import load_examples
from ser_core.training.feature_cache import stamp

MOST_OWN = 5000
NUMBERS = ("arousal", "valence", "dominance", "duration_s")
LIMITS = Limits(max_duration_s=600.0)


@dataclass(frozen=True)
class Item:
    """A clip and the words that models read with it.

    Attributes:
        key: changes with the sound.
        load: reads it; raises AudioError where it cannot be used.
        words: "" for none.
    """

    key: str
    load: Callable[[], Clip]
    words: str


@dataclass(frozen=True)
class RowSource:
    """Rows, and their sound and words.

    Attributes:
        name: of the set.
        rows: columns as in `selection.COLUMNS`, and any others.
        items: of the rows.
        notes: what was left out, one sentence each.
    """

    name: str
    rows: pd.DataFrame
    items: list[Item]
    notes: tuple[str, ...] = ()


def data_folder() -> Path | None:
    """The folder of corpora in `$SER_DATA`, or None where none is named (or there)."""
    named = os.environ.get("SER_DATA", "")
    return Path(named) if named and Path(named).is_dir() else None


def demonstration(root: Path, seed: int) -> RowSource:
    """Test clips, constructed pairs and examples. Raises CorpusError where a corpus is missing."""
    files = {example.id: example.path for example in load_examples()}
    rows = demonstration_rows(root, seed)
    paths = [
        files[example] if example else root / path
        for example, path in zip(rows["example"], rows["path"], strict=True)
    ]
    return RowSource("Demonstration clips", rows, _items(paths, rows))


def own(path: Path) -> RowSource:
    """A corpus that `ser corpora inspect` knows, a manifest, or any folder with recordings.

    Raises:
        CorpusError: there is no such folder, it has no recordings, or its manifest is damaged.
    """
    path = path.expanduser()
    notes = []
    if not path.exists():
        raise CorpusError(f"{path} does not exist: check the folder.")
    try:
        reader, folder = recognise(path)
    except CorpusError:
        if not path.is_dir():
            raise
        table = _loose(path)
    else:
        corpus = reader.read(folder)
        table = corpus.table[corpus.table["path"] != ""]
        if corpus.skipped:
            first = corpus.skipped[0]
            notes.append(
                f"{len(corpus.skipped):,} clips were left out, such as {first.item}: "
                f"{first.reason}."
            )
    if not len(table):
        raise CorpusError(f"{path} has no recordings: name a folder with some.")
    if len(table) > MOST_OWN:
        notes.append(f"The first {MOST_OWN:,} of {len(table):,} clips are mapped.")
        table = table.iloc[:MOST_OWN]
    rows = as_rows(table.reset_index(drop=True))
    return RowSource(path.name, rows, _items([Path(p) for p in rows["path"]], rows), tuple(notes))


def as_rows(table: pd.DataFrame) -> pd.DataFrame:
    """A corpus' table as rows; words in a language other than English are left out."""
    rows = table.reindex(columns=[*COLUMNS])
    none = pd.Series("", table.index)
    given, language = table.get("transcript", none), table.get("language", none)
    rows = rows.assign(
        title=[Path(str(name)).name for name in table["id"]],
        kind="own",
        voice="",
        said="",
        example="",
        words=given.where(language.isin(["", "en"]), ""),
    )
    texts = [column for column in rows.columns if column not in NUMBERS]
    rows[texts] = rows[texts].fillna("").astype(str)
    rows[list(NUMBERS)] = rows[list(NUMBERS)].astype(float)
    return rows


def _items(paths: list[Path], rows: pd.DataFrame) -> list[Item]:
    return [
        Item(stamp(str(path)), partial(load, path, limits=LIMITS), words)
        for path, words in zip(paths, rows["words"], strict=True)
    ]


def _loose(folder: Path) -> pd.DataFrame:
    files = list(walk(folder, AUDIO))
    names = [file.relative_to(folder).as_posix() for file in files]
    return pd.DataFrame({"id": names, "path": [str(f) for f in files], "corpus": folder.name})
