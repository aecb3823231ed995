"""Predictions of several recordings as they come: a table, JSON lines or CSV.

Nothing is left out in silence: a recording that cannot be used is a line with the reason, and so is
a model that could not answer.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import typer

from ser_core.cli.console import echo_json
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analysis

NUMBERS = (*CATEGORIES, *DIMENSIONS)
CSV_COLUMNS = (
    *("file", "model", "decision", *NUMBERS, "used_words", "duration_s"),
    *("transcript", "transcript_source", "language", "notes", "problem"),
)


class Writer(Protocol):
    """Takes one recording after the other."""

    def write(self, file: Path, analysis: "Analysis") -> None:
        """What the models say of a recording."""

    def fail(self, file: Path, problem: str) -> None:
        """A recording that cannot be used, and why in one sentence."""


class JsonLines:
    """One object a line: that of a single clip after its `file`, or `file` and `error`."""

    def write(self, file: Path, analysis: "Analysis") -> None:
        """One line, see `Analysis.to_dict`."""
        self._line({"file": str(file), **analysis.to_dict()})

    def fail(self, file: Path, problem: str) -> None:
        """One line with the reason."""
        self._line({"file": str(file), "error": problem})

    def _line(self, values: dict[str, Any]) -> None:
        echo_json(json.dumps(values, ensure_ascii=False))


class Table:
    """A line for each recording and model, in columns.

    Args:
        files: all that will come, models: names of all that may answer; for the widths.
    """

    def __init__(self, files: Sequence[Path], models: Sequence[str]) -> None:
        self._widths = [
            max(len("file"), *(len(_shown(file)) for file in files)),
            max(len(name) for name in ("model", *models)),
            max(len(name) for name in ("decision", *CATEGORIES)),
            *(len(name) for name in NUMBERS),
        ]
        self._row(["file", "model", "decision", *NUMBERS])

    def _row(self, cells: Sequence[str]) -> None:
        left = [cell.ljust(width) for cell, width in zip(cells[:3], self._widths, strict=False)]
        right = [
            cell.rjust(width) for cell, width in zip(cells[3:], self._widths[3:], strict=False)
        ]
        typer.echo("  ".join((*left, *right)).rstrip())

    def write(self, file: Path, analysis: "Analysis") -> None:
        """Its lines; then notes, and models that could not answer."""
        for name, one in analysis.predictions.items():
            values = one.probabilities | one.dimensions
            numbers = [f"{values[key]:.2f}" if key in values else "–" for key in NUMBERS]
            self._row([_shown(file), name, one.decision or "–", *numbers])
        for note in analysis.notes:
            self._row([_shown(file), f"note: {note}"])
        for name, reason in analysis.skipped.items():
            self._row([_shown(file), name, reason])

    def fail(self, file: Path, problem: str) -> None:
        """One line with the reason."""
        self._row([_shown(file), problem])


def _shown(file: Path | str) -> str:
    """A path on one line."""
    return "".join(c if c.isprintable() else "_" for c in str(file))


class Csv:
    """A row for each recording and model, safe to open in a spreadsheet program.

    Args:
        out: open binary file; rows are written as they come.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._begun = False

    def write(self, file: Path, analysis: "Analysis") -> None:
        """Its rows: predictions, then models that could not answer."""
        words = analysis.transcript
        shared = {
            "file": str(file),
            "duration_s": round(analysis.clip.duration_s, 4),
            "transcript": words.text,
            "transcript_source": words.source,
            "language": words.language,
            "notes": " ".join(analysis.notes),
        }
        rows: list[dict[str, Any]] = [
            {
                **shared,
                **one.probabilities,
                **one.dimensions,
                "model": name,
                "decision": one.decision,
                "used_words": str(one.used_text).lower(),
            }
            for name, one in analysis.predictions.items()
        ]
        rows += [
            {**shared, "model": name, "problem": why} for name, why in analysis.skipped.items()
        ]
        self._rows(rows)

    def fail(self, file: Path, problem: str) -> None:
        """One row with the reason."""
        self._rows([{"file": str(file), "problem": problem}])

    def _rows(self, rows: list[dict[str, Any]]) -> None:
        import pandas as pd

        data = csv_bytes(pd.DataFrame(rows, columns=list(CSV_COLUMNS)))
        self._out.write(data.split(b"\n", 1)[1] if self._begun else data)
        self._out.flush()
        self._begun = True
