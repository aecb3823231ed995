import doctest

import numpy as np
import pytest
from scipy import stats

from ser_core.evaluation import comparison
from ser_core.evaluation.comparison import (
    compare,
    holm,
    mean_of,
    paired_bootstrap,
    resample,
    two_sided_p,
)
from ser_core.evaluation.metrics import bootstrap


def test_the_examples_in_the_docstrings() -> None:
    found = doctest.testmod(comparison)
    assert found.attempted > 3
    assert not found.failed


def scores(shift: float, size: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two noisy measurements of the same rows whose means differ by `shift`."""
    generator = np.random.default_rng(seed)
    common = generator.normal(size=size)
    return (
        common + shift + 0.5 * generator.normal(size=size),
        common + 0.5 * generator.normal(size=size),
    )


def test_a_difference_of_means_agrees_with_the_paired_t_test() -> None:
    a, b = scores(0.08)
    found = paired_bootstrap(lambda r: a[r].mean(), lambda r: b[r].mean(), len(a), draws=4000)
    expected = stats.ttest_rel(a, b)
    low, high = expected.confidence_interval()
    assert found.interval.value == pytest.approx((a - b).mean())
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=0.006)
    assert found.p == pytest.approx(expected.pvalue, abs=0.01)
    assert found.p_holm == found.p


def test_pairing_makes_small_differences_visible() -> None:
    a, b = scores(0.2)
    paired = paired_bootstrap(lambda r: a[r].mean(), lambda r: b[r].mean(), len(a))
    width = paired.interval.high - paired.interval.low
    alone = bootstrap(lambda r: a[r].mean(), len(a))
    assert width < 0.7 * (alone.high - alone.low)


def test_no_difference_is_seldom_found() -> None:
    p = []
    for seed in range(60):
        a, b = scores(0.0, size=60, seed=seed)
        p.append(paired_bootstrap(lambda r: a[r].mean(), lambda r: b[r].mean(), 60, draws=199).p)  # noqa: B023
    assert 0.0 <= np.mean(np.array(p) <= 0.05) < 0.15
    assert np.median(p) > 0.25


def test_whole_groups_are_drawn() -> None:
    # Ten speakers with forty rows each that are all alike: ten facts, not four hundred.
    speakers = np.repeat([f"speaker {k}" for k in range(10)], 40)
    better = np.repeat(np.random.default_rng(1).normal(0.1, 0.3, 10), 40)
    zero = np.zeros(400)
    arguments = (lambda r: better[r].mean(), lambda r: zero[r].mean(), 400)
    by_row = paired_bootstrap(*arguments)
    by_speaker = paired_bootstrap(*arguments, groups=speakers)
    assert by_row.interval.value == by_speaker.interval.value
    widths = [d.interval.high - d.interval.low for d in (by_row, by_speaker)]
    assert widths[1] > 4 * widths[0]
    assert by_row.p < by_speaker.p


def test_the_interval_of_one_model_is_that_of_the_bootstrap() -> None:
    a, b = scores(0.1)
    found = resample({"a": lambda r: a[r].mean(), "b": lambda r: b[r].mean()}, len(a))
    assert found["a"].interval == bootstrap(lambda r: a[r].mean(), len(a))


def test_several_seeds_count_as_their_mean() -> None:
    a, b = scores(0.1)
    both = mean_of([lambda r: a[r].mean(), lambda r: b[r].mean()])
    found = paired_bootstrap(both, lambda r: b[r].mean(), len(a))
    assert found.interval.value == pytest.approx((a - b).mean() / 2)


def test_identical_models_do_not_differ() -> None:
    a, _ = scores(0.0)
    found = paired_bootstrap(lambda r: a[r].mean(), lambda r: a[r].mean(), len(a))
    assert (found.interval.value, found.interval.low, found.interval.high) == (0.0, 0.0, 0.0)
    assert found.p == 1.0


def test_a_figure_that_is_never_defined_has_no_p() -> None:
    found = paired_bootstrap(lambda _: np.nan, lambda _: 0.0, 5, draws=20)
    assert np.isnan([found.p, found.p_holm, found.interval.low]).all()
    assert two_sided_p(np.array([np.nan, 1.0, 1.0])) == pytest.approx(2 / 3)


def test_holm() -> None:
    # Worked by hand: 0.005 * 4, 0.01 * 3, 0.03 * 2, and the last is raised to the one before it.
    found = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    np.testing.assert_allclose(found, [0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]
    np.testing.assert_allclose(holm(np.array([np.nan, 0.02])), [np.nan, 0.02])
    assert len(holm(np.zeros(0))) == 0


def test_all_pairs_of_several_models() -> None:
    generator = np.random.default_rng(0)
    columns = {
        name: generator.normal(mean, 1, 200) for name, mean in zip("abc", (2, 1, 0), strict=True)
    }
    found = compare(
        resample({n: lambda r, c=c: c[r].mean() for n, c in columns.items()}, 200, draws=499)
    )
    assert [(d.a, d.b) for d in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert all(d.p == pytest.approx(2 / 500) and d.p_holm == pytest.approx(6 / 500) for d in found)
