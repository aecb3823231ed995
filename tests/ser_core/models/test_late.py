import numpy as np
import pytest
import torch

from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.config import ModelConfig
from ser_core.models.late import LateRule, late_fusion

GENERATOR = np.random.default_rng(0)
TEXT, AUDIO = GENERATOR.dirichlet(np.ones(4), 50), GENERATOR.dirichlet(np.ones(4), 50)
SCORES = GENERATOR.random((2, 50, 3))


def late(**values: object) -> LateRule:
    return ModelConfig("late", parents=("text", "audio"), **values).late_rule()  # type: ignore[arg-type]


def posteriors(strongest: str, share: float = 0.9) -> np.ndarray:
    others = (1 - share) / (len(CATEGORIES) - 1)
    return np.array([share if category == strongest else others for category in CATEGORIES])


def decision(rule: LateRule, words: str, voice: str) -> str:
    return CATEGORIES[int(rule.posteriors(posteriors(words), posteriors(voice, 0.8)).argmax())]


def test_weighted_mean() -> None:
    text, audio = np.array([0.7, 0.1, 0.1, 0.1]), np.array([0.1, 0.5, 0.2, 0.2])
    np.testing.assert_allclose(late_fusion(text, audio), [0.4, 0.3, 0.15, 0.15])
    np.testing.assert_allclose(late_fusion(text, audio, 0.25), [0.25, 0.4, 0.175, 0.175])
    np.testing.assert_allclose(late().posteriors(text, audio), [0.4, 0.3, 0.15, 0.15])


def test_log_linear_is_the_geometric_mean() -> None:
    expected = TEXT**0.3 * AUDIO**0.7
    expected /= expected.sum(axis=1, keepdims=True)
    found = late(pooling="log_linear", weight=0.3).posteriors(TEXT, AUDIO)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


RULES = [
    late(weight=0.4),
    late(category_weights=(0.1, 0.4, 0.5, 0.6), dimension_weights=(0.2, 0.6, 0.4)),
    late(pooling="log_linear", category_bias=(-2.0, 0.0, 0.5, 0.0)),
    late(pooling="log_linear", category_weights=(0.2, 0.4, 0.5, 0.6)),
    late(pooling="log_linear", weight=0.4, category_bias=(-1.0, 0.0, 0.0, 0.0), smoothing=0.2),
]


@pytest.mark.parametrize("rule", RULES)
def test_what_is_pooled_is_a_distribution(rule: LateRule) -> None:
    found = rule.posteriors(TEXT, AUDIO)
    assert (found > 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_allclose(found[7], rule.posteriors(TEXT[7], AUDIO[7]))
    certain = rule.posteriors(np.eye(4), np.eye(4)[::-1])
    assert np.isfinite(certain).all()
    scores = rule.scores(*SCORES)
    np.testing.assert_allclose(
        scores, SCORES[1] + np.array(rule.dimensions) * (SCORES[0] - SCORES[1])
    )
    assert rule.posteriors(TEXT[:, :0], AUDIO[:, :0]).shape == (50, 0)
    assert rule.scores(SCORES[0][:, :0], SCORES[1][:, :0]).shape == (50, 0)


@pytest.mark.parametrize("rule", RULES)
def test_tensors_are_pooled_as_arrays_are(rule: LateRule) -> None:
    text, audio = (torch.tensor(values, requires_grad=True) for values in (TEXT, AUDIO))
    for name in ("posteriors", "logits"):
        pool = getattr(rule, name)
        pooled = pool(text, audio)
        np.testing.assert_allclose(pooled.detach().numpy(), pool(TEXT, AUDIO), rtol=1e-12)
        for slope in torch.autograd.grad(pooled[:, 1].sum(), (text, audio)):
            assert slope.isfinite().all()
            assert slope.any()
    scores = rule.scores(*torch.tensor(SCORES)).numpy()
    np.testing.assert_allclose(scores, rule.scores(*SCORES), rtol=1e-12)


@pytest.mark.parametrize("pooling", ["mean", "log_linear"])
def test_the_weights_0_and_1_are_the_parents(pooling: str) -> None:
    config = ModelConfig(
        "late",
        parents=("text", "audio"),
        pooling=pooling,
        category_weights=(0.1, 0.4, 0.5, 0.6),
        category_bias=(-3.0, 0.0, 0.0, 0.0),
        smoothing=0.3,
        sharpness=2.0,
    )
    for weight, parent, scores in ((0.0, AUDIO, SCORES[1]), (1.0, TEXT, SCORES[0])):
        rule = config.late_rule(weight)
        np.testing.assert_allclose(rule.posteriors(TEXT, AUDIO), parent, rtol=1e-6)
        np.testing.assert_allclose(rule.scores(*SCORES), scores)


def test_log_linear_is_linear_in_log_posteriors() -> None:
    rule = late(pooling="log_linear", weight=0.4, category_bias=(-2.0, 0.0, 0.0, 0.0))
    base, other = TEXT[:10], TEXT[10:20]
    voice = AUDIO[:10]
    found = rule.logits(other, voice) - rule.logits(base, voice)
    np.testing.assert_allclose(found, 0.4 * (np.log(other) - np.log(base)))


def test_sharpness_changes_no_decision() -> None:
    plain, sharp = (late(pooling="log_linear", weight=0.4, sharpness=k) for k in (1.0, 3.0))
    before, after = (rule.posteriors(TEXT, AUDIO) for rule in (plain, sharp))
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))
    assert (after.max(axis=1) > before.max(axis=1)).all()
    ratio = sharp.logits(TEXT, AUDIO) / plain.logits(TEXT, AUDIO)
    np.testing.assert_allclose(ratio, 1 + 2 * 4 * 0.4 * 0.6)


def test_what_is_left_of_sure_neutral_words_says_nothing_when_smoothed() -> None:
    words = np.array([0.97, 0.028, 0.001, 0.001])  # neutral, and a little rather happy than angry
    voice = np.array([0.05, 0.2, 0.05, 0.7])
    settings = {"pooling": "log_linear", "weight": 0.4, "category_bias": (-2.0, 0.0, 0.0, 0.0)}
    rough, smooth = (late(**settings, smoothing=s) for s in (0.0, 0.2))
    assert CATEGORIES[int(rough.posteriors(words, voice).argmax())] == "happy"
    assert CATEGORIES[int(smooth.posteriors(words, voice).argmax())] == "angry"
    share = 0.2 * 4 * 0.4 * 0.6
    expected = np.log((1 - share) * words + share / 4)
    np.testing.assert_allclose(smooth.log_posteriors(words), expected)


def test_with_a_bias_neutral_needs_both() -> None:
    rule = late(pooling="log_linear", weight=0.45, category_bias=(-1.5, 0.0, 0.0, 0.0))
    assert decision(rule, words="neutral", voice="angry") == "angry"
    assert decision(rule, words="happy", voice="neutral") == "happy"
    assert decision(rule, words="neutral", voice="neutral") == "neutral"
    assert decision(rule, words="sad", voice="sad") == "sad"
    assert decision(late(), words="neutral", voice="angry") == "neutral"  # the plain mean


def test_one_weight_for_everything() -> None:
    rule = late(weight=0.3)
    assert rule.categories == (0.3,) * len(CATEGORIES)
    assert rule.dimensions == (0.3,) * len(DIMENSIONS)
    assert rule.bias == (0.0,) * len(CATEGORIES)
    config = ModelConfig(
        "late", parents=("text", "audio"), weight=0.3, dimension_weights=(0.0, 0.5, 0.1)
    )
    assert config.late_rule().dimensions == config.late_rule(0.3).dimensions == (0.0, 0.5, 0.1)
    assert config.late_rule(0.4).dimensions == (0.4, 0.4, 0.4)
