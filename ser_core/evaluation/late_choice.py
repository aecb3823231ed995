"""Choosing late fusion's rule on dev.

Asked on dev's clips, each corpus counting alike:

- `pairs`: constructed pairs, among them conflicts of two emotions;
- `own sentence`: the clip's own words, which say nothing of an emotion;
- `neutral words`: any neutral text with any voice: the voice should be followed;
- `strong words`: strongly worded texts with a neutral voice: the words should be followed.

A rule's score is the mean of its UARs in the four; among those within `LEVEL` of the best, the one
that its sharpness calibrates best is chosen. Dimensions have a weight each, chosen by the mean CCC
of pairs and of own sentences.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ser_core.corpora.pairing import NEUTRAL, Pairs, make_pairs
from ser_core.evaluation.predict import Predictor, Scores
from ser_core.evaluation.report import load_evaluation_material
from ser_core.evaluation.test_sets import EvaluationSet, pair_set
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import (
    calibration_of_sums,
    calibration_terms,
    concordance,
    confusion,
    unweighted_average_recall,
)
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.late import LateRule
from ser_core.models.registry import parents
from ser_core.training.split_data import PAIR_SEED, Material

STRONG = 0.25  # share of each emotion's texts that are strongly worded: the text model is surest
LEVEL = 0.01  # scores that differ by less are level
WEIGHTS = tuple(np.round(np.arange(0.0, 1.01, 0.05), 2).tolist())
BIASES = tuple(np.round(np.arange(-3.0, 0.01, 0.25), 2).tolist())
SHARPNESS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
SMOOTHINGS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class Question:
    """One of the four sets of dev.

    Attributes:
        examples: with their labels.
        corpora: of the clips, [N].
        words, voice: what the two parents say.
    """

    examples: Pairs
    corpora: np.ndarray
    words: Scores
    voice: Scores


def questions(
    predictor: Predictor, text: Checkpoint, audio: Checkpoint, split: str = "dev"
) -> dict[str, Question]:
    """The four sets, by name, with what the parents of a late fusion say of them."""
    material = predictor.material
    everything = np.arange(len(material.clips))
    draws = np.random.default_rng(PAIR_SEED[split])
    neutral = draws.choice(material.neutral, len(everything))
    sets = {
        "pairs": pair_set(material, split).examples,
        "own sentence": material.alone(everything, material.own),
        "neutral words": material.alone(everything, neutral),
        "strong words": _strong_words(material, predictor, text, draws),
    }
    corpora = material.clips["corpus"].to_numpy(str)
    return {
        name: Question(
            examples,
            corpora[examples.clips],
            *(predictor.predict(c, EvaluationSet(name, examples, None)) for c in (text, audio)),
        )
        for name, examples in sets.items()
    }


def _strong_words(
    material: Material, predictor: Predictor, text: Checkpoint, draws: np.random.Generator
) -> Pairs:
    """Each neutral clip with a text of each emotion, of those that the text model is surest of."""
    emotional = np.flatnonzero(~material.texts["category"].isin(["", "neutral"]))
    words = material.words(emotional)
    neutral = np.flatnonzero(material.clips["category"] == "neutral")
    sure = predictor.predict(text, EvaluationSet("", words, None)).probabilities
    texts = []
    for k in np.flatnonzero(words.categories.any(axis=0)):
        rows = np.flatnonzero(words.categories[:, k])
        order = rows[np.argsort(-sure[rows, k], kind="stable")]
        strong = order[: max(1, round(STRONG * len(rows)))]
        texts.append(emotional[draws.choice(strong, len(neutral))])
    clips = np.tile(neutral, len(texts))
    return make_pairs(material.clips, material.texts, clips, np.concatenate(texts))


def measure(question: Question, rule: LateRule) -> tuple[float, float]:
    """UAR of a rule's decisions and expected calibration error, the means over corpora."""
    posteriors = rule.posteriors(question.words.probabilities, question.voice.probabilities)
    found = []
    for corpus in np.unique(question.corpora):
        labelled = (question.corpora == corpus) & (question.examples.categories.sum(axis=1) > 0)
        if labelled.any():
            truth = question.examples.categories[labelled].argmax(axis=1)
            counts = confusion(truth, posteriors[labelled].argmax(axis=1), len(CATEGORIES))
            errors = calibration_terms(truth, posteriors[labelled]).sum(axis=0)
            found.append((unweighted_average_recall(counts), float(calibration_of_sums(errors))))
    recall, error = np.mean(found, axis=0)
    return float(recall), float(error)


def rules(dimensions: tuple[float, ...]) -> Iterator[LateRule]:
    """Every rule that is tried: means and geometric means, with one weight, with another weight for
    neutral; geometric means with a bias for neutral and smoothing.
    """
    others = len(CATEGORIES) - 1
    no_bias = (0.0,) * len(CATEGORIES)
    for weight in WEIGHTS:
        for pooling in ("mean", "log_linear"):
            for of_neutral in WEIGHTS:
                categories = (of_neutral, *(weight,) * others)
                yield LateRule(pooling, categories, dimensions, no_bias)
        same = (weight,) * len(CATEGORIES)
        for bias, smoothing in product(BIASES, SMOOTHINGS):
            yield LateRule("log_linear", same, dimensions, (bias, *no_bias[1:]), smoothing)


def dimension_weights(asked: Mapping[str, Question]) -> tuple[float, ...]:
    """For each dimension the text's weight of the highest mean CCC of pairs and own sentences."""

    def agreement(k: int, weight: float) -> float:
        found = []
        for name in ("pairs", "own sentence"):
            one = asked[name]
            pooled = weight * one.words.dimensions[:, k] + (1 - weight) * one.voice.dimensions[:, k]
            for corpus in np.unique(one.corpora):
                truth = one.examples.dimensions[:, k]
                known = (one.corpora == corpus) & np.isfinite(truth)
                found.append(concordance(truth[known], pooled[known]))
        return float(np.nanmean(found))

    return tuple(
        max(WEIGHTS, key=lambda weight: agreement(k, weight)) for k in range(len(DIMENSIONS))
    )


def compare_rules(asked: Mapping[str, Question], tried: Iterable[LateRule]) -> pd.DataFrame:
    """One row a rule: what it is, UAR of each question, their mean `score`, and the mean `ECE`; the
    chosen one first, the others by their scores.
    """
    table = pd.DataFrame([_describe(asked, rule) for rule in tried])
    table = table.sort_values("score", ascending=False, ignore_index=True)
    level = table.loc[table["score"] >= table["score"][0] - LEVEL, "rule"]
    sharpened = (replace(rule, sharpness=k) for rule in level for k in SHARPNESS)
    chosen = min((_describe(asked, rule) for rule in sharpened), key=lambda row: row["ECE"])
    return pd.concat([pd.DataFrame([chosen]), table], ignore_index=True)


def _describe(asked: Mapping[str, Question], rule: LateRule) -> dict[str, Any]:
    found = {name: measure(question, rule) for name, question in asked.items()}
    recalls = {name: recall for name, (recall, _) in found.items()}
    return {
        "pooling": rule.pooling,
        "neutral": rule.categories[NEUTRAL],
        "others": rule.categories[-1],
        "bias": rule.bias[NEUTRAL],
        "smoothing": rule.smoothing,
        "sharpness": rule.sharpness,
        **recalls,
        "score": float(np.mean(list(recalls.values()))),
        "ECE": float(np.mean([error for _, error in found.values()])),
        "rule": rule,
    }


def choose_rule(models: dict[str, Checkpoint], late: Checkpoint, root: Path) -> pd.DataFrame:
    """`compare_rules` of everything that is tried, on dev of the demonstration corpora.

    Args:
        models: all checkpoints, with the parents of `late`.
        root: folder of the corpora.

    Raises:
        CheckpointError: a parent is missing.
        CorpusError, EncoderError: see `load_evaluation_material`.
    """
    text, audio = parents(models, late)
    material = load_evaluation_material([text, audio], root, "dev")
    asked = questions(Predictor(models, material), text, audio)
    return compare_rules(asked, rules(dimension_weights(asked)))
