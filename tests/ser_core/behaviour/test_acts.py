from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.behaviour import acts
from ser_core.behaviour.act_figures import of_utterances, voice_varied, words_varied
from ser_core.behaviour.dialogue_acts import ACTS
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.roles import Roles
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.prediction_table import read
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.labels import CATEGORIES
from ser_core.models.registry import discover

ROLES = Roles("reader", "listener", ("fusion",))


def decided(codes: np.ndarray) -> Scores:
    """Sure decisions, valence 0.1 times the category's number."""
    dimensions = np.repeat(0.1 * codes[..., None], 3, axis=-1)
    return Scores(np.eye(4)[codes], dimensions)


def value(finding: Finding, model: str, case: str) -> float:
    return float(finding.table.set_index(["model", "case"]).loc[(model, case), "value"])


def test_voice_and_words_move_what_hears_and_what_reads():
    voices, words = np.meshgrid(np.arange(4), np.arange(8) % 4, indexing="ij")
    everyone = np.ones(8, bool)
    reader, listener = decided(words), decided(voices)
    assert voice_varied(reader, everyone).value == 0
    assert voice_varied(listener, everyone).value == pytest.approx(1)
    assert words_varied(reader, everyone).value == 0.75
    assert words_varied(listener, everyone).value == 0
    two = decided(np.where(voices < 2, 1, 2))  # 4 of the 6 pairs of voices differ
    assert voice_varied(two, everyone).value == pytest.approx(4 / 6)


def test_figures_by_act_are_those_of_its_utterances():
    codes = np.tile(np.array([0, 0, 1, 2, 3, 3]), (2, 1))
    kinds = np.array(["question", "question", *["statement"] * 4])
    found = {
        one.key: one for one in of_utterances({"m": decided(codes)}, kinds, ("a note",), 100, 0)
    }
    assert value(found["acts_valence"], "m", "question") == 0
    assert value(found["acts_valence"], "m", "statement") == pytest.approx(0.225)
    assert value(found["acts_emotional"], "m", "question") == 0
    assert value(found["acts_emotional"], "m", "statement") == 1
    assert value(found["acts_words_varied"], "m", "statement") == pytest.approx(
        1 - (0.25**2 * 2 + 0.5**2)
    )
    assert set(found["acts_valence"].table["case"]) == {"question", "statement"}
    assert "m lies from 0.00 with question to 0.23 with statement" in found["acts_valence"].shows
    assert found["acts_valence"].notes[0] == "a note"


def table(size: int = 240) -> Predictions:
    """The fusion follows the words of questions, and the voice in statements; both are right."""
    generator = np.random.default_rng(0)
    voice = generator.integers(0, 4, size)
    words = (voice + generator.integers(1, 4, size)) % 4
    asked = np.arange(size) % 2 == 0
    right = np.where(asked, words, voice)
    rows = pd.DataFrame(
        {
            "id": [f"{k}" for k in range(size)],
            "set": "own",
            "clip": [f"{k}" for k in range(size)],
            "speaker": [f"s{k % 8}" for k in range(size)],
            "language": "en",
            "words": np.where(asked, "Where did you park the car?", "The train was late."),
            "category": np.array(CATEGORIES)[right],
        }
    )
    scores = {"reader": decided(words), "listener": decided(voice), "fusion": decided(right)}
    return Predictions(make_rows(rows), scores)


def test_a_corpus_is_told_by_act():
    uar, lean = acts.of_predictions(table(), ROLES, draws=100)
    assert value(uar, "fusion", "question") == value(uar, "fusion", "statement") == 1
    assert value(uar, "reader", "question") == 1
    assert value(uar, "reader", "statement") == 0
    assert value(lean, "fusion", "question") == 1
    assert value(lean, "fusion", "statement") == -1
    assert {uar.part, lean.part} == {"acts"}
    assert any("Acts are told by rules" in note for note in lean.notes)


def test_a_column_of_the_corpus_counts_before_the_rules():
    part = table()
    kinds = np.where(np.arange(len(part)) % 4 < 2, "greeting", "question")
    part = replace(part, rows=part.rows.assign(dialogue_act=kinds))
    uar, lean = acts.of_predictions(part, ROLES, draws=100)
    assert list(dict.fromkeys(lean.table["case"])) == ["question", "greeting"]
    assert "Acts are those of the column dialogue_act." in uar.notes


def test_words_of_another_language_have_no_act():
    part = table()
    part.rows["language"] = "pl"
    assert set(acts.acts_of(part.rows)[0]) == {""}
    assert list(acts.of_predictions(part, ROLES, draws=50)) == []


def test_one_act_is_nothing_to_compare():
    part = table().take(np.arange(0, 240, 2))
    assert list(acts.of_predictions(part, ROLES, draws=50)) == []


def test_no_words_are_said():
    part = table()
    part.rows["words"] = ""
    with pytest.raises(SerError, match="give clips with their transcripts"):
        next(acts.of_predictions(part, ROLES))


def test_every_model_is_asked_by_act(tiny_checkpoints: Path):
    analyzer = Analyzer(tiny_checkpoints)
    told: list[float] = []
    models = ["text", "audio", "late"]
    found = {
        one.key: one
        for one in acts.findings(analyzer, models=models, draws=50, progress=told.append)
    }
    assert list(found) == [
        "acts_rules",
        *(f"acts_{key}" for key in ("valence", "emotional", "voice_varied", "words_varied")),
    ]
    valence = found["acts_valence"].table
    assert set(valence["model"]) == set(models)
    assert set(valence["case"]) == set(ACTS)
    assert valence.set_index("model").loc["audio", "value"].nunique() == 1
    assert found["acts_voice_varied"].table.set_index("model").loc["text", "value"].eq(0).all()
    assert found["acts_words_varied"].table.set_index("model").loc["audio", "value"].eq(0).all()


def test_shipped_predictions_are_told_by_act():
    predictions = read(CHECKPOINTS / "reference" / "predictions.parquet")
    uar, lean = acts.of_predictions(predictions, Roles.of(discover(CHECKPOINTS)), draws=50)
    assert {"question", "statement", "directive"} <= set(uar.table["case"])
    assert lean.key == "conflict_meant_by_dialogue_act"
