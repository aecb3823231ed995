import csv
import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages import _clip_table as clip_table
from pages import _selected as selected
from pages._selected import MOST, ClipRow, ClipSource
from ser_core.support.csv_safe import csv_bytes

EXAMPLE = ClipRow(
    "a", "Sad words", ClipSource("example", "sad"), {"label": "sad", "valence": 0.2, "right": True}
)
RECORDING = ClipRow(
    "b", "=1+1", ClipSource("recording", "t0ken"), {"label": "angry", "valence": -0.5}
)
SILENT = ClipRow("c", "Row 7", ClipSource("reference", "7"), {"label": "sad", "right": False})
HEARD = ClipRow("d", "Row 8", ClipSource("reference", "8", Path("/data/8.wav"), (1.0, 2.5)))
ROWS = [EXAMPLE, RECORDING, SILENT, HEARD]


def many(number: int) -> list[ClipRow]:
    return [
        ClipRow(f"id{n}", f"Clip {n}", ClipSource("reference", str(n)), {"label": "abcd"[n % 4]})
        for n in range(number)
    ]


def page() -> None:
    import streamlit as st

    from pages import _clip_table, _selected

    _clip_table.show(
        _selected.selected(),
        "clips",
        play=lambda row: st.session_state.update(playing=row.title),
        open_in=lambda row, page: st.session_state.update(opened=(row.title, page)),
        pages=["Compare", "Map"],
    )


@pytest.fixture
def open_page() -> Callable[[Sequence[ClipRow]], AppTest]:
    def open_page(rows: Sequence[ClipRow]) -> AppTest:
        at = AppTest.from_function(page, default_timeout=60)
        at.session_state["selected_clips"] = list(rows)
        return at.run()

    return open_page


def titles(at: AppTest) -> list[str]:
    assert not at.exception
    return list(at.dataframe[0].value["Title"])


class TestSelection:
    @pytest.fixture(autouse=True)
    def _session(self, monkeypatch: pytest.MonkeyPatch) -> None:
        st.session_state.clear()

    def test_is_empty_at_first_and_then_what_was_selected(self) -> None:
        assert selected.selected() == []
        assert selected.note() == ""
        selected.select(iter(ROWS))
        assert selected.selected() == ROWS
        selected.selected().clear()
        assert selected.selected() == ROWS, "only select() changes it"

    def test_is_bounded_and_says_so(self) -> None:
        rows = many(MOST + 3)
        selected.select(rows)
        assert selected.selected() == rows[:MOST]
        assert selected.note() == (
            "Of 5,003 clips the first 5,000 are selected: select fewer to have all."
        )
        selected.select(rows[:MOST])
        assert selected.note() == ""
        selected.select([])
        assert selected.selected() == []


class TestFrame:
    def test_holds_what_people_read_and_no_paths(self) -> None:
        table = clip_table.to_frame(ROWS)
        assert list(table.columns) == ["Title", "label", "valence", "right", "Source", "Id"]
        assert list(table["Source"]) == ["example", "your recording"] + ["reference set"] * 2
        assert table["valence"].isna().tolist() == [False, False, True, True]
        assert "/data" not in table.to_csv()

    def test_rows_without_any_values(self) -> None:
        assert list(clip_table.to_frame([HEARD]).columns) == ["Title", "Source", "Id"]

    def test_headings_of_its_own_are_refused(self) -> None:
        with pytest.raises(ValueError, match="Sound"):
            clip_table.to_frame([ClipRow("a", "A", EXAMPLE.source, {"Sound": 1.0})])

    def test_what_is_worth_a_filter(self) -> None:
        found = clip_table.categories(clip_table.to_frame(ROWS))
        assert found == {
            "label": ["angry", "sad"],
            "right": ["False", "True"],
            "Source": ["example", "reference set", "your recording"],
        }
        assert clip_table.categories(clip_table.to_frame(many(100))) == {
            "label": ["a", "b", "c", "d"]
        }

    @pytest.mark.parametrize(
        ("text", "chosen", "found"),
        [
            ("", {}, "abcd"),
            ("ROW", {}, "cd"),
            ("row sad", {}, "c"),
            ("sad", {}, "ac"),
            ("=1+", {}, "b"),
            ("(", {}, ""),
            ("", {"label": ["sad"]}, "ac"),
            ("", {"label": ["sad", "angry"], "Source": ["example"]}, "a"),
            ("", {"right": ["False"]}, "c"),
            ("words", {"label": ["angry"]}, ""),
        ],
    )
    def test_matching(self, text: str, chosen: dict[str, list[str]], found: str) -> None:
        table = clip_table.to_frame(ROWS)
        assert "".join(table[clip_table.matching(table, text, chosen)]["Id"]) == found

    def test_its_csv_is_safe(self) -> None:
        text = csv_bytes(clip_table.to_frame(ROWS)).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text)))
        assert [line["Title"] for line in lines] == ["Sad words", "'=1+1", "Row 7", "Row 8"]
        assert lines[1]["valence"] == "-0.5"

    def test_5000_rows_are_quick(self) -> None:
        rows = many(MOST)
        reference = time.perf_counter()
        pd.DataFrame([dict(row.values) for row in rows] * 4).to_csv()
        reference = time.perf_counter() - reference
        begin = time.perf_counter()
        table = clip_table.to_frame(rows)
        kept = clip_table.matching(table, "clip 49", {"label": ["a", "b"]})
        took = time.perf_counter() - begin
        assert kept.sum() == sum("49" in row.title and row.values["label"] in "ab" for row in rows)
        assert took < 10 * reference  # of the same machine at the same time


class TestPage:
    def test_no_rows_is_a_sentence(self, open_page: Callable[..., AppTest]) -> None:
        at = open_page([])
        assert at.info[0].value.startswith("No clips are selected: ")
        assert not at.dataframe

    def test_rows_say_whether_they_have_sound(self, open_page: Callable[..., AppTest]) -> None:
        at = open_page(ROWS)
        sound = list(at.dataframe[0].value["Sound"])
        assert [text.split(": ")[1] for text in sound] == ["Play", "Play", "No sound", "Play"]
        assert at.caption[0].value == "4 clips, 1 of them without sound"
        assert list(at.dataframe[0].value["Open in"][0]) == ["Compare", "Map"]

    def test_filters(self, open_page: Callable[..., AppTest]) -> None:
        at = open_page(ROWS)
        at.text_input(key="clips_text").set_value("row").run()
        assert titles(at) == ["Row 7", "Row 8"]
        assert at.caption[0].value == "2 of 4 clips, 1 of them without sound"
        at.button_group(key="clips_is_label").set_value(["angry"]).run()
        assert at.info[0].value == "No clip fits: take a filter away."
        at.text_input(key="clips_text").set_value("").run()
        assert titles(at) == ["=1+1"]

    def test_a_filter_that_other_rows_know_nothing_of(
        self, open_page: Callable[..., AppTest]
    ) -> None:
        at = open_page(ROWS)
        at.button_group(key="clips_is_label").set_value(["angry"]).run()
        at.session_state["selected_clips"] = many(8)
        at.run()
        assert len(titles(at)) == 8

    def test_all_5000(self, open_page: Callable[..., AppTest]) -> None:
        at = open_page(many(MOST))
        assert len(titles(at)) == MOST
        assert at.caption[0].value == "5,000 clips, 5,000 of them without sound"
