import sys
from pathlib import Path

import numpy as np
import pytest

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.behaviour import template_figures, templates
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.lexicon import CONTEXT, FORMS, NEGATED, STRONGER, emotion_words, sentences
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES
from ser_core.support.cache import Cache
from ser_core.synthesis import speech

DEGREES = {"alone": 1.0, "in context": 1.0, "intensified": 1.5, "reduced": 0.5, "negated": -0.8}


def by_key(findings) -> dict[str, Finding]:
    return {one.key: one for one in findings}


def value(finding: Finding, model: str, case: str) -> float:
    return float(finding.table.set_index(["model", "case"]).loc[(model, case), "value"])


def ideal(form: str, sign: int = 1) -> Scores:
    """A model that understands each sentence (-1: the wrong way round), in two voices."""
    words = emotion_words()
    category = np.array([CATEGORIES.index(name) for name in words["category"]])
    if form == NEGATED:
        category = np.zeros_like(category)
    dimensions = np.full((2, len(words), 3), 0.5)
    dimensions[..., 1] += sign * 0.2 * DEGREES[form] * words["direction"].to_numpy()
    return Scores(np.stack([np.eye(4)[category]] * 2), dimensions)


def test_a_model_that_understands_every_sentence_has_all_shares():
    said = {form: {"ideal": ideal(form), "wrong": ideal(form, -1)} for form in FORMS}
    found = by_key(template_figures.findings(said, "silent", (), 200, 0))
    valence, category, degree = (
        found[f"templates_{key}_silent"] for key in ("valence", "category", "degree")
    )
    assert value(valence, "ideal", "happy, in context") == pytest.approx(0.7)
    assert value(valence, "ideal", "neutral, in context") == pytest.approx(0.5)
    assert "ideal 0.70, 0.50, 0.30 and 0.30 (happy less sad 0.40" in valence.shows
    assert value(category, "ideal", "emotion words, in context") == 1
    assert value(category, "ideal", "emotion words, negated") == 0
    assert degree.table.set_index("model").loc["ideal", "value"].eq(1).all()
    assert degree.table.set_index("model").loc["wrong", "value"].eq(0).all()
    assert (degree.table["n"] == (emotion_words()["direction"] != 0).sum()).all()


def test_a_share_is_over_voices_and_words():
    said = {form: {"half": ideal(form)} for form in FORMS}
    said[STRONGER]["half"].dimensions[0] = said[CONTEXT]["half"].dimensions[0]
    found = by_key(template_figures.findings(said, "silent", (), 200, 0))
    assert value(found["templates_degree_silent"], "half", "intensified: outward") == 0.5


def test_the_lexicon_has_each_word_once_and_enough_of_every_category():
    words = emotion_words()
    assert words["word"].is_unique
    assert set(words["category"]) == set(CATEGORIES)
    assert words["category"].value_counts().min() >= 10
    assert (words["category"] != "neutral").sum() >= 36
    assert sentences(NEGATED)[12] == "I am not sad."
    assert sentences("alone")[0] == "Happy."


@pytest.fixture(scope="module")
def tiny(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(tiny_checkpoints)


def test_spoken_words_are_the_silent_ones_to_a_model_that_only_reads(tiny: Analyzer):
    pytest.importorskip("hibari", reason="hibari-tts is not installed")
    told: list[float] = []
    found = by_key(templates.findings(tiny, ["text", "audio"], draws=50, progress=told.append))
    assert list(found) == [
        f"templates_{key}_{how}"
        for how in ("silent", "spoken")
        for key in ("valence", "category", "degree")
    ]
    silent, spoken = (found[f"templates_valence_{how}"].table for how in ("silent", "spoken"))
    assert set(silent["model"]) == {"text"}
    assert set(spoken["model"]) == {"text", "audio"}
    of_text = spoken[spoken["model"] == "text"].reset_index(drop=True)
    np.testing.assert_allclose(of_text["value"], silent["value"], atol=1e-5)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_without_the_voice_a_note_says_so(tiny: Analyzer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "hibari", None)
    monkeypatch.setitem(sys.modules, "hibari.tts", None)
    monkeypatch.setattr(speech, "_speakers", Cache(1))
    found = list(templates.findings(tiny, ["text", "late"], voices=2, draws=50))
    assert len(found) == 3
    assert "Spoken words are left out" in found[0].notes[0]
    assert "hibari-tts" in found[0].notes[0]
    assert "late would say without a voice is a mean over 2 background voices" in found[0].notes[1]


def test_models_that_do_not_read_have_no_templates(tiny: Analyzer):
    with pytest.raises(SerError, match="choose one that uses the words"):
        next(templates.findings(tiny, ["audio"]))


def test_the_shipped_words_raise_and_lower_valence():
    found = next(templates.findings(Analyzer(CHECKPOINTS), ["text", "late"], spoken=False))
    for model in ("text", "late"):
        happy, sad, angry = (
            value(found, model, f"{category}, in context") for category in ("happy", "sad", "angry")
        )
        assert happy - max(sad, angry) > 0.2
