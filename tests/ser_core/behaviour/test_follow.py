"""Made-up fusions that copy one of their sides, and what is found of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ser_core.analysis import CHECKPOINTS
from ser_core.behaviour import follow
from ser_core.behaviour.finding import COLUMNS, Finding
from ser_core.behaviour.roles import Roles
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.prediction_table import read
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.labels import CATEGORIES
from ser_core.models.registry import discover

ROLES = Roles("reader", "listener", ("copies_words", "copies_voice", "halves"))


def opinions(meant: np.ndarray, generator: np.random.Generator) -> Scores:
    """Sure of what was meant, with noise."""
    probabilities = 0.7 * np.eye(4)[meant] + 0.3 * generator.dirichlet(np.ones(4), len(meant))
    return Scores(probabilities, generator.random((len(meant), 3)))


def made_up(size: int = 400, speakers: int = 10) -> Predictions:
    """Fusions that say what the reader says, what the listener says, and one or the other."""
    generator = np.random.default_rng(0)
    words, voice = generator.integers(0, 4, (2, size))
    by_words, by_voice = opinions(words, generator), opinions(voice, generator)
    women = np.arange(size) % 2 == 0
    mixed = Scores(
        np.where(women[:, None], by_words.probabilities, by_voice.probabilities),
        np.where(women[:, None], by_words.dimensions, by_voice.dimensions),
    )
    rows = pd.DataFrame(
        {
            "id": [f"{k}" for k in range(size)],
            "set": "pairs",
            "clip": [f"clip {k // 2}" for k in range(size)],
            "speaker": [f"s{k % speakers}" for k in range(size)],
            "sex": np.where(women, "female", "male"),
            "words": "some words",
            "text": np.array(CATEGORIES)[words],
            "voice": np.array(CATEGORIES)[voice],
            "race": "a",
        }
    )
    models = (by_words, by_voice, by_words, by_voice, mixed)
    return Predictions(make_rows(rows), dict(zip(ROLES.names, models, strict=True)))


@pytest.fixture(scope="module")
def found() -> dict[str, Finding]:
    return {one.key: one for one in follow.findings(made_up(), ROLES)}


def value(finding: Finding, model: str, case: str) -> float:
    table = finding.table.set_index(["model", "case"])
    return float(table.loc[(model, case), "value"])


def test_a_copy_correlates_with_what_it_copies_and_not_with_the_other(found):
    for outputs in ("all categories", "all dimensions"):
        overall = found["correlation_overall"]
        assert value(overall, "copies_words", f"{outputs}, with the words") == pytest.approx(1)
        assert abs(value(overall, "copies_words", f"{outputs}, with the voice")) < 0.15
        assert value(overall, "copies_voice", f"{outputs}, with the voice") == pytest.approx(1)
    assert "in all categories" in overall.shows
    assert "copies_words goes more with the words (r 1.00) than with the voice" in overall.shows
    assert "copies_voice goes more with the voice (r 1.00) than with the words" in overall.shows
    assert "halves goes with both alike (r 0." in overall.shows


def test_correlations_are_those_of_numpy(found):
    part = made_up()
    x, y = (part.scores[name].dimensions[:, 1] for name in ("halves", "reader"))
    by_dimension = value(found["correlation_by_dimension"], "halves", "valence, with the words")
    assert by_dimension == pytest.approx(np.corrcoef(x, y)[0, 1])
    x, y = (
        np.log(p / (1 - p))
        for p in (
            np.clip(part.scores[name].probabilities[:, 2], 1e-3, 1 - 1e-3)
            for name in ("halves", "reader")
        )
    )
    by_category = value(found["correlation_by_category"], "halves", "sad, with the words")
    assert by_category == pytest.approx(np.corrcoef(x, y)[0, 1])


@pytest.mark.parametrize("key", ["conflict_meant", "conflict_decided"])
def test_a_copy_follows_what_it_copies_in_every_conflict(found, key):
    shares = found[key]
    assert value(shares, "copies_words", "with the words") == 1
    assert value(shares, "copies_words", "with the voice") == 0
    assert value(shares, "copies_voice", "with the voice") == 1
    assert value(shares, "halves", "with neither") == 0
    row = shares.table.set_index(["model", "case"]).loc[("halves", "with the words")]
    assert row["low"] < 0.5 < row["high"]
    sexes = found[f"{key}_by_sex"]
    assert value(sexes, "halves", "female voices") == 1
    assert value(sexes, "halves", "male voices") == -1
    assert "halves lies from -1.00 with male voices to 1.00 with female voices" in sexes.shows


def test_conflicts_are_between_emotions_where_they_are_meant(found):
    rows = made_up().rows
    emotions = (rows["text"] != rows["voice"]) & (rows["text"] != "neutral")
    assert (
        found["conflict_meant"].table["n"].eq((emotions & (rows["voice"] != "neutral")).sum()).all()
    )


def test_every_value_has_an_interval_that_holds_it(found):
    for one in found.values():
        table = one.table
        assert list(table.columns[:6]) == list(COLUMNS)
        assert (
            (table["low"] <= table["value"] + 1e-9) & (table["value"] - 1e-9 <= table["high"])
        ).all()
        assert one.part == "follow" and one.shows.endswith(".") and one.not_shown.endswith(".")
        assert "10 speakers" in one.notes[0]


def test_race_is_no_case(found):
    for one in found.values():
        assert (
            not one.table.astype(str).apply(lambda column: column.str.contains("race")).any().any()
        )


def test_few_speakers_are_drawn_by_clip():
    notes = next(follow.findings(made_up(speakers=2), ROLES)).notes
    assert notes == ("Intervals are over 200 clips; fewer than 5 speakers are named.",)


def test_one_example_has_figures_without_intervals():
    part = made_up().take(np.arange(1))
    for one in follow.findings(part, ROLES):
        assert one.table["low"].isna().all()
        assert "one example only" in one.notes[0]


def test_one_clip_with_several_texts_is_drawn_by_text():
    notes = next(follow.findings(made_up().take(np.arange(2)), ROLES)).notes
    assert "over 2 texts" in notes[0]


def test_without_a_conflict_there_is_none_to_tell():
    part = made_up()
    alike = replace(part, scores=dict.fromkeys(ROLES.names, part.scores["reader"]))
    alike.rows["text"] = alike.rows["voice"]
    keys = [one.key for one in follow.findings(alike, ROLES)]
    assert keys == ["correlation_overall", "correlation_by_category", "correlation_by_dimension"]


def test_a_table_without_columns_of_text_and_voice_has_conflicts_of_the_models():
    part = made_up()
    part = replace(part, rows=part.rows.drop(columns=["text", "voice"]))
    keys = [one.key for one in follow.findings(part, ROLES)]
    assert "conflict_decided" in keys
    assert "conflict_meant" not in keys


def test_what_is_missing_is_said():
    part = made_up()
    deaf = replace(part, scores={n: s for n, s in part.scores.items() if n != "listener"})
    with pytest.raises(SerError, match="without predictions of listener"):
        next(follow.findings(deaf, ROLES))
    with pytest.raises(SerError, match="predictions of a fusion"):
        next(follow.findings(part, Roles("reader", "listener", ())))
    part.rows["words"] = ""
    with pytest.raises(SerError, match="give clips with their transcripts"):
        next(follow.findings(part, ROLES))


def test_roles_are_asked_of_the_checkpoints(tiny_checkpoints: Path):
    models = discover(tiny_checkpoints)
    assert Roles.of(models) == Roles("text", "audio", ("late", "single_stage", "multistage"))
    with pytest.raises(SerError, match="a model of the voice alone"):
        Roles.of({name: one for name, one in models.items() if name != "audio"})
    with pytest.raises(SerError, match="both reads and hears"):
        Roles.of({name: models[name] for name in ("text", "audio")})


def test_the_shipped_fusions_follow_both():
    table = read(CHECKPOINTS / "reference" / "predictions.parquet")
    found = {
        one.key: one for one in follow.findings(table, Roles.of(discover(CHECKPOINTS)), draws=100)
    }
    shares = found["conflict_meant"].table.set_index(["model", "case"])["value"]
    for fusion in ("late", "single_stage", "multistage"):
        for side in ("with the words", "with the voice"):
            assert shares[fusion, side] > 0.2
