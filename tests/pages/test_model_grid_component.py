import json

import pytest
from html_tree import Node, line
from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from pages.components.model_grid import model_grid
    from ser_core.analysis import Prediction
    from ser_core.figures.model_grid import Slider
    from ser_core.figures.rows import Row
    from ser_core.figures.style import model_style

    sure = Prediction("late", {"sad": 0.9, "happy": 0.1}, {"valence": 0.2}, used_text=True)
    row = Row("late", "Late <i>fusion</i>", sure, None, False, model_style(0))
    weight = st.session_state.get("weight", 0.3)
    moved = model_grid([row], "first", slider=Slider(weight, ("late",)), compared="pinned")
    model_grid([row], "second", ident="other")
    st.text(f"moved {moved}")


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(script, default_timeout=120).run()


def grids(page: AppTest) -> list[Node]:
    """What the components are given."""
    assert not page.exception
    protos = [element.proto for element in page.get("bidi_component")]
    return [Node(json.loads(proto.json)["html"]) for proto in protos]


def test_the_page_shows_the_table(page: AppTest) -> None:
    first, second = grids(page)
    assert line(first, "Late <i>fusion</i>").one("says").text == "sad"
    assert line(first, "Late <i>fusion</i>").one("input").attrs["value"] == "0.3"
    assert not second.all("input")
    ids = [[n.attrs["id"] for n in grid.all("note")] for grid in (first, second)]
    assert not set(ids[0]) & set(ids[1])


def test_nothing_has_moved_at_first(page: AppTest) -> None:
    assert page.text[0].value == "moved None"


def test_the_slider_follows_the_page(page: AppTest) -> None:
    page.session_state.weight = 0.85
    page.run()
    assert line(grids(page)[0], "Late").one("output").text == "0.85"
