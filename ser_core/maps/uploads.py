"""Recordings in memory, and ZIP files of them, as rows of a reference set; nothing is unpacked to
disk.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

import pandas as pd

from ser_core.corpora.layout import SYNONYMS
from ser_core.corpora.table import Corpus, make_table
from ser_core.corpora.terms import category_of, language_of, sex_of
from ser_core.errors import CorpusError
from ser_core.inputs.audio import EXTENSIONS, load
from ser_core.labels import DIMENSIONS
from ser_core.maps.sources import LIMITS, MOST_OWN, Item, RowSource, as_rows

TABLES = (".csv", ".tsv")
MOST_BYTES = 512 * 2**20  # of all that a ZIP file holds, unpacked


def unpack(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, those of ZIP files in their places, by their paths.

    Raises:
        CorpusError: a ZIP file is damaged, locked, or holds too much.
    """
    found: dict[str, bytes] = {}
    for name, data in files.items():
        if name.lower().endswith(".zip"):
            found |= _members(name, data)
        else:
            found[name] = data
    return found


def _members(name: str, data: bytes) -> dict[str, bytes]:
    try:
        with ZipFile(BytesIO(data)) as archive:
            wanted = list(_wanted(archive.infolist()))
            if sum(member.file_size for member in wanted) > MOST_BYTES:
                raise CorpusError(
                    f"{name} holds more than {MOST_BYTES >> 20} MB when unpacked: take fewer clips."
                )
            return {member.filename: archive.read(member) for member in wanted}
    except (BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:  # or with a password
        raise CorpusError(f"{name} is no ZIP file that can be read: pack it anew.") from error


def _wanted(members: list[ZipInfo]) -> Iterator[ZipInfo]:
    for member in members:
        path = PurePosixPath(member.filename)
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if not hidden and path.suffix.lower().removeprefix(".") in {
            ending.removeprefix(".") for ending in (*EXTENSIONS, *TABLES)
        }:
            yield member


def uploaded(files: Mapping[str, bytes], name: str = "Your clips") -> RowSource:
    """Recordings by their paths; a table among them (CSV, TSV) brings labels, speakers, words.

    Its columns are found by their usual names (`ser_core.corpora.layout.SYNONYMS`), its files by
    their names.

    Raises:
        CorpusError: there are no recordings, too many, or the table has no column of files.
    """
    tables = {path: data for path, data in files.items() if path.lower().endswith(TABLES)}
    sounds = {path: data for path, data in files.items() if path not in tables}
    if not sounds:
        raise CorpusError("There are no recordings: choose some audio files, or a ZIP of them.")
    if len(sounds) > MOST_OWN:
        raise CorpusError(f"At most {MOST_OWN:,} clips are mapped: take fewer.")
    known: dict[str, dict[str, str]] = {}
    for path, data in tables.items():
        known |= _labels(path, data)
    labels = [known.get(PurePosixPath(path).name, {}) for path in sounds]
    table = pd.DataFrame(labels, index=range(len(labels))).assign(id=list(sounds), corpus=name)
    rows = as_rows(table)
    items = [
        Item(sha256(data).hexdigest(), partial(load, data, name=path, limits=LIMITS), words)
        for (path, data), words in zip(sounds.items(), rows["words"], strict=True)
    ]
    unknown = sum(not of for of in labels) if tables else 0
    notes = (f"{unknown:,} of the clips are not in the table.",) if unknown else ()
    return RowSource(name, rows, items, notes)


def as_corpus(source: RowSource) -> Corpus:
    """Uploaded clips as a corpus, whose paths are those of the upload, and not of the disk."""
    rows = source.rows
    table = make_table(rows.assign(path=rows["id"], transcript=rows["words"]))
    return Corpus(source.name, table, notes=source.notes)


def _labels(path: str, data: bytes) -> dict[str, dict[str, str]]:
    """What a table says, by the name of the file."""
    try:
        separator = "\t" if path.lower().endswith(".tsv") else None  # None: found by looking
        table = pd.read_csv(
            BytesIO(data), sep=separator, engine="python", dtype=str, keep_default_na=False
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise CorpusError(f"{path} is no table that can be read: save it as CSV.") from error
    names = {str(column).strip().lower(): column for column in table.columns}
    ours = {
        column: next((names[word] for word in words if word in names), None)
        for column, words in SYNONYMS.items()
    }
    if ours["path"] is None:
        raise CorpusError(f"{path} has no column of files: call it file.")
    found = {}
    for line in table.fillna("").to_dict("records"):
        row = {column: str(line[of]).strip() for column, of in ours.items() if of is not None}
        file = PurePosixPath(row.pop("path").replace("\\", "/")).name
        found[file] = {column: value for column, value in _understood(row).items() if value}
    return found


def _understood(row: dict[str, str]) -> dict[str, str]:
    row = {
        **row,
        "sex": sex_of(row.get("sex", "")),
        "language": language_of(row.get("language", "")),
    }
    row["category"] = category_of(row.get("category", "") or row.get("emotion", ""))
    for name in DIMENSIONS:
        if name in row and not _is_share(row[name]):
            row[name] = ""
    row.pop("id", None)
    row.pop("duration_s", None)
    return row


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
