"""What a page shows, read from its elements."""

import json
import re
from html.parser import HTMLParser
from typing import Any

from streamlit.testing.v1 import AppTest

from pages import _state as state
from ser_core.labels import CATEGORIES, DIMENSIONS

VALUES = [*CATEGORIES, *DIMENSIONS]


def component(at: AppTest, name: str) -> dict[str, Any]:
    """What a component of ours was given; the first one of that name."""
    found = [e.proto for e in at.get("bidi_component") if e.proto.component_name == name]
    values: dict[str, Any] = json.loads(found[0].json)
    return values


def link(at: AppTest) -> str:
    """The query that the page puts into the address."""
    return str(component(at, "address")["query"])


class _Cells(HTMLParser):
    """Texts of the cells of a table's body, row by row; only what is there for reading."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._hidden: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td") and self.rows:
            self.rows[-1].append("")
        if tag not in ("path", "input", "br"):
            hidden = dict(attrs).get("aria-hidden") == "true"
            self._hidden.append(hidden or any(self._hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "input", "br"):
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and not any(self._hidden):
            self.rows[-1][-1] += data


def grid(at: AppTest) -> dict[str, list[str]]:
    """Cells of the model grid by model title: decision, then one text for each value."""
    assert not at.exception
    assert not at.error
    html = component(at, "model_grid")["html"]
    cells = _Cells()
    cells.feed(html[html.index("<tbody") : html.index("</table>")])
    return {re.sub(r"(no )?words.*|reference.*", "", row[0]).strip(): row[1:] for row in cells.rows}


def values(at: AppTest, title: str) -> dict[str, float]:
    """The values of a row, to three decimals."""
    texts = grid(at)[title][1:]
    numbers = [float(re.search(r"\d\.\d+", text)[0]) for text in texts]  # type: ignore[index]
    return dict(zip(VALUES, numbers, strict=True))


def view(at: AppTest) -> state.View:
    """The state of the session."""
    found: state.View = at.session_state["view"]
    return found


def said(at: AppTest) -> str:
    """All prose of the page."""
    return "\n".join(element.value for element in [*at.markdown, *at.caption, *at.subheader])
