"""A test's answers as a finding."""

from collections.abc import Iterable

from ser_core.behaviour.battery.table import Asked, Row, as_table, shows
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.statistics import drawn_units
from ser_core.errors import SerError


def finding(
    asked: Asked,
    key: str,
    question: str,
    rows: Iterable[Row],
    measure: str,
    not_shown: str,
    notes: Iterable[str] = (),
) -> Finding:
    """A finding of the battery, with a note on what it was measured on.

    Raises:
        SerError: there are no rows.
    """
    table = as_table(rows)
    if table.empty:
        raise SerError("No model has the outputs, or no example the labels, that it needs.")
    part = asked.part.rows
    speakers = len(set(part["speaker"]) - {""})
    spoken = f" of {speakers} speaker{'s' if speakers != 1 else ''}" if speakers else ""
    on = f"Measured on {part['set'].iloc[0]}: {len(part):,} examples{spoken}."
    over = drawn_units(asked.part, asked.unit)[1]
    said = (on, *over, *notes, *asked.part.notes)
    return Finding(
        f"battery_{key}", "battery", question, shows(table), not_shown, measure, table, said
    )
