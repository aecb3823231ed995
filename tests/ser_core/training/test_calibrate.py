import numpy as np
import pytest

from ser_core.training.calibrate import CANDIDATES, fit_temperature, negative_log_likelihood


def drawn(temperature: float, size: int = 5_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels that are drawn from them at a temperature."""
    generator = np.random.default_rng(0)
    logits = 2 * generator.standard_normal((size, 4))
    noise = generator.gumbel(size=logits.shape)
    return logits, np.eye(4)[(logits / temperature + noise).argmax(axis=1)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    assert fit_temperature(*drawn(temperature)) == pytest.approx(temperature, rel=0.1)


def test_likelihood_by_hand() -> None:
    logits, targets = np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    expected = (np.log(1 + np.exp(-1.0)) + np.log(2)) / 2
    assert negative_log_likelihood(logits, targets, 2.0) == pytest.approx(expected)


def test_unlabelled_rows_do_not_count() -> None:
    logits, targets = drawn(2.0, size=2000)
    found = fit_temperature(logits, targets)
    more = np.concatenate([logits, 9 * logits]), np.concatenate([targets, 0 * targets])
    assert fit_temperature(*more) == found
    assert CANDIDATES.min() < found < CANDIDATES.max()


def test_without_labels_or_categories_it_is_one() -> None:
    assert fit_temperature(np.ones((3, 4)), np.zeros((3, 4))) == 1.0
    assert fit_temperature(np.zeros((3, 0)), np.eye(4)[:3]) == 1.0


def test_large_logits_are_no_problem() -> None:
    assert np.isfinite(negative_log_likelihood(np.array([[1e4, -1e4]]), np.array([[0, 1]]), 0.25))
