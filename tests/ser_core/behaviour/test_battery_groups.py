"""A planted bias fails the tests of groups, and a model without one passes."""

from dataclasses import replace

import numpy as np
import pytest
from planted import BIASED, FAIR, planted

from ser_core.behaviour.battery import fairness, sentiment
from ser_core.behaviour.battery.case import UAR
from ser_core.behaviour.battery.simulation import dealings, farthest, random_models
from ser_core.behaviour.battery.table import Asked
from ser_core.behaviour.finding import Finding
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions
from ser_core.labels import CATEGORIES

DRAWS = 200


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked(planted(), {}, draws=DRAWS)


def verdicts(finding: Finding, model: str) -> dict[str, bool]:
    of = finding.table[finding.table["model"] == model]
    return dict(zip(of["case"], of["passed"], strict=True))


def test_a_planted_bias_fails_and_a_fair_model_passes(asked: Asked):
    (finding,) = fairness.sex(asked)
    assert all(verdicts(finding, FAIR).values())
    biased = verdicts(finding, BIASED)
    for case in ("UAR", "precision", "recall", "CCC of valence"):
        assert not biased[case], case
    assert biased["CCC of arousal"]
    found = finding.table[(finding.table["model"] == BIASED)].set_index("case")
    assert found.loc["recall", "part"] in ("female, angry", "male, angry")
    assert abs(found.loc["recall", "value"]) > 0.3
    assert "biased" in finding.shows
    assert "Farthest off" in finding.shows


def test_answers_by_language(asked: Asked):
    """Languages stand across the sexes unevenly: German and Polish are of one sex each."""
    (finding,) = fairness.language(asked)
    assert all(verdicts(finding, FAIR).values())
    assert not verdicts(finding, BIASED)["mean valence"]


def test_a_label_that_one_group_has_more_often_is_no_bias():
    """A perfect model of groups with other emotions answers otherwise, and is fair."""
    part = planted()
    rare = (part.rows["language"] == "pl") & (part.rows["category"] == "happy")
    part = part.take(~rare.to_numpy() | (np.arange(len(part)) % 5 == 0))
    examples = part.examples
    perfect = Scores(examples.categories.astype(float), examples.dimensions)
    (finding,) = fairness.language(Asked(replace(part, scores={"perfect": perfect}), {}, draws=50))
    found = finding.table.set_index("case")
    assert found.loc["share of a class", "value"] == pytest.approx(0, abs=1e-12)
    assert all(verdicts(finding, "perfect").values())


def test_the_limit_is_the_largest_of_the_random_models():
    """Against a plain simulation: permute, take UAR of each group, less the mean over both."""
    part = planted(200)
    scores = part.scores[FAIR]
    codes = (part.rows["sex"] == "male").to_numpy().astype(int)
    truth, decided = part.examples.categories.argmax(1), scores.probabilities.argmax(1)
    expected = []
    for order in dealings(part.examples.clips, DRAWS):
        assert sorted(order) == list(range(200))  # each clip has one row
        by_group = []
        for group in (0, 1):
            recalls = [
                np.mean(decided[order][(codes == group) & (truth == k)] == k)
                for k in range(len(CATEGORIES))
            ]
            by_group.append(np.mean(recalls))
        expected.append(np.max(np.abs(by_group - np.mean(by_group))))
    found = random_models([UAR], part.examples, scores, codes, 2, farthest, DRAWS)[:, 0]
    np.testing.assert_allclose(found, expected)
    (finding,) = fairness.sex(Asked(part, {}, draws=DRAWS))
    row = finding.table[(finding.table["case"] == "UAR") & (finding.table["model"] == FAIR)].iloc[0]
    assert row["upper"] == pytest.approx(max(expected))
    assert row["random"] == pytest.approx(np.mean(expected))


def test_rows_of_one_clip_are_dealt_as_one():
    clips = np.repeat(np.arange(50), 4)
    for order in dealings(clips, 20):
        sources = clips[order].reshape(50, 4)
        assert (sources == sources[:, :1]).all()
        assert sorted(sources[:, 0]) == list(range(50))


def test_a_column_is_compared_only_where_it_is_asked_for(asked: Asked):
    assert list(fairness.by_column(asked)) == []
    (finding,) = fairness.by_column(replace(asked, by="race"))
    assert finding.key == "battery_by_race"
    assert set(finding.table["part"].str.split(", ").str[0]) <= {"a", "b"}
    with pytest.raises(SerError, match="There is no column nonsense"):
        list(fairness.by_column(replace(asked, by="nonsense")))


def test_pitch_groups(asked: Asked):
    heights = {"male": 120.0, "female": 210.0}
    rows = asked.part.rows
    pitch = dict(zip(rows["clip"], rows["sex"].map(heights), strict=True))
    pitch["clip-0"] = float("nan")
    (finding,) = fairness.pitch(replace(asked, pitch=pitch))
    assert all(verdicts(finding, FAIR).values())
    assert not verdicts(finding, BIASED)["recall"]
    assert any(note.startswith("1 example") for note in finding.notes)
    with pytest.raises(SerError, match="needs its sound"):
        list(fairness.pitch(asked))


def test_one_group_is_said_so(asked: Asked):
    men = asked.part.take((asked.part.rows["sex"] == "male").to_numpy())
    with pytest.raises(SerError, match="not two groups of 20"):
        list(fairness.sex(replace(asked, part=men)))


def paired() -> Predictions:
    """Each of 60 clips with words of all categories: one model reads, the other hears."""
    part = planted(240)
    clips = np.repeat(np.arange(60), 4)
    words = np.tile(np.arange(4), 60)
    rows = part.rows.assign(clip=[f"clip-{k}" for k in clips], text=np.array(CATEGORIES)[words])
    heard = part.scores[FAIR].probabilities[clips]
    of = part.scores[FAIR].dimensions[clips]
    return Predictions(rows, {"reads": Scores(np.eye(4)[words], of), "hears": Scores(heard, of)})


def test_words_alone():
    (finding,) = sentiment.sentiment(Asked(paired(), {}, draws=DRAWS))
    assert all(verdicts(finding, "hears").values())
    reads = finding.table[finding.table["model"] == "reads"].set_index("case")
    assert reads.loc["share of a class", "value"] == pytest.approx(0.75)
    assert not verdicts(finding, "reads")["share of a class"]
    assert verdicts(finding, "reads")["mean valence"]
    with pytest.raises(SerError, match="words of several categories"):
        list(sentiment.sentiment(Asked(planted(80), {})))
