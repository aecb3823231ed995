"""The header of an audformat database (`db.yaml`), and what it says of its tables.

After the audformat documentation, parts "Header", "Tables" and "Conventions":

- A scheme has labels (a list, words by key, fields by key, or the name of a misc table), and for
  numbers a minimum and a maximum, which are their scale.
- A table has columns, each with the scheme and the rater of its values, and perhaps a split.
- Values agreed on are in tables `….gold_standard`, or have a rater of type `vote`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ser_core.corpora.files import first_file
from ser_core.corpora.manifest import read_table
from ser_core.corpora.table import Skipped
from ser_core.corpora.terms import split_of
from ser_core.corpora.text_files import read_text
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS, Scale

FILE = "db.yaml"


@dataclass(frozen=True)
class Header:
    """A header with all its parts, empty ones included.

    Attributes:
        root: folder of the database.
        name: of the database.
        languages: as given, mostly ISO 639-3.
        schemes, splits, raters, tables, misc_tables: contents by name.
    """

    root: Path
    name: str
    languages: list[str]
    schemes: dict[str, dict[str, Any]]
    splits: dict[str, dict[str, Any]]
    raters: dict[str, dict[str, Any]]
    tables: dict[str, dict[str, Any]]
    misc_tables: dict[str, dict[str, Any]]

    def rows(self, table: str) -> tuple[list[dict[str, str]], list[Skipped]]:
        """Rows of a table; a pickled one is not opened, for unpickling runs code."""
        file = first_file(self.root / f"db.{table}.{suffix}" for suffix in ("parquet", "csv"))
        if file:
            return read_table(file)
        pickled = (self.root / f"db.{table}.pkl").is_file()
        reason = "a pickled table is not opened: save it as Parquet or CSV"
        return [], [Skipped(f"db.{table}", reason if pickled else "no such table")]

    def columns(self, table: str) -> dict[str, dict[str, Any]]:
        """Columns of a table: name -> scheme_id, rater_id."""
        return _parts(self.tables[table].get("columns"))

    def scheme(self, table: str, column: str) -> dict[str, Any]:
        """The scheme of a column, {} if it has none."""
        return self.schemes.get(self.columns(table)[column].get("scheme_id", ""), {})

    def split(self, table: str) -> str:
        """train, dev, test; where several splits are tests, each keeps its name; "" for none."""
        split = self.tables[table].get("split_id")
        if not split:
            return ""
        kinds = {name: content.get("type", name) for name, content in self.splits.items()}
        kind = kinds.get(split, split)
        alone = list(kinds.values()).count(kind) <= 1
        return split_of(str(kind if alone else split))

    def scales(self) -> dict[str, Scale]:
        """Scales of the dimensions whose scheme has a minimum and a maximum."""
        return {
            name: Scale(float(scheme["minimum"]), float(scheme["maximum"]))
            for name, scheme in self.schemes.items()
            if name in DIMENSIONS and {"minimum", "maximum"} <= scheme.keys()
        }

    def labels(self, scheme: Mapping[str, Any]) -> dict[str, Any]:
        """Labels of a scheme by key: words, or fields; {} for a plain list."""
        labels = scheme.get("labels")
        if isinstance(labels, str):  # a misc table, whose first level is the key
            levels = self.misc_tables.get(labels, {}).get("levels") or {}
            key = str(next(iter(levels), ""))
            return {row.get(key, ""): row for row in self.rows(labels)[0]}
        if isinstance(labels, dict):
            return {str(key): value for key, value in labels.items()}
        return {}

    def find(self, names: Collection[str]) -> tuple[list[tuple[str, str]], str]:
        """(table, column) pairs whose column or scheme has one of `names`.

        Agreed values come before those of single raters. Several columns left in one table have no
        order: then none is taken, and the second value says so.
        """
        found, agreed = [], []
        for table in self.tables:
            for name, column in self.columns(table).items():
                if name in names or column.get("scheme_id") in names:
                    found.append((table, name))
                    rater = self.raters.get(column.get("rater_id", ""), {}).get("type")
                    if "gold_standard" in table.split(".") or rater == "vote":
                        agreed.append((table, name))
        chosen = agreed or found
        if len({table for table, _ in chosen}) < len(chosen):
            chosen = [(table, name) for table, name in chosen if name in names]
            if not chosen or len({table for table, _ in chosen}) < len(chosen):
                return [], "several raters and no agreed value: not read"
        return chosen, ""


def _parts(value: Any) -> dict[str, dict[str, Any]]:
    """A part of a header: contents by name; an empty content is None in YAML."""
    return {str(key): content or {} for key, content in (value or {}).items()}


def read_header(root: Path) -> Header:
    """Read `db.yaml` in `root`.

    Raises:
        CorpusError: there is none, or it is damaged.
    """
    file = root / FILE
    if not file.is_file():
        raise CorpusError(f"No audformat database at {root}: there is no {FILE}.")
    names = ("schemes", "splits", "raters", "tables", "misc_tables")
    try:
        content = yaml.safe_load(read_text(file))
        parts = {name: _parts(content.get(name)) for name in names}
        languages = [str(language) for language in content.get("languages") or ()]
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise CorpusError(f"{file} is damaged: {' '.join(str(error).split())}.") from error
    name = str(content.get("name") or root.absolute().name)
    return Header(root.absolute(), name, languages, **parts)
