"""Voices heard relative to their speakers: what Evaluation and Compare offer, and say."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
import streamlit as st
from fixtures import RATE, tone
from reading import said, view
from streamlit.testing.v1 import AppTest
from tiny import write_knowing_checkpoints

from ser_core.inputs.speech import Recogniser
from ser_core.labels import CATEGORIES

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def _knowing(
    tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser, _fresh_caches: None
) -> Iterator[None]:
    """Models of which some know speakers, instead of those of the other tests."""
    root = write_knowing_checkpoints(tmp_path_factory.mktemp("knowing"), recogniser)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_CHECKPOINTS", str(root))
        st.cache_resource.clear()
        yield


@pytest.fixture(scope="module")
def recordings() -> dict[str, bytes]:
    """Thirteen clips of one speaker, and one of another."""
    found = {}
    for number in range(14):
        buffer = io.BytesIO()
        samples = tone(CATEGORIES[number % 4], 0.4, number)
        soundfile.write(buffer, samples, RATE, format="WAV")
        found[f"{number:02}.wav"] = buffer.getvalue()
    return found


def table(speaker: str = "one") -> bytes:
    lines = [
        f"{number:02}.wav,{CATEGORIES[number % 4]},{'other' if number == 13 else speaker},So it is."
        for number in range(14)
    ]
    return "\n".join(["file,category,speaker,transcript", *lines]).encode()


def open_evaluation(open_page: OpenPage, files: dict[str, bytes], **options: str) -> AppTest:
    at = open_page()
    at.session_state["own_uploads"] = files
    chosen = {"evaluation.source": "own", "own.set": "upload", "evaluation.part": "figures"}
    chosen |= {f"evaluation.{key}": value for key, value in options.items()}
    at.session_state["view"] = replace(view(at), options=tuple(sorted(chosen.items())))
    return at.switch_page("pages/evaluation.py").run()


def finished(at: AppTest) -> AppTest:
    for _ in range(400):
        if not any("Cancel" in button.label for button in at.button):
            assert not at.exception
            return at
        at.run()
    raise AssertionError("the job does not end")


def has(at: AppTest, key: str) -> bool:
    return any(box.key == key for box in at.selectbox)


def test_a_set_relative_to_speakers_stands_beside_the_plain_one(
    open_page: OpenPage, recordings: dict[str, bytes]
) -> None:
    at = open_evaluation(open_page, recordings | {"labels.csv": table()})
    assert at.selectbox(key="evaluation_speakers").value == "off"
    at.selectbox(key="evaluation_speakers").set_value("others").run()
    finished(at.button(key="evaluation_predict").click().run())
    sets = at.selectbox(key="evaluation_set")
    assert sets.options == ["Your clips, own words", "Your clips, own words, reference"]
    assert sets.value == sets.options[0] and len(at.dataframe[0].value) > 3
    finished(sets.set_value(sets.options[1]).run())
    shown = set(at.dataframe[0].value["model"])
    assert shown == {"Late fusion", "Audio", "Foundation"}
    assert "1 clip is left out there" in said(at)


def test_it_is_offered_only_where_speakers_are_named(
    open_page: OpenPage, recordings: dict[str, bytes]
) -> None:
    assert not has(open_evaluation(open_page, recordings), "evaluation_speakers")
    at = open_evaluation(open_page, recordings | {"labels.csv": table()})
    assert has(at, "evaluation_speakers")


def test_it_is_not_offered_where_no_model_knows_speakers(
    open_page: OpenPage,
    recordings: dict[str, bytes],
    checkpoints: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("SER_CHECKPOINTS", str(checkpoints))
        st.cache_resource.clear()
        at = open_evaluation(open_page, recordings | {"labels.csv": table()}, speakers="others")
        assert not at.exception and not has(at, "evaluation_speakers")
    st.cache_resource.clear()
