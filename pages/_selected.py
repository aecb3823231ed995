"""The selected clips: one selection of this session, for all pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

import streamlit as st

MOST = 5000

Value = str | float | bool | None


@dataclass(frozen=True)
class ClipSource:
    """Where a clip's sound comes from.

    Attributes:
        kind: an example, a recording of this session, or a row of a reference set.
        name: the example's id, the recording's token, or the row's id in its set.
        path: of the sound of a reference row; None where only its numbers are kept.
        span_s: the part that is meant, from and to, in seconds; None for all of it.
    """

    kind: Literal["example", "recording", "reference"]
    name: str
    path: Path | None = None
    span_s: tuple[float, float] | None = None

    @property
    def has_sound(self) -> bool:
        """Whether there is something to play."""
        return self.kind != "reference" or self.path is not None


@dataclass(frozen=True)
class ClipRow:
    """One clip in a selection or a table.

    Attributes:
        id: unique in its table.
        title: what people read.
        source: where its sound is.
        values: labels, predictions and whatever else is known of it, by the heading of a column;
            the headings "Title", "Sound", "Open in", "Source" and "Id" are taken.
    """

    id: str
    title: str
    source: ClipSource
    values: Mapping[str, Value] = field(default_factory=dict)


def select(rows: Iterable[ClipRow]) -> None:
    """Make these the selection of all pages; of more than `MOST` the first, see `note`."""
    rows = iter(rows)
    kept = list(islice(rows, MOST))
    left = sum(1 for _ in rows)
    st.session_state.selected_clips = kept
    st.session_state.selected_note = (
        f"Of {MOST + left:,} clips the first {MOST:,} are selected: select fewer to have all."
        if left
        else ""
    )


def selected() -> list[ClipRow]:
    """The selection, in the order in which it was made; empty at first."""
    return list(st.session_state.get("selected_clips", ()))


def note() -> str:
    """One sentence where a selection was cut, "" otherwise."""
    return st.session_state.get("selected_note", "")
