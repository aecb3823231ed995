"""CSV that a spreadsheet opens rightly: as UTF-8, and with no cell taken for a formula."""

import pandas as pd

# A cell that begins so may run as a formula where a spreadsheet opens it (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8 with a byte order mark, for Excel; texts that begin like a formula
    get an apostrophe, numbers stay numbers."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_text)
    safe.columns = [_text(str(name)) for name in safe.columns]
    return safe.to_csv(index=False).encode("utf-8-sig")


def _text(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
