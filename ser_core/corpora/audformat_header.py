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
from ser_core.corpora.layout import make_scale
from ser_core.corpora.manifest import read_table
from ser_core.corpora.table import Skipped
from ser_core.corpora.terms import split_of
from ser_core.corpora.text_files import read_text
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS, Scale

FILE = "db.yaml"
PARTS = ("schemes", "splits", "raters", "tables", "misc_tables")
TWICE = "listed before with other values"
NO_LEVEL = "it has no column named as its level"


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
        return _parts(f"columns of {table}", self.tables[table].get("columns"))

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
        """Scales of the dimensions whose scheme has a minimum and a maximum.

        Raises:
            ValueError: these are no scale; `read_header` has checked that.
        """
        ends = {
            name: (scheme.get("minimum"), scheme.get("maximum"))
            for name, scheme in self.schemes.items()
            if name in DIMENSIONS
        }
        scales = {}
        for name, (low, high) in ends.items():
            if low is not None and high is not None:
                try:
                    scales[name] = make_scale(float(low), float(high))
                except (TypeError, ValueError) as error:
                    raise ValueError(f"scheme {name}: {error}") from error
        return scales

    def labels(self, scheme: Mapping[str, Any]) -> dict[str, Any]:
        """Labels of a scheme by key: words, or fields; {} for a plain list."""
        labels = scheme.get("labels")
        if isinstance(labels, str):
            return self.keyed(labels)[0]
        if isinstance(labels, dict):
            return {str(key): value for key, value in labels.items()}
        return {}

    def keyed(self, table: str) -> tuple[dict[str, dict[str, str]], list[Skipped]]:
        """Rows of a misc table by key, which is its first level, else its first column."""
        rows, problems = self.rows(table)
        key = self.level(table) or next(iter(rows[0] if rows else ()), "")
        if rows and key not in rows[0]:
            return {}, [*problems, Skipped(f"db.{table}", NO_LEVEL)]
        keyed: dict[str, dict[str, str]] = {}
        for row in rows:
            if keyed.setdefault(row[key], row) != row:
                problems = [*problems, Skipped(f"db.{table} {row[key]}", TWICE)]
        return keyed, problems

    def level(self, table: str) -> str:
        """The first level of a misc table, "" if the header gives none."""
        levels = self.misc_tables.get(table, {}).get("levels")
        names = levels if isinstance(levels, list) else _mapping(f"levels of {table}", levels)
        return str(next(iter(names), ""))

    def misc_problems(self) -> list[Skipped]:
        """What is wrong with the misc tables, and with those that schemes ask for."""
        labels = (scheme.get("labels") for scheme in self.schemes.values())
        asked = dict.fromkeys(table for table in labels if isinstance(table, str))
        problems = [
            *(self.rows(table)[1] for table in self.misc_tables if table not in asked),
            *(self.keyed(table)[1] for table in asked),
        ]
        return [problem for group in problems for problem in group]

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


def _mapping(what: str, value: Any) -> dict[str, Any]:
    """What YAML holds by name; {} for what is left empty, which is None there."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{what} is no mapping of names")
    return {str(key): content for key, content in value.items()}


def _parts(what: str, value: Any) -> dict[str, dict[str, Any]]:
    """A part of a header: contents by name."""
    return {name: _mapping(name, content) for name, content in _mapping(what, value).items()}


def read_header(root: Path) -> Header:
    """Read `db.yaml` in `root`.

    Raises:
        CorpusError: there is none, or it is damaged.
    """
    file = root / FILE
    if not file.is_file():
        raise CorpusError(f"No audformat database at {root}: there is no {FILE}.")
    try:
        content = _mapping("it", yaml.safe_load(read_text(file)))
        if "tables" not in content:
            raise ValueError("it names no tables")
        parts = {name: _parts(name, content.get(name)) for name in PARTS}
        languages = content.get("languages") or []
        if not isinstance(languages, list | str):
            raise TypeError("languages is no list")
        languages = [languages] if isinstance(languages, str) else list(map(str, languages))
        name = str(content.get("name") or root.absolute().name)
        header = Header(root.absolute(), name, languages, **parts)
        header.scales()
        for table in header.tables:
            header.columns(table)
        for table in header.misc_tables:
            header.level(table)
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise CorpusError(f"{file} is damaged: {' '.join(str(error).split())}.") from error
    return header
