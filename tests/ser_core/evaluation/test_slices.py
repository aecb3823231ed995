import numpy as np
import pandas as pd
import pytest
from made_up import MODELS, made_up

from ser_core.evaluation.measured import FIGURES, can_measure, evaluate_predictions
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.slices import Sliced, columns, slice_by, values

DRAWS = 200
PART = made_up()


@pytest.fixture(scope="module", params=["UAR", "CCC valence", "recall of angry", "RMSE arousal"])
def by_sex(request: pytest.FixtureRequest) -> dict[str, Sliced]:
    return slice_by(PART, MODELS, "sex", request.param, draws=DRAWS)


def test_a_planted_bias_is_found_and_a_fair_model_passes(by_sex: dict[str, Sliced]) -> None:
    fair, biased = by_sex["fair"].gap, by_sex["biased"].gap
    assert fair is not None and biased is not None
    assert biased.interval.low > 0 and biased.interval.value > 3 * fair.interval.value
    assert biased.interval.value > biased.shuffled and biased.p < 0.02
    assert fair.interval.value < fair.shuffled and fair.p > 0.05
    assert fair.by_speaker and not fair.beyond_random


def test_the_bias_exceeds_every_random_model_and_says_whom_it_hurts() -> None:
    found = slice_by(PART, MODELS, "sex", "UAR", draws=DRAWS)["biased"].gap
    assert found is not None and found.beyond_random
    assert (found.high, found.low) == ("male", "female")
    assert 0 < found.random < found.random_max < found.interval.value


def test_a_slice_is_what_the_report_says_of_its_rows_alone() -> None:
    (women, men) = slice_by(PART, ["fair"], "sex", "UAR", draws=DRAWS)["fair"].slices
    for one in (women, men):
        report = evaluate_predictions(PART.take(one.rows), draws=10).results
        alone = report.set_index(["model", "metric"])["value"]["fair", "UAR"]
        assert one.interval is not None and one.interval.value == alone
        assert one.interval.low < alone < one.interval.high
        assert (one.n, one.speakers) == (300, 10)


def test_intervals_over_speakers_are_wider_where_speakers_differ() -> None:
    rows = PART.rows.assign(group=["a", "b"] * 300)
    hard = (PART.rows["speaker"].str[1:].astype(int) % 4 < 2).to_numpy()
    probabilities = PART.scores["fair"].probabilities.copy()
    probabilities[hard] = np.roll(probabilities[hard], 1, axis=1)
    of = type(PART.scores["fair"])(probabilities, PART.scores["fair"].dimensions)
    part = Predictions(rows, {"m": of})
    widths = []
    for unit in ("utterances", "speakers"):
        one = slice_by(part, ["m"], "group", "UAR", unit=unit, draws=DRAWS)["m"].slices[0]
        assert one.interval is not None
        widths.append(one.interval.high - one.interval.low)
    assert widths[1] > 2 * widths[0]


def test_small_slices_have_no_figure_and_make_no_gap() -> None:
    rows = PART.rows.assign(group=np.where(np.arange(600) < 590, "many", "few"))
    part = Predictions(rows, PART.scores)
    few, many = slice_by(part, ["fair"], "group", "UAR", draws=DRAWS)["fair"].slices
    assert few.value == "few" and few.n == 10 and few.interval is None
    assert many.interval is not None
    assert slice_by(part, ["fair"], "group", "UAR", draws=DRAWS)["fair"].gap is None


def test_one_speaker_has_a_figure_without_an_interval() -> None:
    rows = PART.rows.assign(alone=np.where(PART.rows["speaker"] == "s03", "s03", "others"))
    part = Predictions(rows, PART.scores)
    found = slice_by(part, ["fair"], "alone", "UAR", unit="speakers", draws=DRAWS)["fair"]
    others, alone = found.slices
    assert others.interval is not None and np.isfinite(others.interval.low)
    assert alone.interval is not None and np.isfinite(alone.interval.value)
    assert np.isnan(alone.interval.low)


def test_columns_of_race_are_offered_only_to_who_asks() -> None:
    assert columns(PART.rows) == ["speaker", "sex", "category", "age"]
    assert columns(PART.rows, sensitive=True)[-1] == "race"


def test_many_numbers_are_quarters_and_what_is_missing_is_a_slice() -> None:
    rows = pd.DataFrame({"age": [*range(40), None], "sex": ["f", ""] * 20 + ["m"]})
    found = values(rows, "age")
    assert found[0] == "lowest quarter (0 to 9)" and found[39] == "highest quarter (30 to 39)"
    assert found[40] == "not known" and found.nunique() == 5
    assert set(values(rows, "sex")) == {"f", "not known", "m"}


def test_unlabelled_rows_and_missing_heads_cannot_be_measured() -> None:
    assert all(can_measure(PART, "fair", figure) for figure in FIGURES)
    silent = Predictions(PART.rows.assign(category="", valence=np.nan), PART.scores)
    measurable = [figure for figure in FIGURES if can_measure(silent, "fair", figure)]
    assert measurable == ["CCC arousal", "CCC dominance", "RMSE arousal", "RMSE dominance"]
