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
    assert fit_temperature([drawn(temperature)]) == pytest.approx(temperature, rel=0.1)


def test_likelihood_by_hand() -> None:
    logits, targets = np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    expected = (np.log(1 + np.exp(-1.0)) + np.log(2)) / 2
    assert negative_log_likelihood(logits, targets, 2.0) == pytest.approx(expected)


def test_unlabelled_rows_do_not_count() -> None:
    logits, targets = drawn(2.0, size=2000)
    found = fit_temperature([(logits, targets)])
    more = np.concatenate([logits, 9 * logits]), np.concatenate([targets, 0 * targets])
    assert fit_temperature([more]) == found
    assert CANDIDATES.min() < found < CANDIDATES.max()


def test_a_small_set_counts_as_much_as_a_large_one() -> None:
    small, large = drawn(0.5, size=500), drawn(2.0, size=5_000)
    together = [np.concatenate(parts) for parts in zip(small, large, strict=True)]
    pooled = fit_temperature([(together[0], together[1])])
    apart = fit_temperature([small, large])
    assert apart == fit_temperature([large, small, (9 * small[0], 0 * small[1])])
    assert fit_temperature([small]) < apart < pooled < fit_temperature([large])


def test_without_labels_or_categories_it_is_one() -> None:
    assert fit_temperature([]) == 1.0
    assert fit_temperature([(np.ones((3, 4)), np.zeros((3, 4)))]) == 1.0
    assert fit_temperature([(np.zeros((3, 0)), np.eye(4)[:3])]) == 1.0


def test_large_logits_are_no_problem() -> None:
    assert np.isfinite(negative_log_likelihood(np.array([[1e4, -1e4]]), np.array([[0, 1]]), 0.25))
