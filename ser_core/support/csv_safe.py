"""Tables as CSV for spreadsheet programs: their letters are read, and nothing in them is run."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# OWASP, "CSV injection": a spreadsheet program takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_text(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: with an apostrophe where it might."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_bytes(table: "pd.DataFrame") -> bytes:
    """A table as CSV, without its index, in UTF-8 with a byte order mark (Excel asks for one).

    Texts and headings go through `safe_text`; numbers, also negative ones, stay numbers, and what
    is missing stays empty.
    """
    safe = table.rename(columns=_safe)
    for place, kind in enumerate(table.dtypes):
        if kind.kind not in "biufcmM":  # numbers and times hold no texts
            safe.isetitem(place, safe.iloc[:, place].astype(object).map(_safe).array)
    return safe.to_csv(index=False).encode("utf-8-sig")


def _safe(value: Any) -> Any:
    return safe_text(value) if isinstance(value, str) else value
