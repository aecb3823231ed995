"""The clips that reference sets are made of: the demonstration corpora's, or one's own."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ser_core.corpora.files import AUDIO, walk
from ser_core.corpora.recognise import recognise
from ser_core.errors import CorpusError
from ser_core.maps.selection import COLUMNS, demonstration_rows
from ser_core.synthesis.examples import load_examples

MOST_OWN = 5000


def data_folder() -> Path | None:
    """The folder of corpora in `$SER_DATA`, or None where none is named (or there)."""
    named = os.environ.get("SER_DATA", "")
    return Path(named) if named and Path(named).is_dir() else None


@dataclass(frozen=True)
class RowSource:
    """Rows, and where their sound is.

    Attributes:
        name: of the set.
        rows: columns as in `selection.COLUMNS`, and any others.
        sound: the file of a row.
        notes: what was left out, one sentence each.
    """

    name: str
    rows: pd.DataFrame
    sound: Callable[[pd.Series], Path]
    notes: tuple[str, ...] = ()


def demonstration(root: Path, seed: int) -> RowSource:
    """Test clips, constructed pairs and examples. Raises CorpusError where a corpus is missing."""
    files = {example.id: example.path for example in load_examples()}

    def sound(row: pd.Series) -> Path:
        return files[row["example"]] if row["example"] else root / row["path"]

    return RowSource("Demonstration clips", demonstration_rows(root, seed), sound)


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
            left_out = f"{len(corpus.skipped):,} clips were left out"
            notes.append(
                f"{left_out}, such as {corpus.skipped[0].item}: {corpus.skipped[0].reason}."
            )
    if not len(table):
        raise CorpusError(f"{path} has no recordings: name a folder with some.")
    if len(table) > MOST_OWN:
        notes.append(f"The first {MOST_OWN:,} of {len(table):,} clips are mapped.")
        table = table.iloc[:MOST_OWN]
    rows = _as_rows(table.reset_index(drop=True))
    return RowSource(path.name, rows, lambda row: Path(row["path"]), tuple(notes))


def _loose(folder: Path) -> pd.DataFrame:
    files = list(walk(folder, AUDIO))
    names = [file.relative_to(folder).as_posix() for file in files]
    return pd.DataFrame({"id": names, "path": [str(f) for f in files], "corpus": folder.name})


def _as_rows(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.reindex(columns=[*COLUMNS])
    given = table["transcript"] if "transcript" in table else pd.Series("", table.index)
    language = table["language"] if "language" in table else pd.Series("", table.index)
    rows = rows.assign(
        title=table["id"].map(lambda name: Path(str(name)).name),
        kind="own",
        voice="",
        said="",
        example="",
        words=given.where(language.isin(["", "en"]), ""),
    )
    numbers = ["arousal", "valence", "dominance", "duration_s"]
    texts = [column for column in rows.columns if column not in numbers]
    rows[texts] = rows[texts].fillna("").astype(str)
    rows[numbers] = rows[numbers].astype(float)
    return rows
