import numpy as np
import pandas as pd
import pytest

from ser_core.corpora.pairing import (
    Pairs,
    fixed_pairs,
    joint_category,
    joint_dimensions,
    make_pairs,
    one_hot,
)
from ser_core.corpora.table import make_table
from ser_core.labels import CATEGORIES, DIMENSIONS


def labels(*names: str) -> np.ndarray:
    return one_hot(pd.Series(names))


def test_one_hot() -> None:
    found = labels("angry", "neutral", "")
    np.testing.assert_array_equal(found, [[0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("voice", "words", "joint"),
    [
        ("happy", "happy", {"happy": 1.0}),
        ("neutral", "neutral", {"neutral": 1.0}),
        ("neutral", "sad", {"sad": 1.0}),
        ("angry", "neutral", {"angry": 1.0}),
        ("angry", "happy", {"angry": 0.6, "happy": 0.4}),
        ("happy", "angry", {"happy": 0.6, "angry": 0.4}),
        ("", "happy", {}),
        ("happy", "", {}),
        ("neutral", "", {}),
        ("", "neutral", {}),
    ],
)
def test_joint_category(voice: str, words: str, joint: dict[str, float]) -> None:
    expected = [joint.get(category, 0.0) for category in CATEGORIES]
    found = joint_category(labels(voice), labels(words))
    np.testing.assert_allclose(found, [expected], atol=1e-7)


def test_every_labelled_pair_has_a_label_that_sums_to_one() -> None:
    voice = labels(*np.repeat(CATEGORIES, 4))
    words = labels(*np.tile(CATEGORIES, 4))
    np.testing.assert_allclose(joint_category(voice, words).sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "of_words"), [("arousal", 0.25), ("valence", 0.60), ("dominance", 0.35)]
)
def test_share_of_the_words_in_a_dimension(name: str, of_words: float) -> None:
    k = DIMENSIONS.index(name)
    found = joint_dimensions(np.zeros((1, 3)), np.ones((1, 3)))
    assert found[0, k] == pytest.approx(of_words)
    assert joint_dimensions(np.full((1, 3), 0.5), np.full((1, 3), 0.5))[0, k] == pytest.approx(0.5)


def test_a_missing_rating_leaves_the_dimension_out() -> None:
    rated, unrated = np.full((1, 3), 0.5), np.array([[0.5, np.nan, 0.5]])
    for pair in ((rated, unrated), (unrated, rated)):
        np.testing.assert_array_equal(np.isnan(joint_dimensions(*pair)), [[False, True, False]])


@pytest.fixture
def clips() -> pd.DataFrame:
    rows = [(category, 0.1 * k) for k, category in enumerate([*CATEGORIES, ""] * 2)]
    return make_table(
        [{"id": k, "category": c, **dict.fromkeys(DIMENSIONS, v)} for k, (c, v) in enumerate(rows)]
    )


@pytest.fixture
def texts() -> pd.DataFrame:
    labelled = [{"id": f"{c}{k}", "category": c} for c in CATEGORIES for k in range(30)]
    rated = [{"id": f"rated{k}", **dict.fromkeys(DIMENSIONS, k / 30)} for k in range(30)]
    return make_table([*labelled, *rated])


def test_pairs_keep_the_rows_that_were_given(clips: pd.DataFrame, texts: pd.DataFrame) -> None:
    pairs = make_pairs(clips, texts, np.array([1, 3, 1]), np.array([60, 0, 125]))
    assert pairs.clips.tolist() == [1, 3, 1]
    assert pairs.texts.tolist() == [60, 0, 125]
    np.testing.assert_allclose(
        pairs.categories, [[0, 0.6, 0.4, 0], [0, 0, 0, 1], [0, 0, 0, 0]], atol=1e-6
    )
    assert np.isnan(pairs.dimensions[:2]).all()
    share = np.array([0.25, 0.60, 0.35])
    np.testing.assert_allclose(pairs.dimensions[2], share * 5 / 30 + (1 - share) * 0.1)


def same(a: Pairs, b: Pairs) -> bool:
    return np.array_equal(a.clips, b.clips) and np.array_equal(a.texts, b.texts)


def test_fixed_pairs_are_always_the_same(clips: pd.DataFrame, texts: pd.DataFrame) -> None:
    first = fixed_pairs(clips, texts, seed=1)
    assert same(first, fixed_pairs(clips, texts, seed=1))
    assert not same(first, fixed_pairs(clips, texts, seed=2))


def test_each_clip_meets_every_category_and_rated_texts(
    clips: pd.DataFrame, texts: pd.DataFrame
) -> None:
    pairs = fixed_pairs(clips, texts, seed=1, texts_per_category=2, rated_texts=3)
    for row, category in enumerate(clips["category"]):
        words = texts.iloc[pairs.texts[pairs.clips == row]]
        assert words["valence"].notna().sum() == 3
        met = words["category"][words["category"] != ""].value_counts().to_dict()
        assert met == (dict.fromkeys(CATEGORIES, 2) if category else {})
    labelled = pairs.categories.sum(axis=1) > 0
    rated = np.isfinite(pairs.dimensions).all(axis=1)
    assert (labelled ^ rated).all()


def test_no_clips_make_no_pairs(clips: pd.DataFrame, texts: pd.DataFrame) -> None:
    assert len(fixed_pairs(clips[:0], texts, seed=1)) == 0
    assert len(fixed_pairs(clips, texts[:0], seed=1)) == 0
