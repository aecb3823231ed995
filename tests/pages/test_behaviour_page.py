"""Behaviour's server side. Clicks on the overview are tested in Chromium."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import soundfile
import streamlit as st
from findings import make_findings
from fixtures import tone
from reading import said, view
from streamlit.testing.v1 import AppTest

from pages import _behaviour_export as export
from ser_core.analysis import Analyzer
from ser_core.behaviour.finding import PARTS
from ser_core.behaviour.findings_file import read, write

OpenPart = Callable[..., AppTest]


@pytest.fixture(scope="module")
def shipped(checkpoints: Path) -> Iterator[Path]:
    file = checkpoints / "reference" / "behaviour.parquet"
    write(
        make_findings(), file, {name: m.digest for name, m in Analyzer(checkpoints).models.items()}
    )
    yield file
    file.unlink()
    st.cache_resource.clear()


@pytest.fixture
def open_part(shipped: Path, open_page: Callable[..., AppTest]) -> OpenPart:
    def open_part(part: str = "follow", **options: str) -> AppTest:
        at = open_page()
        chosen = {f"behaviour.{key}": value for key, value in {"part": part, **options}.items()}
        at.session_state["view"] = replace(view(at), options=tuple(sorted(chosen.items())))
        return at.switch_page("pages/behaviour.py").run()

    return open_part


@pytest.mark.parametrize("part", PARTS)
def test_every_part_shows_findings_or_a_sentence(open_part: OpenPart, part: str) -> None:
    at = open_part(part)
    assert not at.exception
    assert at.get("plotly_chart") or any("ser behave" in info.value for info in at.info)


def test_a_finding_says_what_it_shows_and_what_not(open_part: OpenPart) -> None:
    at = open_part("follow")
    assert len(at.get("plotly_chart")) == 2
    assert "Multistage fusion leans to the words." in said(at)
    assert "What this does not show: Why." in said(at)
    assert "Note." in said(at)
    assert list(at.dataframe[0].value["model"].unique()) == ["Text", "Audio", "Multistage fusion"]


def test_one_question_can_be_asked_alone(open_part: OpenPart) -> None:
    at = open_part("follow", question="agreement")
    assert [element.value for element in at.subheader] == ["And where words and voice agree?"]


def test_the_battery_opens_with_all_tests_and_leads_to_one(open_part: OpenPart) -> None:
    at = open_part("battery", test="noise")
    overview, figure = at.get("plotly_chart")
    assert "Are the categories right: failed by Audio" in overview.proto.alt
    assert "Does noise change the answers: failed by none" in overview.proto.alt
    assert figure.proto.alt == "Some pass."
    assert list(at.dataframe[0].value["passed"].unique()) == ["✓ pass"]


def test_of_many_cases_some_are_drawn_and_others_can_be_chosen(open_part: OpenPart) -> None:
    at = open_part("battery", test="correct")
    chosen = at.multiselect(key="behaviour_cases_correct")
    assert len(chosen.value) == 10
    assert len(chosen.options) == 12
    assert set(at.dataframe[0].value["passed"]) == {"✓ pass", "✗ fail", "too few"}


def test_models_that_changed_are_named(open_part: OpenPart, shipped: Path) -> None:
    before = shipped.read_bytes()
    write(make_findings(), shipped, {"audio": "another"})
    at = open_part("follow")
    assert any("Audio changed since" in one.value for one in at.warning)
    shipped.write_bytes(before)


def test_a_part_survives_another_page(open_part: OpenPart) -> None:
    at = open_part("battery", test="sex")
    at.switch_page("pages/map.py").run()
    at.switch_page("pages/behaviour.py").run()
    assert at.segmented_control(key="behaviour_part").value == "battery"
    assert at.selectbox(key="behaviour_test").value == "sex"


def test_words_are_tried_live(open_part: OpenPart) -> None:
    at = open_part("templates", voice="clip")
    at.text_input(key="live_words").set_value("Are you sad?").run()
    table = at.dataframe[0].value
    current = view(at).current
    assert current is not None
    expected = Analyzer().analyze(current.clip.clip, "Are you sad?").predictions["text"]
    row = table[table["Model"] == "Text"].iloc[0]
    assert row["Category"] == expected.decision
    assert row["Valence"] == pytest.approx(expected.dimensions["valence"])
    assert "**question**" in said(at)
    at.text_input(key="live_words").set_value(" ").run()
    assert not at.exception
    assert any("Type a word" in info.value for info in at.info)


def test_exports_give_back_what_is_shown(tmp_path: Path, checkpoints: Path) -> None:
    findings = [one for one in make_findings() if one.part == "battery"]
    table = pd.read_csv(io.BytesIO(export.to_csv(findings)))
    assert len(table) == sum(len(one.table) for one in findings)
    (tmp_path / "all.parquet").write_bytes(export.to_parquet(findings))
    assert [one.key for one in read(tmp_path / "all.parquet")] == ["correct", "noise", "sex"]
    page = export.to_html(findings, Analyzer(checkpoints)).decode()
    assert "Are both sexes recognised alike?" in page


class TestOwnClips:
    @pytest.fixture
    def data(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("SER_DATA", str(tmp_path))
        folder = tmp_path / "mine"
        folder.mkdir()
        lines = ["file,category,speaker,transcript"]
        for number in range(8):
            category = ("happy", "sad")[number % 2]
            soundfile.write(folder / f"{number}.wav", tone(category, 0.8, number), 16_000)
            lines.append(f"{number}.wav,{category},s{number % 3},I am {category}.")
        (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
        return tmp_path

    def finished(self, at: AppTest) -> AppTest:
        for _ in range(400):
            if not any("Cancel" in button.label for button in at.button):
                return at
            at.run()
        raise AssertionError("the job does not end")

    def test_a_folder_is_predicted_once_and_each_part_found(
        self, open_part: OpenPart, data: Path
    ) -> None:
        at = open_part("follow", source="own")
        assert not at.exception
        at = self.finished(at.button(key="behaviour_try").click().run())
        assert not at.exception
        assert at.get("plotly_chart")
        assert "8 examples" in said(at)

    def test_a_folder_that_is_no_corpus_is_one_sentence(
        self, open_part: OpenPart, data: Path
    ) -> None:
        (data / "a_first").mkdir()
        at = open_part("follow", source="own")
        assert not at.exception
        assert any("No known corpus" in error.value for error in at.error)
