"""Text and delimited files as corpora hold them: any encoding, stray marks, damaged lines."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ser_core.corpora.table import Skipped
from ser_core.errors import CorpusError

Rows = tuple[list[dict[str, str]], list[Skipped]]

_DELIMITERS = (",", ";", "\t")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = re.compile("[\x80-\x9f]")

csv.field_size_limit(2**31 - 1)  # a transcript may be longer than the 131,072 that Python allows


def read_text(path: Path) -> str:
    """Text of a file in UTF-8 (with or without byte order mark) or UTF-16 (with), else in Latin-1.

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
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return _CONTROLS.sub(lambda mark: mark[0].encode("latin-1").decode("cp1252", "ignore"), text)


def read_lines(path: Path) -> list[str]:
    """Lines of a text file, without their ends.

    Raises:
        CorpusError: the file cannot be read.
    """
    return io.StringIO(read_text(path), newline=None).read().split("\n")


def read_rows(path: Path, delimiter: str = ",", quoted: bool = True) -> Rows:
    """Rows of a delimited text file as they are written ("NA" and "None" stay words).

    Args:
        delimiter: where the first line holds none of it but a comma, semicolon or tab, that counts.
        quoted: whether quotation marks enclose fields. In a file with tabs they may all the same
            belong to the text: they do if rows are lost otherwise and none is lost then.

    Returns:
        Rows by the names of the first line, values without blanks at both ends; and the lines that
        have another number of fields.

    Raises:
        CorpusError: the file cannot be read, has a column twice, a quotation mark in it is never
            closed, or all its lines have another number of fields than the first.
    """
    text = read_text(path)
    delimiter = _delimiter(text, delimiter)
    if quoted and delimiter == "\t" and '"' in text:
        rows, skipped = _parse_tabs(path, text)
    else:
        rows, skipped = _parse(path, text, delimiter, quoted)
    if skipped and not rows:
        raise CorpusError(
            f"No line of {path} has as many fields as its first, which names the columns: mend the "
            "first line, or the others."
        )
    return rows, skipped


def _delimiter(text: str, usual: str) -> str:
    """The usual delimiter, or the one that gives the first line most fields if that gives one."""
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    fields = {
        delimiter: len(next(csv.reader([first], delimiter=delimiter), ()))
        for delimiter in (usual, *_DELIMITERS)
    }
    return usual if fields[usual] > 1 else max(fields, key=lambda delimiter: fields[delimiter])


def _parse_tabs(path: Path, text: str) -> Rows:
    plain, wrong = _parse(path, text, "\t", quoted=False)
    in_text = not wrong and not any(name.startswith('"') for name in (plain or [{}])[0])
    try:
        rows, skipped = _parse(path, text, "\t", quoted=True)
    except CorpusError:
        if in_text:
            return plain, []
        raise
    return (plain, []) if in_text and len(plain) > len(rows) else (rows, skipped)


def _parse(path: Path, text: str, delimiter: str, quoted: bool) -> Rows:
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
    )
    header: list[str] = []
    rows, skipped = [], []
    begin = 1
    try:
        for values in reader:
            begin = reader.line_num + 1
            if not values:
                continue
            if not header:
                header = [name.strip() for name in values]
                _refuse_twins(path, header)
            elif len(values) == len(header):
                rows.append(dict(zip(header, (value.strip() for value in values), strict=True)))
            else:
                item = f"{path.name} line {reader.line_num}"
                skipped.append(Skipped(item, "a wrong number of fields"))
    except csv.Error as error:
        raise CorpusError(
            f"{path} line {reader.line_num} is damaged ({error}): close the quotation mark of the "
            f"row that begins in line {begin}, or write it twice if it belongs to a text."
        ) from error
    return rows, skipped


def _refuse_twins(path: Path, header: Sequence[str]) -> None:
    """Refuse a column that is there twice; spreadsheets leave several without a name."""
    for name in header:
        if name and header.count(name) > 1:
            raise CorpusError(f"{path} has the column {name} more than once: rename one of them.")


def require_columns(path: Path, rows: Sequence[dict[str, str]], columns: Iterable[str]) -> None:
    """Check the columns of a file read with `read_rows`.

    Raises:
        CorpusError: it has no rows, or lacks columns (the message names them).
    """
    if not rows:
        raise CorpusError(f"{path} has no rows: it may be damaged.")
    if lacking := [column for column in columns if column not in rows[0]]:
        raise CorpusError(f"{path} has no column {', '.join(lacking)}: it may be damaged.")
