from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_cells import cell, predictions

from ser_core.evaluation.comparison import resample
from ser_core.evaluation.measures import Statistic
from ser_core.experiments.results import SPEAKERS, UTTERANCES, Tables, countable, tabulate
from ser_core.experiments.scoring import PREDICTED, PROBABILITIES, fuse
from ser_core.labels import CATEGORIES
from ser_core.metrics import (
    concordance,
    concordance_of_sums,
    concordance_terms,
    confusion,
    unweighted_average_recall,
)
from ser_core.models.config import ModelConfig


def value(tables: Tables, model: str, metric: str) -> pd.Series:
    rows = tables.results
    (row,) = rows[(rows["model"] == model) & (rows["metric"] == metric)].to_dict("records")
    return pd.Series(row)


@pytest.fixture
def two_models(tmp_path: Path) -> Tables:
    cells = [
        cell(tmp_path, name, seed, predictions(skill, seed))
        for name, skill in (("good", 0.8), ("bad", 0.2))
        for seed in (1, 2)
    ]
    return tabulate(cells, SPEAKERS, 300)


def test_a_figure_is_the_mean_over_seeds(two_models: Tables) -> None:
    found = value(two_models, "good", "UAR")
    expected = []
    for seed in (1, 2):
        table = predictions(0.8, seed)
        truth = table["category"].map(CATEGORIES.index).to_numpy()
        decision = table[list(PROBABILITIES)].to_numpy().argmax(axis=1)
        expected.append(unweighted_average_recall(confusion(truth, decision, 4)))
    assert found["value"] == pytest.approx(np.mean(expected))
    assert found["sd"] == pytest.approx(np.std(expected, ddof=1))
    assert found["low"] < found["value"] < found["high"]
    assert (found["seeds"], found["n"], found["speakers"]) == (2, 120, 12)


def test_intervals_draw_whole_speakers_and_unknown_ones_by_themselves(tmp_path: Path) -> None:
    table = predictions(0.5, 1)
    tables = tabulate([cell(tmp_path, "a", 1, table)], SPEAKERS, 300)
    table = table.sort_values("id")
    units = table["speaker"].where(table["speaker"] != "", table["id"])
    truth, predicted = table["valence"].to_numpy(), table["predicted_valence"].to_numpy()
    statistic = Statistic(concordance_terms(truth, predicted), concordance_of_sums)
    expected = resample({"": statistic}, units.to_numpy(dtype=str), 300)[""].interval
    found = value(tables, "a", "CCC valence")
    assert found["value"] == pytest.approx(expected.value)
    width = expected.high - expected.low
    assert found["high"] - found["low"] == pytest.approx(width, rel=0.35)
    single = tabulate([cell(tmp_path / "again", "a", 1, table)], UTTERANCES, 300)
    assert value(single, "a", "CCC valence")["low"] != found["low"]


def test_models_are_compared_in_pairs(two_models: Tables) -> None:
    found = two_models.comparisons.set_index("metric").loc["UAR"]
    assert {found["a"], found["b"]} == {"good", "bad"}
    sign = 1 if found["a"] == "good" else -1
    better = value(two_models, "good", "UAR")["value"] - value(two_models, "bad", "UAR")["value"]
    assert sign * found["difference"] == pytest.approx(better)
    assert found["p"] == pytest.approx(2 / 301)
    assert "ECE" not in set(two_models.comparisons["metric"])
    assert {"CCC valence", "mean CCC"} <= set(two_models.comparisons["metric"])


def test_folds_are_pooled(tmp_path: Path) -> None:
    parts = {fold: predictions(0.6, 1, 60, fold) for fold in ("x", "y")}
    tables = tabulate(
        [cell(tmp_path, "a", 1, part, fold) for fold, part in parts.items()], SPEAKERS, 50
    )
    both = pd.concat(parts.values())
    found = value(tables, "a", "CCC arousal")
    assert found["n"] == 120
    expected = concordance(both["arousal"].to_numpy(), both["predicted_arousal"].to_numpy())
    assert found["value"] == pytest.approx(expected)


def test_only_what_all_models_have_done_is_counted(tmp_path: Path) -> None:
    cells = [
        cell(tmp_path, "a", 1, predictions(0.6, 1, 60, "x"), "x"),
        cell(tmp_path, "a", 1, predictions(0.6, 1, 60, "y"), "y"),
        cell(tmp_path, "b", 1, predictions(0.4, 1, 60, "x"), "x"),
    ]
    tables = tabulate(cells, SPEAKERS, 50)
    assert tables.folds == ["x"]
    assert set(tables.results["model"]) == {"a", "b"}
    assert set(tables.results["n"]) == {60}


@pytest.mark.parametrize(
    ("done", "folds", "seeds"),
    [
        (set(), [], {}),
        ({("a", 1, "")}, [""], {"a": [1]}),
        ({("a", 1, ""), ("a", 2, ""), ("b", 2, "")}, [""], {"a": [1, 2], "b": [2]}),
        ({("a", 1, "x"), ("b", 1, "y")}, [], {}),
        ({("a", 1, "x"), ("a", 1, "y"), ("a", 2, "x")}, ["x", "y"], {"a": [1]}),
    ],
)
def test_countable(
    done: set[tuple[str, int, str]], folds: list[str], seeds: dict[str, list[int]]
) -> None:
    assert countable(done) == (folds, seeds)


def test_late_fusion_of_tables() -> None:
    rule = ModelConfig("late", parents=("text", "audio"), weight=0.25).late_rule()
    text, audio = predictions(0.9, 1), predictions(0.3, 2)
    text.loc[text["id"] == "007", "has_transcript"] = False  # the audio model knows of no words
    fused = fuse(text, audio, rule).set_index("id")
    assert fused.index[~fused["has_transcript"]].tolist() == ["007"]
    text, audio = text.set_index("id"), audio.set_index("id")
    for columns in (list(PROBABILITIES), list(PREDICTED)):
        expected = 0.25 * text.loc["003", columns] + 0.75 * audio.loc["003", columns]
        np.testing.assert_allclose(fused.loc["003", columns].astype(float), expected.astype(float))
        assert fused.loc["007", columns].equals(audio.loc["007", columns])
