"""Evaluation's server side. Clicks on figures are tested in Chromium."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from reading import said, view
from streamlit.testing.v1 import AppTest

from pages import _evaluation_source as source
from pages import _own_sets as own_sets
from ser_core.errors import SerError
from ser_core.evaluation.measured import evaluate_predictions
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.prediction_table import read, to_table, write
from ser_core.evaluation.predictions import Predictions, join, make_rows
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.synthesis.examples import load_examples

PARTS = ["disagreement", "figures", "confusion", "calibration", "dimensions", "groups"]
OpenPart = Callable[..., AppTest]


def made_up(name: str, size: int = 120, categories: int = 4, speakers: int = 6) -> Predictions:
    """Two of the tiny models on clips that are made up; `audio` is right more often."""
    generator = np.random.default_rng(0)
    truth = np.arange(size) % categories
    speaker = np.arange(size) % speakers
    rows = make_rows(
        pd.DataFrame(
            {
                "id": [f"a/{k}" for k in range(size)],
                "set": [name] * size,
                "clip": [f"a/{k}" for k in range(size)],
                "speaker": [f"s{k}" for k in speaker],
                "sex": np.where(speaker % 2, "female", "male"),
                "category": np.array(CATEGORIES)[truth],
                **{d: generator.random(size) for d in DIMENSIONS},
            }
        )
    )
    scores = {}
    for model, right in (("audio", 0.9), ("multistage", 0.5)):
        decision = np.where(generator.random(size) < right, truth, (truth + 1) % 4)
        probabilities = 0.7 * np.eye(4)[decision] + 0.3 * generator.dirichlet(np.ones(4), size)
        scores[model] = Scores(probabilities, generator.random((size, 3)))
    return Predictions(rows, scores)


@pytest.fixture(scope="module")
def shipped(checkpoints: Path) -> Iterator[Predictions]:
    file = checkpoints / "reference" / "predictions.parquet"
    one = made_up("one class", categories=1, speakers=1)
    unlabelled = made_up("no labels")
    rows = unlabelled.rows.assign(category="", **dict.fromkeys(DIMENSIONS, np.nan))
    write(join([made_up("both"), one, Predictions(rows, unlabelled.scores)]), file)
    yield read(file)
    file.unlink()
    st.cache_resource.clear()


@pytest.fixture
def open_part(shipped: Predictions, open_page: Callable[..., AppTest]) -> OpenPart:
    def open_part(part: str = "disagreement", name: str = "both", **options: str) -> AppTest:
        at = open_page()
        chosen = {"part": part, "set": name, **options}
        options = {f"evaluation.{key}": value for key, value in chosen.items()}
        at.session_state["view"] = replace(view(at), options=tuple(sorted(options.items())))
        at.switch_page("pages/evaluation.py").run()
        for _ in range(400):  # jobs; each look waits a little, on a busy machine they take long
            if not any("Cancel" in button.label for button in at.button):
                return at
            at.run()
        raise AssertionError("the job does not end")

    return open_part


@pytest.mark.parametrize("name", ["both", "one class", "no labels"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_every_set_shows_figures_or_a_sentence(
    open_part: OpenPart, part: str, name: str
) -> None:
    at = open_part(part, name)
    assert not at.exception
    assert at.get("plotly_chart") or at.info
    if name == "no labels" and part != "disagreement":
        assert not at.get("plotly_chart")


def test_the_figures_are_those_of_the_command(open_part: OpenPart, shipped: Predictions) -> None:
    at = open_part("figures")
    results = evaluate_predictions(shipped.of_set("both")).results
    expected = results[results["metric"] == "UAR"].set_index("model")
    shown = at.dataframe[0].value.set_index("model")
    for name, title in (("audio", "Audio"), ("multistage", "Multistage fusion")):
        for column in ("value", "low", "high"):
            assert shown.loc[title, column] == expected.loc[name, column]
    assert "p (Holm)" in at.dataframe[1].value.columns


def test_one_speaker_is_no_interval_over_speakers(open_part: OpenPart) -> None:
    at = open_part("figures", "one class", unit="speakers")
    shown = at.dataframe[0].value
    assert shown["value"].notna().all()
    assert shown[["low", "high"]].isna().all(axis=None)
    assert "because all rows are of one speaker" in said(at)
    assert "intervals over speakers" in said(open_part("figures", "both", unit="speakers"))


def test_gaps_stand_beside_a_random_model(open_part: OpenPart) -> None:
    at = open_part("groups", column="sex", figure="UAR")
    table = at.dataframe[0].value
    assert {"gap", "random, 95 %", "random, largest", "p"} <= set(table.columns)
    assert "random model of the same group sizes" in said(at)


def test_a_question_survives_another_page(open_part: OpenPart) -> None:
    at = open_part("calibration", "one class")
    at.switch_page("pages/attribution.py").run()
    at.switch_page("pages/evaluation.py").run()
    assert at.segmented_control(key="evaluation_part").value == "calibration"
    assert at.selectbox(key="evaluation_set").value == "one class"


def upload(data: bytes, name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the page keeps of an uploaded file."""
    kept = SimpleNamespace(session_state={}, data=data)
    file = io.BytesIO(data)
    file.name = name

    class State(dict):  # type: ignore[type-arg]
        __getattr__ = dict.__getitem__
        __setattr__ = dict.__setitem__

    kept.session_state = State(evaluation_upload=file)
    monkeypatch.setattr(source, "st", kept)
    source._take_upload()
    return dict(kept.session_state)


def test_a_table_of_ones_own_is_taken_and_one_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = to_table(made_up("mine")).to_csv(index=False).encode()
    kept = upload(table, "mine.csv", monkeypatch)
    assert len(kept["evaluation_table"].predictions) == 120  # type: ignore[attr-defined]
    kept = upload(b"a,b\n1,2\n", "mine.csv", monkeypatch)
    assert "no predictions" in str(kept["evaluation_problem"])


def test_a_table_names_no_file_outside_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    example = load_examples()[0]
    (data / "inside.wav").write_bytes(Path(example.path).read_bytes())
    (tmp_path / "outside.wav").write_bytes(b"secret")
    monkeypatch.setenv("SER_DATA", str(data))
    part = made_up("mine", 3)
    clips = ["inside.wav", "../outside.wav", str(tmp_path / "outside.wav")]
    rows = part.rows.assign(clip=clips)
    assert list(source._inside(Predictions(rows, part.scores))) == ["inside.wav"]


def test_errors_of_a_corpus_are_sentences(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SER_DATA", str(tmp_path))
    with pytest.raises(SerError, match="No known corpus"):
        own_sets.corpus_of("empty")
