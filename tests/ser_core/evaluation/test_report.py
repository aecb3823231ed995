from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import SPEECH, TEXTS

from ser_core.corpora.pairing import Pairs
from ser_core.errors import CheckpointError, CorpusError, EncoderError
from ser_core.evaluation.predict import Predictor, Scores
from ser_core.evaluation.report import (
    METRICS,
    evaluate,
    evaluate_checkpoints,
    measure,
    to_markdown,
)
from ser_core.evaluation.test_sets import evaluation_sets
from ser_core.models.checkpoint import discover
from ser_core.training.material import Material


def examples(categories: np.ndarray, dimensions: np.ndarray, clips: np.ndarray) -> Pairs:
    return Pairs(clips, np.full(len(clips), -1), categories, dimensions)


def made_up(size: int = 60) -> tuple[Pairs, Scores]:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 4, size)
    noise = generator.dirichlet(np.ones(4), size)
    probabilities = 0.5 * np.eye(4)[truth] + 0.5 * noise
    rating = generator.random((size, 3))
    scores = Scores(probabilities, 0.7 * rating + 0.3 * generator.random((size, 3)))
    return examples(np.eye(4)[truth], rating, np.arange(size)), scores


def test_every_metric_has_an_interval() -> None:
    results = measure(*made_up(), draws=100)
    assert list(results) == list(METRICS)
    for interval in results.values():
        assert interval.low <= interval.value <= interval.high


def test_unlabelled_examples_do_not_count() -> None:
    pairs, scores = made_up()
    categories, dimensions = pairs.categories.copy(), pairs.dimensions.copy()
    categories[:20] = 0.0
    dimensions[30:, 1] = np.nan
    found = measure(examples(categories, dimensions, pairs.clips), scores, draws=10)
    rest = examples(pairs.categories[20:], pairs.dimensions[20:], pairs.clips[20:])
    alone = measure(rest, Scores(scores.probabilities[20:], scores.dimensions[20:]), draws=10)
    assert found["UAR"] == alone["UAR"]
    assert found["CCC arousal"] != alone["CCC arousal"]
    first = examples(pairs.categories[:30], pairs.dimensions[:30], pairs.clips[:30])
    alone = measure(first, Scores(scores.probabilities[:30], scores.dimensions[:30]), draws=10)
    assert found["CCC valence"] == alone["CCC valence"]


def test_a_head_that_is_missing_has_no_metric() -> None:
    pairs, scores = made_up()
    none = np.zeros((len(pairs), 0))
    assert set(measure(pairs, Scores(scores.probabilities, none), draws=5)) == {
        "UAR",
        "macro-F1",
        "ECE",
    }
    only_dimensions = measure(pairs, Scores(none, scores.dimensions), draws=5)
    assert all(metric.startswith("CCC") for metric in only_dimensions)


def test_a_clip_in_several_pairs_is_drawn_with_all_of_them() -> None:
    pairs, scores = made_up()
    repeated = np.repeat(np.arange(6), 10)
    grouped = examples(pairs.categories, pairs.dimensions, repeated)
    alone, together = (measure(p, scores, draws=300)["CCC valence"] for p in (pairs, grouped))
    assert together.value == alone.value
    assert (together.low, together.high) != (alone.low, alone.high)


@pytest.fixture(scope="module")
def results(predictor: Predictor, material: Material) -> pd.DataFrame:
    sets = evaluation_sets(material, "test")
    return evaluate(predictor, predictor.models.values(), sets, draws=20)


def test_the_long_table(results: pd.DataFrame) -> None:
    assert list(results) == ["model", "set", "metric", "value", "low", "high", "n"]
    assert not results.duplicated(["model", "set", "metric"]).any()
    assert set(results["metric"]) == set(METRICS)
    models = results.groupby("set")["model"].unique().map(list)
    assert models["goemotions"] == ["text"]
    assert models["ravdess, no text"] == ["audio", "late", "single_stage", "multistage"]
    assert models["constructed pairs"] == ["text", "audio", "late", "single_stage", "multistage"]
    sentences = sum(len(texts) for texts in TEXTS.values())
    n = results.set_index(["set", "metric"])["n"].groupby(level=[0, 1]).first()
    assert n["goemotions", "UAR"] == n["emobank", "CCC valence"] == sentences
    assert n["ravdess, no text", "UAR"] == 4  # the fearful clip has no category
    assert n["ravdess, no text", "CCC valence"] == 5
    assert n["constructed pairs", "UAR"] == 12 * 4
    assert ("goemotions", "CCC valence") not in n


def test_late_and_audio_agree_without_text(results: pd.DataFrame) -> None:
    for corpus in SPEECH:
        rows = results[results["set"] == f"{corpus}, no text"].set_index(["model", "metric"])
        pd.testing.assert_frame_equal(rows.loc["audio"], rows.loc["late"])


def test_markdown(results: pd.DataFrame) -> None:
    text = to_markdown(results)
    blocks = text.split("\n\n**")
    assert len(blocks) == len(METRICS)
    header = "| test set | n | text | audio | late | single_stage | multistage |"
    for block, metric in zip(blocks, METRICS, strict=True):
        lines = block.splitlines()
        assert lines[0].startswith(f"{metric}**") or lines[0].startswith(f"**{metric}**")
        assert lines[2] == header
        assert all(line.count("|") == 8 for line in lines[2:])
    row = results[(results["set"] == "goemotions") & (results["metric"] == "UAR")].iloc[0]
    cell = f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
    assert f"| goemotions | {row['n']} | {cell} | – | – | – | – |" in text
    assert f"| goemotions | {row['n']} | {row['value']:.3f} | –" in to_markdown(results, False)


# The whole way from a folder


def test_checkpoints_of_a_folder(micro_corpora: Path, tiny_checkpoints: Path) -> None:
    found = evaluate_checkpoints(discover(tiny_checkpoints), micro_corpora, "dev", names=["text"])
    assert found["model"].unique().tolist() == ["text"]
    assert {"goemotions", "emobank", "constructed pairs"} < set(found["set"])


def test_a_missing_corpus(tiny_checkpoints: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="check the folder given"):
        evaluate_checkpoints(discover(tiny_checkpoints), tmp_path, "test")


def test_unknown_names(micro_corpora: Path, tiny_checkpoints: Path) -> None:
    models = discover(tiny_checkpoints)
    with pytest.raises(CorpusError, match="Unknown split 'train2': choose from dev, test"):
        evaluate_checkpoints(models, micro_corpora, "train2")
    with pytest.raises(CheckpointError, match="Unknown model 'x'"):
        evaluate_checkpoints(models, micro_corpora, "test", ["x"])


def test_another_text_encoder_is_refused(micro_corpora: Path, tiny_checkpoints: Path) -> None:
    models = discover(tiny_checkpoints)
    other = {"name": "bert-base-uncased", "sha256": "0" * 64}
    models["text"] = replace(models["text"], text_encoder=other)
    with pytest.raises(EncoderError, match="encoder 'bert-base-uncased': choose that one"):
        evaluate_checkpoints(models, micro_corpora, "test")
