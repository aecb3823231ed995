import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ser_core import labels
from ser_core.labels import CATEGORIES, CATEGORY_NORMS, DIMENSIONS, Scale, category_dimensions


def test_examples_in_the_documentation() -> None:
    result = doctest.testmod(labels)
    assert result.attempted > 0
    assert result.failed == 0


def test_every_category_has_norms_for_every_dimension() -> None:
    assert set(CATEGORIES) <= set(CATEGORY_NORMS)
    for norms in CATEGORY_NORMS.values():
        assert len(norms) == len(DIMENSIONS)
        assert all(-1.0 <= norm <= 1.0 for norm in norms)


def test_norms_point_where_the_words_say() -> None:
    arousal, valence, dominance = (DIMENSIONS.index(d) for d in ("arousal", "valence", "dominance"))
    happy, sad, angry = (category_dimensions(c) for c in ("happy", "sad", "angry"))
    assert happy[valence] > 0.5 > max(sad[valence], angry[valence])
    assert min(happy[arousal], angry[arousal]) > 0.5 > sad[arousal]
    assert angry[dominance] > 0.5 > sad[dominance]


def test_intensity_draws_to_the_neutral_point() -> None:
    full, half = category_dimensions("happy"), category_dimensions("happy", 0.5)
    np.testing.assert_allclose(half - 0.5, (full - 0.5) / 2)
    np.testing.assert_array_equal(category_dimensions("happy", 0.0), [0.5, 0.5, 0.5])


@given(st.floats(-10, 10), st.floats(0.1, 10), st.floats(0, 1))
def test_scale_there_and_back(low: float, span: float, unit: float) -> None:
    scale = Scale(low, low + span)
    assert scale.to_unit(scale.from_unit(unit)) == pytest.approx(unit, abs=1e-9)


def test_scale_clips_and_keeps_nan() -> None:
    values = Scale(1, 7).to_unit([0.0, 1.0, 4.0, 7.0, 9.0, np.nan])
    np.testing.assert_array_equal(values, [0.0, 0.0, 0.5, 1.0, 1.0, np.nan])
