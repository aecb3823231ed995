"""The files of MSP-Podcast that say what a turn is: labels, and the partition.

`labels_consensus.csv` (`labels_concensus.csv` up to release 1.8), or the same as JSON, has the
columns FileName, EmoClass, EmoAct, EmoVal, EmoDom, SpkrID, Gender, Split_Set. `Partition.txt` (by
the readme) or `Partitions.txt` (by readers) has lines `Train; MSP-PODCAST_0001_0008.wav`.
"""

import json
from pathlib import Path

from ser_core.corpora.files import find_folder, first_file
from ser_core.corpora.table import Skipped
from ser_core.corpora.terms import split_of
from ser_core.corpora.text_files import read_lines, read_rows, read_text, require_columns
from ser_core.errors import CorpusError

# Split_Set may be in the partition file alone.
COLUMNS = ("FileName", "EmoClass", "EmoAct", "EmoVal", "EmoDom", "SpkrID", "Gender")


def _folders(root: Path) -> list[Path]:
    """Where labels and partition are looked for: in Labels/ before elsewhere."""
    labels = find_folder(root, "Labels")
    inner = find_folder(labels, "Labels") if labels else None  # an archive within the archive
    return [folder for folder in (labels, inner, root) if folder]


def find_labels(root: Path) -> Path | None:
    """The labels file: CSV before JSON, in Labels/ before elsewhere."""
    folders = _folders(root)
    return first_file(
        folder / f"{stem}{suffix}"
        for suffix in (".csv", ".json")
        for folder in folders
        for stem in ("labels_consensus", "labels_concensus")
    )


def read_labels(file: Path) -> tuple[dict[str, dict[str, str]], list[Skipped]]:
    """File name -> its row of the labels file; and what was not understood.

    Raises:
        CorpusError: the file is damaged.
    """
    rows, skipped = _read_json(file) if file.suffix == ".json" else read_rows(file)
    require_columns(file, rows, COLUMNS)
    labels: dict[str, dict[str, str]] = {}
    for row in rows:
        name = row["FileName"]
        if name in labels:
            skipped.append(Skipped(name, "listed before in the labels file"))
        else:
            labels[name] = {**row, "Split_Set": split_name(row.get("Split_Set", ""))}
    return labels, skipped


def _read_json(file: Path) -> tuple[list[dict[str, str]], list[Skipped]]:
    """Rows as of the CSV file: all with the columns that any has, "" for those that one lacks."""
    try:
        content = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{file} is damaged: {error}.") from error
    if not isinstance(content, dict):
        raise CorpusError(f"{file} is damaged: it should hold labels by name of file.")
    labels = {name: label for name, label in content.items() if isinstance(label, dict)}
    columns = dict.fromkeys(column for label in labels.values() for column in label)
    rows = [
        {"FileName": name, **{column: _word(label.get(column)) for column in columns}}
        for name, label in labels.items()
    ]
    skipped = [Skipped(name, f"no labels in {file.name}") for name in content if name not in labels]
    return rows, skipped


def _word(value: object) -> str:
    return "" if value is None else str(value).strip()


def read_partition(root: Path) -> tuple[dict[str, str], list[Skipped]]:
    """File name -> split, from the partition file where there is one; and what does not count."""
    files = [
        file
        for folder in dict.fromkeys((root, *_folders(root)))
        for name in ("Partitions.txt", "Partition.txt")
        if (file := folder / name).is_file()
    ]
    partition: dict[str, str] = {}
    skipped = [
        Skipped(other.relative_to(root).as_posix(), "not read: another partition file counts")
        for other in files[1:]
    ]
    for number, line in enumerate(read_lines(files[0]) if files else (), 1):
        word, _, name = (part.strip() for part in line.partition(";"))
        split = split_name(word)
        if split and name:
            if partition.setdefault(name, split) != split:
                skipped.append(Skipped(name, f"listed before in {files[0].name}, in another split"))
        elif line.strip():
            skipped.append(Skipped(f"{files[0].name} line {number}", "line not understood"))
    return partition, skipped


def split_name(name: str) -> str:
    """Train, Validation or Development, Test1, Test2, … -> train, dev, test, test2, …

    >>> split_name("Validation"), split_name("Test1"), split_name("Test2")
    ('dev', 'test', 'test2')
    """
    split = split_of(name)
    return "test" if split == "test1" else split
