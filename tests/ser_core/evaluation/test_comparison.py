import doctest
from math import comb

import numpy as np
import pytest
from scipy import stats

from ser_core.evaluation import comparison
from ser_core.evaluation.comparison import (
    Difference,
    Interval,
    Resampled,
    compare,
    enough_draws,
    holm,
    resample,
    resampled_counts,
    smallest_p,
    two_sided_p,
)
from ser_core.evaluation.measures import Statistic, mean_of
from ser_core.experiments.files import load, shipped
from ser_core.metrics import concordance, concordance_of_sums, concordance_terms


def test_the_examples_in_the_docstrings() -> None:
    found = doctest.testmod(comparison)
    assert found.attempted > 3
    assert not found.failed


def mean(values: np.ndarray) -> Statistic:
    terms = np.stack([np.ones(len(values)), values], axis=1)
    return Statistic(terms, lambda sums: sums[..., 1] / sums[..., 0])


def interval(values: np.ndarray, groups: np.ndarray | None = None, **more: int) -> Interval:
    groups = np.arange(len(values)) if groups is None else groups
    return resample({"": mean(values)}, groups, **more)[""].interval


def paired(
    a: Statistic, b: Statistic, groups: np.ndarray | None = None, draws: int = 1000
) -> Difference:
    groups = np.arange(len(a.terms)) if groups is None else groups
    return compare(resample({"a": a, "b": b}, groups, draws))[0]


# Resamples


def test_counts_are_of_as_many_draws_as_there_are_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = resampled_counts(7, 50)
    assert whole.shape == (50, 7)
    np.testing.assert_array_equal(whole.sum(axis=1), 7)
    assert len({tuple(counts) for counts in whole}) > 40
    monkeypatch.setattr(comparison, "CELLS", 7 * 16)  # in parts they are the same
    parts = list(resampled_counts(7, 50))
    assert [len(part) for part in parts] == [16, 16, 16, 2]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert (np.concatenate(list(resampled_counts(7, 50, seed=1))) != whole).any()


@pytest.mark.parametrize("draws", [1, 40])
def test_a_resample_by_counts_is_that_of_the_repeated_rows(draws: int) -> None:
    x, y = np.random.default_rng(0).random((2, 60))
    groups = np.random.default_rng(1).permutation(np.repeat([7, 3, 5, 4, 9, 1], 10))
    statistic = Statistic(concordance_terms(x, y), concordance_of_sums)
    found = resample({"": statistic}, groups, draws, seed=3)[""]
    generator, names = np.random.default_rng(3), np.unique(groups)
    for figure in found.draws:
        picked = names[generator.integers(0, 6, 6)]
        rows = np.concatenate([np.flatnonzero(groups == name) for name in picked])
        assert figure == pytest.approx(concordance(x[rows], y[rows]))
    assert found.value == pytest.approx(concordance(x, y))


def test_groups_are_drawn_whole() -> None:
    groups = np.array([3, 1, 3, 2, 1, 3, 2])  # in any order
    each_row = Statistic(np.eye(7), lambda sums: sums @ 10.0 ** np.arange(7))
    for figure in resample({"": each_row}, groups, 50)[""].draws:
        counts = np.array([int(digit) for digit in f"{figure:07.0f}"[::-1]])
        drawn = {group: set(counts[groups == group]) for group in (1, 2, 3)}
        assert all(len(times) == 1 for times in drawn.values())
        assert sum(times.pop() for times in drawn.values()) == 3


def test_a_single_group_has_no_interval_and_no_p() -> None:
    values = np.random.default_rng(0).random((40, 2))
    one = {name: Statistic(values, lambda sums: sums[..., 0] / sums[..., 1]) for name in "ab"}
    found = resample(one, np.zeros(40), draws=50)
    assert np.isfinite(found["a"].value)
    assert np.isnan([found["a"].interval.low, found["a"].interval.high]).all()
    assert np.isnan(compare(found)[0].p)


def test_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="other rows"):
        resample({"a": mean(np.zeros(5)), "b": mean(np.zeros(6))}, np.arange(6))


# Intervals


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).standard_normal(40)
    first = interval(values, draws=200)
    assert first == interval(values, draws=200)
    assert first != interval(values, draws=200, seed=1)
    assert first.value == pytest.approx(values.mean())
    assert first.low < first.value < first.high
    assert str(Interval(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"


def test_the_interval_has_the_width_that_theory_gives() -> None:
    values = np.random.default_rng(0).standard_normal(400)
    found = interval(values)
    expected = 1.96 * values.std() / np.sqrt(400)
    assert (found.high - found.low) / 2 == pytest.approx(expected, rel=0.1)


def test_the_interval_covers_the_truth() -> None:
    generator = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        found = interval(generator.standard_normal(60), draws=200)
        inside += found.low <= 0.0 <= found.high
    assert 88 <= inside <= 100


def test_dependent_rows_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(0).standard_normal(50), 8)
    alone = interval(values, draws=300)
    grouped = interval(values, np.repeat(np.arange(50), 8), draws=300)
    assert (grouped.high - grouped.low) > 2 * (alone.high - alone.low)


def test_draws_without_a_figure_do_not_count() -> None:
    assert Resampled(0.5, np.array([np.nan, 0.4, 0.4])).interval == Interval(0.5, 0.4, 0.4)
    never = Resampled(0.5, np.full(3, np.nan)).interval
    assert np.isnan([never.low, never.high]).all()


# Pairs


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
    found = paired(mean(a), mean(b), draws=4000)
    expected = stats.ttest_rel(a, b)
    low, high = expected.confidence_interval()
    assert found.interval.value == pytest.approx((a - b).mean())
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=0.006)
    assert found.p == pytest.approx(expected.pvalue, abs=0.01)
    assert found.p_holm == found.p


def test_pairing_makes_small_differences_visible() -> None:
    a, b = scores(0.2)
    found = paired(mean(a), mean(b)).interval
    alone = interval(a)
    assert found.high - found.low < 0.7 * (alone.high - alone.low)


def test_no_difference_is_seldom_found() -> None:
    p = []
    for seed in range(60):
        a, b = scores(0.0, size=60, seed=seed)
        p.append(paired(mean(a), mean(b), draws=199).p)
    assert 0.0 <= np.mean(np.array(p) <= 0.05) < 0.15
    assert np.median(p) > 0.25


def test_rows_that_are_all_alike_are_one_fact() -> None:
    # Ten speakers with forty rows each that are all alike: ten facts, not four hundred.
    speakers = np.repeat([f"speaker {k}" for k in range(10)], 40)
    better, zero = np.repeat(np.random.default_rng(1).normal(0.1, 0.3, 10), 40), np.zeros(400)
    by_row = paired(mean(better), mean(zero))
    by_speaker = paired(mean(better), mean(zero), speakers)
    assert by_row.interval.value == by_speaker.interval.value
    widths = [d.interval.high - d.interval.low for d in (by_row, by_speaker)]
    assert widths[1] > 4 * widths[0]
    assert by_row.p < by_speaker.p


def test_the_interval_of_a_model_does_not_depend_on_the_others() -> None:
    a, b = scores(0.1)
    found = resample({"a": mean(a), "b": mean(b)}, np.arange(len(a)))
    assert found["a"].interval == interval(a)


def test_several_seeds_count_as_their_mean() -> None:
    a, b = scores(0.1)
    found = paired(mean_of([mean(a), mean(b)]), mean(b))
    assert found.interval.value == pytest.approx((a - b).mean() / 2)


def test_the_mean_over_seeds_is_one_of_figures() -> None:
    # One seed predicts too high and the other too low: the mean of their predictions is right.
    x = np.random.default_rng(0).random(50)
    seeds = [Statistic(concordance_terms(x, x + by), concordance_of_sums) for by in (0.5, -0.5)]
    both = mean_of(seeds)
    assert both.value == pytest.approx(concordance(x, x + 0.5))
    found = resample({"both": both, "first": seeds[0], "second": seeds[1]}, np.arange(50), 30)
    expected = (found["first"].draws + found["second"].draws) / 2
    np.testing.assert_allclose(found["both"].draws, expected)


def test_identical_models_do_not_differ() -> None:
    a, _ = scores(0.0)
    found = paired(mean(a), mean(a))
    assert (found.interval.value, found.interval.low, found.interval.high) == (0.0, 0.0, 0.0)
    assert found.p == 1.0


def test_a_figure_that_is_never_defined_has_no_p() -> None:
    never = Statistic(np.ones((5, 1)), lambda sums: np.full(sums.shape[:-1], np.nan))
    found = paired(never, mean(np.zeros(5)), draws=20)
    assert np.isnan([found.p, found.p_holm, found.interval.low]).all()
    assert two_sided_p(np.array([np.nan, 1.0, 1.0])) == pytest.approx(2 / 3)


def test_holm() -> None:
    # Worked by hand: 0.005 * 4, 0.01 * 3, 0.03 * 2, and the last is raised to the one before it.
    found = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    np.testing.assert_allclose(found, [0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]
    np.testing.assert_allclose(holm(np.array([np.nan, 0.02])), [np.nan, 0.02])
    assert len(holm(np.zeros(0))) == 0


def ladder(models: int) -> dict[str, Statistic]:
    """Models that differ beyond doubt, each from each."""
    generator = np.random.default_rng(0)
    return {str(k): mean(generator.normal(k, 1, 200)) for k in range(models)}


def test_all_pairs_of_several_models() -> None:
    found = compare(resample(ladder(3), np.arange(200), draws=499))
    assert [(d.a, d.b) for d in found] == [("0", "1"), ("0", "2"), ("1", "2")]
    assert all(d.p == pytest.approx(2 / 500) and d.p_holm == pytest.approx(6 / 500) for d in found)
    assert smallest_p(3, 499) == pytest.approx(6 / 500)


def test_the_largest_shipped_table_can_be_significant() -> None:
    models = max(len(load(name).models) for name in shipped())
    assert models == 12
    clear, groups = ladder(models), np.arange(200)
    found = compare(resample(clear, groups, enough_draws(models)))
    assert len(found) == 66
    assert max(difference.p_holm for difference in found) <= 0.005
    too_few = compare(resample(clear, groups, 1000))
    assert min(difference.p_holm for difference in too_few) > 0.05


@pytest.mark.parametrize("models", [1, 2, 5, 12, 40])
def test_enough_draws_for_any_number_of_models(models: int) -> None:
    assert enough_draws(models) >= 10_000
    assert smallest_p(comb(models, 2), enough_draws(models)) <= 0.005
