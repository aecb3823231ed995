"""Linked maps of many clips on canvases: hover, click, lasso, rectangle, colour, shape, filter.

What is looked at changes in the browser alone; a selection, a click on a clip, and (to be
remembered) another colour or shape run the script.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ser_core.figures.scatter import Column, frame_of, pack_points

_HERE = Path(__file__).parent
# In this order, as one module.
_SCRIPTS = ("scatter_points.js", "scatter_sound.js", "scatter_maps.js")
_COMPONENT = st.components.v2.component(
    "scatter_maps",
    html=(_HERE / "scatter_maps.html").read_text("utf-8"),
    css=(_HERE / "scatter_maps.css").read_text("utf-8"),
    js="\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS),
)


@dataclass(frozen=True)
class Mark:
    """A clip drawn above the points.

    Attributes:
        point: its coordinates.
        label: one or two letters.
        current: whether it is the current clip.
    """

    point: tuple[float, float]
    label: str
    current: bool = False


@dataclass(frozen=True, eq=False)
class MapPanel:
    """One map.

    Attributes:
        title: what is mapped.
        points: [N, 2], NaN for rows without.
        trust: one short line below.
        marks: joined by a path, in their order.
        tells: columns that a point's tip tells of.
    """

    title: str
    points: np.ndarray
    trust: str = ""
    marks: tuple[Mark, ...] = ()
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MappedSet:
    """What all maps share.

    Attributes:
        id: changes with the rows.
        titles: of the rows, [N].
        words: of the rows, [N], "" for none.
        columns: to colour, shape and filter by.
        sound: whether a row can be heard, [N].
    """

    id: str
    titles: Sequence[str]
    words: Sequence[str]
    columns: Mapping[str, Column]
    sound: Sequence[bool]


def scatter_maps(
    mapped: MappedSet,
    panels: Sequence[MapPanel],
    key: str,
    *,
    look: Mapping[str, str],
    selected: Sequence[int],
    on_select: Callable[[list[int]], None],
    on_click: Callable[[int], None],
    on_look: Callable[[dict[str, str]], None],
) -> None:
    """Show maps side by side.

    Args:
        mapped: the clips.
        panels: at most five are readable.
        key: of the element.
        look: `colour` and `shape`: columns; `hear`: "on" where a point under the pointer is
            heard, by `hover_sound`; read when the element is new, the browser's own then.
        selected: rows, likewise.
        on_select: called with the selected rows before the page runs again.
        on_click: called with the row that was clicked, likewise.
        on_look: called with another look, likewise.
    """
    first = f"_first_{key}"  # what changed since is known in the browser: it is not sent again
    if key not in st.session_state or st.session_state.get(first, {}).get("set") != mapped.id:
        st.session_state[first] = {"set": mapped.id, "look": dict(look), "selected": [*selected]}

    def chosen() -> None:
        found = st.session_state[key].get("selected")
        if found and found["set"] == mapped.id:
            on_select([row for row in found["rows"] if 0 <= row < len(mapped.titles)])

    def clicked() -> None:
        found = st.session_state[key].get("clicked")
        if found and found["set"] == mapped.id and 0 <= found["row"] < len(mapped.titles):
            on_click(found["row"])

    def looked() -> None:
        if found := st.session_state[key].get("look"):
            on_look(found)

    _COMPONENT(
        key=key,
        data={
            **st.session_state[first],
            "titles": [*mapped.titles],
            "words": [*mapped.words],
            "sound": _base64(bytes(mapped.sound)),
            "columns": {name: _column(column) for name, column in mapped.columns.items()},
            "panels": [_panel(panel) for panel in panels],
        },
        on_selected_change=chosen,
        on_clicked_change=clicked,
        on_look_change=looked,
    )


def _column(column: Column) -> dict[str, Any]:
    return asdict(column) | {"packed": _base64(column.packed)}


def _panel(panel: MapPanel) -> dict[str, Any]:
    frame = frame_of(panel.points)
    x, y = pack_points(panel.points, frame)
    marks = []
    for mark in panel.marks:
        at = frame.to_unit(np.array(mark.point, np.float64))
        marks.append(
            {"x": float(at[0]), "y": float(at[1]), "label": mark.label, "current": mark.current}
        )
    return {
        "title": panel.title,
        "trust": panel.trust,
        "x": _base64(x),
        "y": _base64(y),
        "marked": marks,
        "tells": [*panel.tells],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
