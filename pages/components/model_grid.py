"""The model grid on a page: the table of `ser_core.figures`, with late fusion's slider at work."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from ser_core.figures.model_grid import MODEL_GRID_CSS
from ser_core.figures.model_grid import model_grid as table
from ser_core.figures.rows import Row

_HERE = Path(__file__).parent
_COMPONENT = st.components.v2.component(
    "model_grid",
    html=(_HERE / "model_grid.html").read_text("utf-8"),
    css=MODEL_GRID_CSS,
    js=(_HERE / "model_grid.js").read_text("utf-8"),
)


def model_grid(
    rows: Sequence[Row],
    key: str,
    *,
    on_weight: Callable[[float], None] | None = None,
    **options: Any,
) -> float | None:
    """Show the grid.

    Args:
        rows: from `make_rows` or `group_seeds`.
        key: of the element.
        on_weight: called with the new weight before the page runs again.
        options: of `ser_core.figures.model_grid`.

    Returns:
        The weight of the words that the user has just chosen, only in the run that this caused;
        else None.
    """

    def moved() -> None:
        if on_weight and (weight := st.session_state[key].late_weight) is not None:
            on_weight(weight)

    result = _COMPONENT(key=key, data={"html": table(rows, **options)}, on_late_weight_change=moved)
    weight: float | None = result.late_weight
    return weight
