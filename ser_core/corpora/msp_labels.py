"""The files of MSP-Podcast that say what a turn is: labels, and the partition.

`labels_consensus.csv` (`labels_concensus.csv` up to release 1.8), or the same as JSON, has the
columns FileName, EmoClass, EmoAct, EmoVal, EmoDom, SpkrID, Gender, Split_Set. `Partition.txt` (by
the readme) or `Partitions.txt` (by readers) has lines `Train; MSP-PODCAST_0001_0008.wav`.
"""

import json
from pathlib import Path

from ser_core.corpora.files import first_file
from ser_core.corpora.table import Skipped
from ser_core.corpora.terms import split_of
from ser_core.corpora.text_files import read_lines, read_rows, read_text, require_columns
from ser_core.errors import CorpusError

# Split_Set may be in the partition file alone.
COLUMNS = ("FileName", "EmoClass", "EmoAct", "EmoVal", "EmoDom", "SpkrID", "Gender")


def find_labels(root: Path) -> Path | None:
    """The labels file: CSV before JSON, in Labels/ before elsewhere."""
    return first_file(
        root / folder / f"{stem}{suffix}"
        for suffix in (".csv", ".json")
        for folder in ("Labels", "Labels/Labels", ".")
        for stem in ("labels_consensus", "labels_concensus")
    )


def read_labels(file: Path) -> tuple[dict[str, dict[str, str]], list[Skipped]]:
    """File name -> its row of the labels file; and what was not understood.

    Raises:
        CorpusError: the file is damaged.
    """
    skipped: list[Skipped] = []
    if file.suffix == ".json":
        try:
            rows = [
                {"FileName": name, **{key: str(value) for key, value in label.items()}}
                for name, label in json.loads(read_text(file)).items()
            ]
        except (ValueError, AttributeError) as error:
            raise CorpusError(f"{file} is damaged: {error}.") from error
    else:
        rows, skipped = read_rows(file)
    require_columns(file, rows, COLUMNS)
    labels: dict[str, dict[str, str]] = {}
    for row in rows:
        name = row["FileName"]
        if name in labels:
            skipped.append(Skipped(name, "listed before in the labels file"))
        else:
            labels[name] = {**row, "Split_Set": split_name(row.get("Split_Set", ""))}
    return labels, skipped


def read_partition(root: Path) -> tuple[dict[str, str], list[Skipped]]:
    """File name -> split, from the partition file where there is one; and lines not understood."""
    file = first_file(
        root / folder / name
        for folder in (".", "Labels")
        for name in ("Partitions.txt", "Partition.txt")
    )
    partition: dict[str, str] = {}
    skipped: list[Skipped] = []
    if file is None:
        return partition, skipped
    for number, line in enumerate(read_lines(file), 1):
        split, _, name = (part.strip() for part in line.partition(";"))
        if split and name:
            partition[name] = split_name(split)
        elif line.strip():
            skipped.append(Skipped(f"{file.name} line {number}", "line not understood"))
    return partition, skipped


def split_name(name: str) -> str:
    """Train, Validation or Development, Test1, Test2, … -> train, dev, test, test2, …

    >>> split_name("Validation"), split_name("Test1"), split_name("Test2")
    ('dev', 'test', 'test2')
    """
    split = split_of(name)
    return "test" if split == "test1" else split
