import numpy as np
import pandas as pd
import pytest
from made_up import made_up

from ser_core.analysis import CHECKPOINTS
from ser_core.evaluation.calibration import reliability
from ser_core.evaluation.collect import collect
from ser_core.evaluation.confusions import cell, changed, counts, shares, truth
from ser_core.evaluation.disagreement import differing, most, of_categories, of_dimension
from ser_core.evaluation.measured import evaluate_predictions, groups, labelled, statistic
from ser_core.evaluation.predict import Predictor
from ser_core.evaluation.prediction_table import read, to_table, write
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.report import Report, evaluate
from ser_core.evaluation.test_sets import evaluation_sets
from ser_core.models.registry import discover
from ser_core.training.split_data import Material

PART = made_up()
SHIPPED = CHECKPOINTS / "reference" / "predictions.parquet"


@pytest.fixture(scope="module")
def collected(predictor: Predictor, material: Material) -> Predictions:
    return collect(predictor, predictor.models.values(), evaluation_sets(material, "test"))


@pytest.fixture(scope="module")
def report(predictor: Predictor, material: Material) -> Report:
    sets = evaluation_sets(material, "test")
    return evaluate(predictor, predictor.models.values(), sets, draws=20)


def test_the_report_of_predictions_is_that_of_the_models(
    collected: Predictions, report: Report
) -> None:
    again = evaluate_predictions(collected, draws=20)
    pd.testing.assert_frame_equal(again.results, report.results)
    pd.testing.assert_frame_equal(again.comparisons, report.comparisons)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_file_keeps_the_figures_to_the_digits_that_are_printed(
    collected: Predictions, report: Report, tmp_path: object, suffix: str
) -> None:
    file = tmp_path / f"predictions.{suffix}"  # type: ignore[operator]
    write(collected, file)
    again = evaluate_predictions(read(file), draws=20)
    key = ["set", "metric", "model"]
    ours, theirs = (of.results.set_index(key).sort_index() for of in (again, report))
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=5e-4)


@pytest.mark.skipif(not SHIPPED.is_file(), reason="no predictions are shipped")
def test_the_shipped_predictions_give_the_shipped_results() -> None:
    predictions = read(SHIPPED)
    results = evaluate_predictions(predictions, draws=1).results
    found = results.set_index(["set", "metric"])
    for name, checkpoint in discover(CHECKPOINTS).items():
        own = found[found["model"] == name]["value"]
        if set(checkpoint.results) != set(own.index.get_level_values("set")):
            pytest.skip("the cards are of other test sets: ser evaluate --write --predictions FILE")
        for test_set, metrics in checkpoint.results.items():
            for metric, value in metrics.items():
                # Cards have four digits, the file twenty bits.
                expected = pytest.approx(value, abs=1e-4)
                assert own[test_set, metric] == expected, (name, test_set, metric)


def test_every_example_says_whose_it_is(collected: Predictions) -> None:
    rows = collected.rows
    native = rows[rows["set"] != "constructed pairs"]
    assert not native.duplicated(["set", "id"]).any()
    pairs = rows[rows["set"] == "constructed pairs"]
    assert (pairs["clip"] != pairs["id"]).all() and (pairs["words"] != "").all()
    assert set(pairs["voice"]) <= {"neutral", "happy", "sad", "angry", ""}
    silent = rows[rows["set"] == "ravdess, no text"]
    assert (silent["words"] == "").all() and (silent["speaker"] != "").all()
    texts = rows[rows["set"] == "goemotions"]
    assert (texts["speaker"] == "").all() and set(collected.of_set("goemotions").scores) == {"text"}


def test_figures_agree_with_a_computation_of_their_own() -> None:
    of = PART.scores["fair"]
    own = (of.probabilities.argmax(axis=1) == truth(PART))[truth(PART) == 3].mean()
    assert statistic(PART.examples, of, "recall of angry").value == pytest.approx(own)
    gap = of.dimensions[:, 1] - PART.rows["valence"]
    rmse = np.sqrt(np.mean(gap**2))
    assert statistic(PART.examples, of, "RMSE valence").value == pytest.approx(rmse)
    assert labelled(PART.examples, "UAR").all()


def test_confusions_and_their_rows() -> None:
    table = counts(PART, "fair")
    assert table.sum() == 600
    assert len(cell(PART, "fair", 2, 3)) == table[2, 3]
    assert np.allclose(shares(table).sum(axis=1), 1)
    gained = changed(PART, "fair", "biased", 1, 1)
    other = counts(PART, "biased")
    both = len(np.intersect1d(cell(PART, "fair", 1, 1), cell(PART, "biased", 1, 1)))
    assert len(gained) == table[1, 1] + other[1, 1] - 2 * both


def test_reliability_adds_up_to_the_calibration_error() -> None:
    bins = reliability(truth(PART), PART.scores["fair"].probabilities)
    n = sum(len(one.rows) for one in bins)
    error = sum(len(one.rows) / n * abs(one.accuracy - one.confidence) for one in bins)
    assert n == 600
    assert error == pytest.approx(statistic(PART.examples, PART.scores["fair"], "ECE").value)
    assert all(one.interval[0] <= one.accuracy <= one.interval[1] for one in bins)


def test_disagreement_is_largest_where_models_decide_differently() -> None:
    both = list(PART.scores)
    found = of_categories(PART, both)
    different = PART.decisions("fair") != PART.decisions("biased")
    assert found[different].min() > 0.1 and found[~different].max() < found[different].mean()
    assert different[most(found, 20)].all()
    assert differing(PART, both)[0, 1] == pytest.approx(different.mean())
    assert of_dimension(PART, both, 1).shape == (600,)
    assert of_categories(PART, ["fair", "fair"]).max() == pytest.approx(0, abs=1e-9)


def test_rows_that_a_model_did_not_answer_are_left_out_with_a_note() -> None:
    probabilities = PART.scores["fair"].probabilities.copy()
    probabilities[:3] = np.nan
    of = type(PART.scores["fair"])(probabilities, PART.scores["fair"].dimensions)
    part = Predictions(PART.rows, {**PART.scores, "fair": of}).complete()
    assert len(part) == 597 and part.notes == (
        "3 rows lack the prediction of a model and are left out.",
    )
    assert PART.complete() is PART


def test_speakers_are_drawn_as_wholes() -> None:
    assert len(np.unique(groups(PART, "speakers"))) == 20
    assert len(np.unique(groups(PART, "utterances"))) == 600
    alone = Predictions(PART.rows.assign(clip="one"), PART.scores)
    assert len(np.unique(groups(alone, "utterances"))) == 600  # one clip: its rows are drawn


def test_a_table_has_a_column_for_each_output() -> None:
    table = to_table(PART)
    assert list(table.columns[-7:]) == [
        *(f"biased.{c}" for c in ("neutral", "happy", "sad", "angry")),
        *(f"biased.{d}" for d in ("arousal", "valence", "dominance")),
    ]
