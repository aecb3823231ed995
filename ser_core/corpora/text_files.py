"""Text and delimited files as corpora hold them: any encoding, stray marks, damaged lines."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ser_core.corpora.table import Skipped
from ser_core.errors import CorpusError

_CONTROLS = re.compile("[\x80-\x9f]")


def read_text(path: Path) -> str:
    """Text of a file in UTF-8 (with or without byte order mark), else in Latin-1.

    Control characters from U+0080 to U+009F become the marks that Windows-1252 has in their place:
    texts converted as if they were Latin-1 have U+0092 for an apostrophe and U+0085 for an
    ellipsis, at which Python would even end the line.

    Raises:
        CorpusError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return _CONTROLS.sub(lambda mark: mark[0].encode("latin-1").decode("cp1252", "ignore"), text)


def read_lines(path: Path) -> list[str]:
    """Lines of a text file, without their ends.

    Raises:
        CorpusError: the file cannot be read.
    """
    return io.StringIO(read_text(path), newline=None).read().split("\n")


def read_rows(
    path: Path, delimiter: str = ",", quoted: bool = True
) -> tuple[list[dict[str, str]], list[Skipped]]:
    """Rows of a delimited text file as they are written ("NA" and "None" stay words).

    Returns:
        Rows by the names of the first line, values without blanks at both ends; and the lines that
        have another number of fields.

    Raises:
        CorpusError: the file cannot be read, or a quotation mark in it is never closed.
    """
    reader = csv.reader(
        io.StringIO(read_text(path), newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
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
                item = f"{path.name} line {reader.line_num}"
                skipped.append(Skipped(item, "a wrong number of fields"))
    except csv.Error as error:
        raise CorpusError(f"{path} line {reader.line_num} is damaged: {error}.") from error
    return rows, skipped


def require_columns(path: Path, rows: Sequence[dict[str, str]], columns: Iterable[str]) -> None:
    """Check the columns of a file read with `read_rows`.

    Raises:
        CorpusError: it has no rows, or lacks columns (the message names them).
    """
    if not rows:
        raise CorpusError(f"{path} has no rows: it may be damaged.")
    if lacking := [column for column in columns if column not in rows[0]]:
        raise CorpusError(f"{path} has no column {', '.join(lacking)}: it may be damaged.")
