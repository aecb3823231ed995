import doctest

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn

from ser_core import labels, metrics
from ser_core.metrics import (
    calibration_of_sums,
    calibration_terms,
    concordance,
    concordance_of_sums,
    concordance_terms,
    confusion,
    confusion_terms,
    f1_of_sums,
    recall_of_sums,
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


def macro_f1(counts: np.ndarray) -> float:
    return float(f1_of_sums(counts.ravel()))


def expected_calibration_error(
    truth: np.ndarray, probabilities: np.ndarray, bins: int = 15
) -> float:
    return float(calibration_of_sums(calibration_terms(truth, probabilities, bins).sum(axis=0)))


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
    assert np.isnan(concordance(x[:0], x[:0]))


@pytest.mark.parametrize("constant", [0.1, 0.3, 0.7])
def test_rounding_is_no_concordance(constant: float) -> None:
    # The mean of seven times 0.1 is not 0.1: what is left over must not be divided by itself.
    same = np.full(7, constant)
    assert np.isnan(concordance(same, same))
    assert concordance(same, same + 0.2) == 0.0


def test_concordance_far_from_zero_keeps_its_digits() -> None:
    x, y = np.random.default_rng(0).random((2, 50))
    assert concordance(x + 1e6, y + 1e6) == pytest.approx(concordance(x, y), rel=1e-8)


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


# Figures of sums


Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def of_categories(seed: int) -> Rows:
    """Truth, decisions and probabilities of 40 rows of six classes, of which two never occur."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(6, 0.3), 40)
    return generator.choice([0, 2, 3, 5], 40), probabilities.argmax(axis=1), probabilities


@pytest.mark.parametrize("seed", range(5))
def test_figures_of_sums_are_those_of_repeated_rows(seed: int) -> None:
    truth, decision, probabilities = of_categories(seed)
    x, y = probabilities[:, 0], probabilities[:, 1]
    draws = np.random.default_rng(seed).integers(0, 40, (30, 40))
    counts = np.stack([np.bincount(rows, minlength=40) for rows in draws])
    f1 = [
        sklearn.f1_score(truth[r], decision[r], average="macro", labels=np.unique(truth[r]))
        for r in draws
    ]
    recalls = [
        np.mean([(decision[r] == c)[truth[r] == c].mean() for c in np.unique(truth[r])])
        for r in draws
    ]
    cells = confusion_terms(truth, decision, 6)
    np.testing.assert_allclose(recall_of_sums(counts @ cells), recalls)
    np.testing.assert_allclose(f1_of_sums(counts @ cells), f1)
    np.testing.assert_allclose(
        concordance_of_sums(counts @ concordance_terms(x, y)),
        [concordance_by_moments(x[r], y[r]) for r in draws],
    )
    np.testing.assert_allclose(
        calibration_of_sums(counts @ calibration_terms(truth, probabilities)),
        [calibration_bin_by_bin(truth[r], probabilities[r]) for r in draws],
    )


def concordance_by_moments(x: np.ndarray, y: np.ndarray) -> float:
    covariance = np.cov(x, y, bias=True)[0, 1]
    return float(2 * covariance / (x.var() + y.var() + (x.mean() - y.mean()) ** 2))


def calibration_bin_by_bin(truth: np.ndarray, probabilities: np.ndarray) -> float:
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bin_of = np.minimum((confidence * 15).astype(int), 14)
    return sum(
        (bin_of == k).mean() * abs(correct[bin_of == k].mean() - confidence[bin_of == k].mean())
        for k in np.unique(bin_of)
    )


def test_figures_of_sums_keep_the_leading_axes() -> None:
    truth, decision, probabilities = of_categories(0)
    for figure, terms in (
        (recall_of_sums, confusion_terms(truth, decision, 6)),
        (f1_of_sums, confusion_terms(truth, decision, 6)),
        (calibration_of_sums, calibration_terms(truth, probabilities)),
        (concordance_of_sums, concordance_terms(probabilities[:, 0], probabilities[:, 1])),
    ):
        counts = np.random.default_rng(0).integers(0, 3, (2, 5, 40))
        found = figure(counts @ terms)
        assert found.shape == (2, 5)
        assert found[1, 3] == pytest.approx(float(figure(counts[1, 3] @ terms)))


def test_resamples_without_a_figure_do_not_spoil_the_others() -> None:
    x, y = np.array([0.1, 0.4, 0.9]), np.array([0.1, 0.5, 0.8])
    counts = np.array([[3, 0, 0], [1, 1, 1], [0, 1, 0], [0, 3, 0]])
    found = concordance_of_sums(counts @ concordance_terms(x, y))
    # One row three times that is right, all of them, one row, one row three times that is wrong.
    np.testing.assert_allclose(found, [np.nan, concordance(x, y), np.nan, 0.0])
