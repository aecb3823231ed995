from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.late_choice import (
    LEVEL,
    Question,
    choose_rule,
    compare_rules,
    dimension_weights,
    measure,
    questions,
    rules,
)
from ser_core.evaluation.predict import Predictor, Scores
from ser_core.labels import DIMENSIONS
from ser_core.models.config import ModelConfig
from ser_core.models.registry import discover
from ser_core.training.split_data import Material

EVEN = (0.5,) * len(DIMENSIONS)


def late(**values: object) -> ModelConfig:
    return ModelConfig("late", parents=("text", "audio"), **values)  # type: ignore[arg-type]


def asked(words: np.ndarray, voice: np.ndarray, truth: np.ndarray) -> Question:
    """Eighty examples of two corpora with these labels, words and voices, a little unsure."""

    def say(what: np.ndarray) -> Scores:
        generator = np.random.default_rng(0)
        posteriors = 0.7 * np.eye(4)[what] + 0.3 * generator.dirichlet(np.full(4, 10.0), len(what))
        return Scores(posteriors, np.repeat((what / 3)[:, None], 3, axis=1))

    dimensions = 0.8 * say(voice).dimensions + 0.2 * say(words).dimensions
    pairs = Pairs(np.arange(len(truth)), np.arange(len(truth)), np.eye(4)[truth], dimensions)
    corpora = np.where(np.arange(len(truth)) % 2, "one", "other")
    return Question(pairs, corpora, say(words), say(voice))


@pytest.fixture
def both_ways() -> dict[str, Question]:
    """Neutral words with any voice, any words with a neutral voice; the other one is right."""
    any_ = np.arange(80) % 4
    neutral = np.zeros(80, int)
    return {
        "pairs": asked(any_, neutral, any_),
        "own sentence": asked(neutral, any_, any_),
    }


def test_a_bias_follows_words_and_voice_alike(both_ways: dict[str, Question]) -> None:
    bias = late(pooling="log_linear", category_bias=(-0.8, 0.0, 0.0, 0.0)).late_rule()
    for question in both_ways.values():
        assert measure(question, bias)[0] == 1.0
    only_words = late(weight=0.9).late_rule()
    assert measure(both_ways["pairs"], only_words)[0] == 1.0
    assert measure(both_ways["own sentence"], only_words)[0] == 0.25
    table = compare_rules(both_ways, rules(EVEN))
    assert table["score"][1:].is_monotonic_decreasing
    assert table["pooling"][0] == "log_linear"
    level = table[table["score"] >= 1 - LEVEL]
    assert table["score"][0] in level["score"].to_numpy()
    assert table["ECE"][0] == level["ECE"].min() < level["ECE"].max()
    assert table["sharpness"][0] > 1
    means = table[(table["pooling"] == "mean") & (table["neutral"] == table["others"])]
    assert means["score"].max() < 0.9  # one weight for all cannot


def test_every_corpus_counts_alike(both_ways: dict[str, Question]) -> None:
    question = both_ways["pairs"]
    few = np.arange(80) % 20 == 1  # of one corpus four, of the other forty
    rows = np.flatnonzero(few | (question.corpora == "other"))
    wrong = Scores(np.roll(np.eye(4), 1, axis=1)[np.arange(80) % 4], question.words.dimensions)
    voice = Scores(
        np.where((question.corpora == "one")[:, None], wrong.probabilities, 1.0)[rows],
        question.voice.dimensions[rows],
    )
    words = Scores(question.words.probabilities[rows], question.words.dimensions[rows])
    part = Question(question.examples.rows(rows), question.corpora[rows], words, voice)
    assert measure(part, late(weight=0.3).late_rule())[0] == pytest.approx(0.5)


def test_weights_of_the_dimensions(both_ways: dict[str, Question]) -> None:
    assert dimension_weights(both_ways) == pytest.approx((0.2,) * len(DIMENSIONS))


def test_what_is_asked_on_dev(material: Material, tiny_checkpoints: Path) -> None:
    models = discover(tiny_checkpoints)
    predictor = Predictor(models, material)
    found = questions(predictor, models["text"], models["audio"], "test")
    assert set(found) <= {"pairs", "own sentence", "neutral words", "strong words"}
    spoken = found["neutral words"]
    labels = material.texts["category"].iloc[spoken.examples.texts]
    assert set(labels) <= {"neutral", ""}
    assert spoken.voice.probabilities.shape == (len(material.clips), 4)


def test_the_whole_way(micro_corpora: Path, tiny_checkpoints: Path) -> None:
    models = discover(tiny_checkpoints)
    table = choose_rule(models, models["late"], micro_corpora)
    assert isinstance(table, pd.DataFrame)
    assert table["score"].between(0, 1).all()
    assert {"mean", "log_linear"} == set(table["pooling"])
