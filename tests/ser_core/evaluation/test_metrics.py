import doctest

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn

from ser_core import labels
from ser_core.evaluation import metrics
from ser_core.evaluation.metrics import (
    Interval,
    bootstrap,
    concordance,
    confusion,
    expected_calibration_error,
    macro_f1,
    unweighted_average_recall,
)


@pytest.mark.parametrize("module", [metrics, labels], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module: object) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def decisions(seed: int, size: int = 200, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = generator.choice(classes, size, p=[0.5, 0.3, 0.15, 0.05])
    guess = generator.integers(0, classes, size)
    return truth, np.where(generator.random(size) < 0.6, truth, guess)


@pytest.mark.parametrize("seed", range(5))
def test_categories_against_scikit_learn(seed: int) -> None:
    truth, decision = decisions(seed)
    counts = confusion(truth, decision, 4)
    np.testing.assert_array_equal(counts, sklearn.confusion_matrix(truth, decision))
    assert unweighted_average_recall(counts) == pytest.approx(
        sklearn.balanced_accuracy_score(truth, decision)
    )
    assert macro_f1(counts) == pytest.approx(sklearn.f1_score(truth, decision, average="macro"))


def test_a_class_that_does_not_occur_does_not_count() -> None:
    truth, decision = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    counts = confusion(truth, decision, 4)
    assert counts.shape == (4, 4)
    assert unweighted_average_recall(counts) == pytest.approx((0.5 + 1.0) / 2)
    assert macro_f1(counts) == pytest.approx((2 / 3 + 1.0) / 2)


def test_chance_does_not_depend_on_how_frequent_classes_are() -> None:
    truth = np.array([0] * 97 + [1] * 3)
    assert unweighted_average_recall(confusion(truth, np.zeros(100, int), 2)) == 0.5


# Concordance


@pytest.mark.parametrize("seed", range(5))
def test_concordance_from_correlation_location_and_scale(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.random(50)
    y = 0.7 * x + 0.2 * generator.random(50) + 0.1
    r = stats.pearsonr(x, y).statistic
    scale = x.std() / y.std()
    location = (x.mean() - y.mean()) / np.sqrt(x.std() * y.std())
    bias = 2 / (scale + 1 / scale + location**2)
    assert concordance(x, y) == pytest.approx(r * bias)
    assert concordance(x, y) == pytest.approx(concordance(y, x))
    assert abs(concordance(x, y)) <= abs(r)


def test_concordance_of_special_cases() -> None:
    x = np.array([0.1, 0.4, 0.9])
    assert concordance(x, x) == pytest.approx(1.0)
    assert concordance(x - x.mean(), x.mean() - x) == pytest.approx(-1.0)
    assert concordance(x, np.full(3, 0.5)) == 0.0
    assert np.isnan(concordance(np.full(3, 0.5), np.full(3, 0.5)))
    assert np.isnan(concordance(x[:1], x[:1]))


# Calibration


def test_calibration_error_by_hand() -> None:
    # Confidences .95 (right), .95 (wrong), .55 (right), .55 (right): two bins of ten.
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.45, 0.55]])
    truth = np.array([0, 1, 0, 1])
    expected = 0.5 * abs(0.5 - 0.95) + 0.5 * abs(1.0 - 0.55)
    assert expected_calibration_error(truth, probabilities, bins=10) == pytest.approx(expected)


def test_calibration_error_at_both_ends() -> None:
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert expected_calibration_error(np.array([0, 0]), sure) == 0.0
    assert expected_calibration_error(np.array([1, 1]), sure) == 1.0


def test_calibrated_probabilities_have_hardly_any_error() -> None:
    generator = np.random.default_rng(0)
    p = generator.uniform(0.5, 1.0, 50_000)
    truth = (generator.random(50_000) > p).astype(int)
    assert expected_calibration_error(truth, np.stack([p, 1 - p], axis=1)) < 0.01


# Intervals


def mean_of(values: np.ndarray) -> object:
    return lambda rows: float(values[rows].mean())


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).standard_normal(40)
    first = bootstrap(mean_of(values), 40, draws=200)
    assert first == bootstrap(mean_of(values), 40, draws=200)
    assert first != bootstrap(mean_of(values), 40, draws=200, seed=1)
    assert first.value == pytest.approx(values.mean())
    assert first.low < first.value < first.high
    assert str(Interval(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


def test_the_interval_has_the_width_that_theory_gives() -> None:
    values = np.random.default_rng(0).standard_normal(400)
    interval = bootstrap(mean_of(values), 400)
    expected = 1.96 * values.std() / np.sqrt(400)
    assert (interval.high - interval.low) / 2 == pytest.approx(expected, rel=0.1)


def test_the_interval_covers_the_truth() -> None:
    generator = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        interval = bootstrap(mean_of(generator.standard_normal(60)), 60, draws=200)
        inside += interval.low <= 0.0 <= interval.high
    assert 88 <= inside <= 100


def test_groups_are_drawn_whole() -> None:
    groups = np.array([3, 1, 3, 2, 1, 3, 2])  # in any order
    seen = []

    def record(rows: np.ndarray) -> float:
        seen.append(np.bincount(rows, minlength=7))
        return 0.0

    bootstrap(record, 7, groups, draws=50)
    for counts in seen[:-1]:  # the last one is the statistic of all rows
        drawn = {group: set(counts[groups == group]) for group in (1, 2, 3)}
        assert all(len(times) == 1 for times in drawn.values())
        assert sum(times.pop() for times in drawn.values()) == 3
    np.testing.assert_array_equal(seen[-1], 1)
    assert len({tuple(counts) for counts in seen}) > 5


def test_dependent_rows_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(0).standard_normal(50), 8)
    groups = np.repeat(np.arange(50), 8)
    alone = bootstrap(mean_of(values), 400, draws=300)
    grouped = bootstrap(mean_of(values), 400, groups, draws=300)
    assert (grouped.high - grouped.low) > 2 * (alone.high - alone.low)
