"""Known answers of the tests of a table: correctness, consistency, distribution, speakers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted import FAIR, planted
from scipy.spatial.distance import jensenshannon
from scipy.stats import spearmanr
from sklearn.metrics import precision_score, recall_score

from ser_core.behaviour.battery import correctness, distribution, speakers
from ser_core.behaviour.battery.running import findings
from ser_core.behaviour.battery.table import Asked, row, say, whole_set
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions, join
from ser_core.labels import CATEGORIES, DIMENSIONS

DRAWS = 100


@pytest.fixture(scope="module")
def part() -> Predictions:
    return planted(400)


def table(found, model: str = FAIR) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    (finding,) = found
    return finding.table[finding.table["model"] == model].set_index("case")


def test_recall_and_precision_against_sklearn(part: Predictions):
    found = table(correctness.categories(Asked(part, {}, draws=DRAWS)))
    truth = part.rows["category"].to_numpy()
    said = np.array(CATEGORIES)[part.decisions(FAIR)]
    for name, score in (("recall", recall_score), ("precision", precision_score)):
        each = score(truth, said, labels=list(CATEGORIES), average=None)
        for category, value in zip(CATEGORIES, each, strict=True):
            assert found.loc[f"{name} of {category}", "value"] == pytest.approx(value)
    assert found.loc["UAR", "value"] == pytest.approx(
        recall_score(truth, said, average="macro"), abs=1e-12
    )
    assert found.loc["UAR", "random"] == pytest.approx(0.25, abs=0.02)
    assert found["passed"].all()
    assert found.loc["recall of happy", "n"] == (truth == "happy").sum()
    low, value, high = found.loc["UAR", ["low", "value", "high"]]
    assert low < value < high


def test_a_model_that_always_says_the_same_fails(part: Predictions):
    always = Scores(np.tile([1.0, 0, 0, 0], (len(part), 1)), np.full((len(part), 3), 0.5))
    asked = Asked(replace(part, scores={"always": always}), {}, draws=DRAWS)
    found = table(correctness.categories(asked), "always")
    assert not found.loc["UAR", "passed"]
    assert found.loc["precision of happy", "value"] == 0
    dimensions = table(correctness.dimensions(asked), "always")
    assert not dimensions.loc["CCC of arousal", "passed"]
    assert np.isnan(dimensions.loc["Pearson of arousal", "value"])
    assert dimensions.loc["Pearson of arousal", "passed"] is None
    shares = table(distribution.distribution(asked), "always")
    assert not shares.loc["share of neutral", "passed"]


def test_dimensions_against_numpy(part: Predictions):
    found = table(correctness.dimensions(Asked(part, {}, draws=DRAWS)))
    for k, name in enumerate(DIMENSIONS):
        x, y = part.examples.dimensions[:, k], part.scores[FAIR].dimensions[:, k]
        r = np.corrcoef(x, y)[0, 1]
        ccc = 2 * r * x.std() * y.std() / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
        assert found.loc[f"Pearson of {name}", "value"] == pytest.approx(r)
        assert found.loc[f"CCC of {name}", "value"] == pytest.approx(ccc)
        assert found.loc[f"MAE of {name}", "value"] == pytest.approx(np.abs(x - y).mean())


def test_the_distance_of_distributions_is_scipys(part: Predictions):
    found = table(distribution.distribution(Asked(part, {}, draws=DRAWS)))
    for k, name in enumerate(DIMENSIONS):
        counts = [
            np.histogram(of[:, k], 10, (0, 1))[0]
            for of in (part.examples.dimensions, part.scores[FAIR].dimensions)
        ]
        expected = jensenshannon(*counts, base=2)
        assert found.loc[f"distance of {name}", "value"] == pytest.approx(expected)


def test_consistency_counts_the_clips_in_the_range(part: Predictions):
    found = table(distribution.consistency(Asked(part, {}, draws=DRAWS)))
    happy = (part.rows["category"] == "happy").to_numpy()
    valence = part.scores[FAIR].dimensions[happy, DIMENSIONS.index("valence")]
    of = found.loc["happy: valence high"]
    assert of["value"] == pytest.approx((valence >= 0.55).mean())
    assert of["n"] == happy.sum()
    assert of["random"] < of["value"]


def test_speakers_against_scipy(part: Predictions):
    asked = Asked(part, {}, draws=DRAWS)
    by = part.rows["speaker"]
    truth = (part.rows["category"] == "sad").groupby(by).mean()
    said = pd.Series(part.decisions(FAIR) == CATEGORIES.index("sad")).groupby(by).mean()
    ranks, averages = table(speakers.ranking(asked)), table(speakers.average(asked))
    assert ranks.loc["share of sad", "value"] == pytest.approx(spearmanr(truth, said)[0])
    assert averages.loc["share of sad", "value"] == pytest.approx((truth - said).abs().mean())
    assert ranks.loc["share of sad", "n"] == 16


def test_one_speaker_has_no_ranking(part: Predictions):
    alone = part.take((part.rows["speaker"] == "s00").to_numpy())
    with pytest.raises(SerError, match="two speakers with 10"):
        list(speakers.ranking(Asked(alone, {}, draws=DRAWS)))


def test_few_examples_have_no_verdict():
    assert row("m", "c", (0.9, 0.8, 1.0), 19, (0.5, np.inf))["passed"] is None
    assert row("m", "c", (0.9, 0.8, 1.0), 20, (0.5, np.inf))["passed"] is True
    assert row("m", "c", (0.4, 0.3, 0.5), 20, (0.5, np.inf))["passed"] is False
    assert say((-0.05, np.inf)) == "≥ -0.05"


def test_the_set_that_most_models_answer_is_taken(part: Predictions):
    first = replace(
        part.take(np.arange(100)), scores={FAIR: part.take(np.arange(100)).scores[FAIR]}
    )
    named = [
        replace(one, rows=one.rows.assign(set=name))
        for name, one in (
            ("a, no text", first),
            ("a, own sentence", part.take(np.arange(60))),
            ("b, own sentence", part.take(np.arange(60, 120))),
            ("pairs", part.take(np.arange(50))),
        )
    ]
    taken = whole_set(join(named))
    assert len(taken) == 120
    assert taken.sets == ["2 corpora, own sentence"]


@pytest.mark.parametrize("lacking", ["labels", "one class", "speakers"])
def test_what_is_lacking_is_told_and_the_rest_is_asked(part: Predictions, lacking: str):
    rows = part.rows.copy()
    if lacking == "labels":
        rows = rows.assign(category="", **dict.fromkeys(DIMENSIONS, np.nan))
    elif lacking == "one class":
        rows = rows.assign(category="happy")
    else:
        rows = rows.assign(speaker="", sex="")
    found = {one.key: one for one in findings(replace(part, rows=rows), draws=20)}
    reasons = dict(found["battery_left_out"].table[["case", "reason"]].to_numpy())
    assert "robustness" in reasons
    assert all(reason.endswith(".") for reason in reasons.values())
    if lacking == "labels":
        assert {"categories", "dimensions", "sex", "consistency"} <= set(reasons)
        assert "battery_language" in found  # answers can be compared without labels
    elif lacking == "one class":
        assert {"battery_correct_categories", "battery_sex"} <= set(found)
    else:
        assert {"speaker average", "speaker ranking", "sex"} <= set(reasons)
        assert "battery_correct_categories" in found
