from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import SPEECH, TEXTS

from ser_core.corpora.pairing import Pairs
from ser_core.errors import CheckpointError, CorpusError, EncoderError
from ser_core.evaluation.comparison import resample
from ser_core.evaluation.measures import MEAN_CCC, METRICS, Measure, Statistic, measures
from ser_core.evaluation.predict import Predictor, Scores
from ser_core.evaluation.report import COMPARED, RATERS, Report, evaluate, evaluate_checkpoints
from ser_core.evaluation.tables import comparisons_table, results_table
from ser_core.evaluation.test_sets import evaluation_sets, native_sets
from ser_core.models.registry import discover
from ser_core.training.recipe import DataConfig
from ser_core.training.split_data import Material, load_material


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


def value(measure: Measure) -> float:
    return measure.statistic.value


def test_every_metric_is_measured() -> None:
    found = measures(*made_up())
    assert list(found) == list(METRICS)
    concordances = [value(found[name]) for name in found if name.startswith("CCC")]
    assert value(found[MEAN_CCC]) == pytest.approx(np.mean(concordances))
    assert value(found["UAR"]) > 0.9 > value(found["CCC valence"]) > 0.5


def test_unlabelled_examples_do_not_count() -> None:
    pairs, scores = made_up()
    categories, dimensions = pairs.categories.copy(), pairs.dimensions.copy()
    categories[:20] = 0.0
    dimensions[30:, 1] = np.nan
    found = measures(examples(categories, dimensions, pairs.clips), scores)
    rest = examples(pairs.categories[20:], pairs.dimensions[20:], pairs.clips[20:])
    alone = measures(rest, Scores(scores.probabilities[20:], scores.dimensions[20:]))
    assert value(found["UAR"]) == value(alone["UAR"])
    assert value(found["CCC arousal"]) != value(alone["CCC arousal"])
    first = examples(pairs.categories[:30], pairs.dimensions[:30], pairs.clips[:30])
    alone = measures(first, Scores(scores.probabilities[:30], scores.dimensions[:30]))
    assert value(found["CCC valence"]) == value(alone["CCC valence"])
    assert MEAN_CCC not in found  # of other examples than the single concordances


@pytest.mark.filterwarnings("error")
def test_predictions_that_are_no_numbers_have_no_figure() -> None:
    pairs, scores = made_up()
    probabilities, dimensions = scores.probabilities.copy(), scores.dimensions.copy()
    probabilities[7], dimensions[7] = np.nan, np.nan
    found = measures(pairs, Scores(probabilities, dimensions))
    assert {name for name in found if np.isnan(value(found[name]))} == set(found)
    assert len(found) == 7
    draws = resample({"": found["UAR"].statistic}, found["UAR"].groups, 5)[""]
    assert np.isnan([draws.interval.low, draws.interval.high]).all()


def test_a_head_that_is_missing_has_no_metric() -> None:
    pairs, scores = made_up()
    none = np.zeros((len(pairs), 0))
    assert set(measures(pairs, Scores(scores.probabilities, none))) == {"UAR", "macro-F1", "ECE"}
    only_dimensions = measures(pairs, Scores(none, scores.dimensions))
    assert all("CCC" in metric for metric in only_dimensions)


def test_a_clip_in_several_pairs_is_drawn_with_all_of_them() -> None:
    pairs, scores = made_up()
    repeated = np.repeat(np.arange(6), 10)
    grouped = examples(pairs.categories, pairs.dimensions, repeated)
    both = [measures(p, scores)["CCC valence"] for p in (pairs, grouped)]
    alone, together = (resample({"": m.statistic}, m.groups, 300)[""].interval for m in both)
    assert together.value == alone.value
    assert (together.low, together.high) != (alone.low, alone.high)


@pytest.fixture(scope="module")
def report(predictor: Predictor, material: Material) -> Report:
    sets = evaluation_sets(material, "test")
    return evaluate(predictor, predictor.models.values(), sets, draws=20)


@pytest.fixture(scope="module")
def results(report: Report) -> pd.DataFrame:
    return report.results


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
    text = results_table(results)
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
    assert f"| goemotions | {row['n']} | {row['value']:.3f} | –" in results_table(results, False)


def test_models_against_each_other(report: Report, results: pd.DataFrame) -> None:
    table = report.comparisons
    assert set(table["metric"]) == set(COMPARED)
    pairs = table[(table["set"] == "constructed pairs") & (table["metric"] == "UAR")]
    assert len(pairs) == 10  # of the five models
    values = results[results["metric"] == "UAR"].set_index(["set", "model"])["value"]
    for row in pairs.itertuples():
        expected = values["constructed pairs", row.a] - values["constructed pairs", row.b]
        assert row.difference == pytest.approx(expected)
        assert row.low <= row.difference <= row.high
        assert 0 < row.p <= row.p_holm <= 1
    # Without text, late fusion is the audio model.
    same = table[(table["set"] == "nemo, no text") & (table["a"] == "audio")]
    assert (same.loc[same["b"] == "late", ["difference", "low", "high"]] == 0).all(axis=None)


def test_references_are_not_compared(predictor: Predictor, material: Material) -> None:
    models = dict(predictor.models)
    models["multistage"] = replace(models["multistage"], reference=True)
    found = evaluate(
        Predictor(models, material), models.values(), evaluation_sets(material, "test")[:1], draws=3
    )
    assert "multistage" in set(found.results["model"])
    assert "multistage" not in set(found.comparisons["a"]) | set(found.comparisons["b"])


def test_markdown_of_the_comparisons(report: Report) -> None:
    lines = comparisons_table(report.comparisons).splitlines()
    assert len(lines) == len(report.comparisons) + 2
    first = report.comparisons.iloc[0]
    assert f"| {first['a']} - {first['b']} | {first['difference']:+.3f} [" in lines[2]
    assert all(line.count("|") == 6 for line in lines)
    small = comparisons_table(report.comparisons.head(1).assign(p_holm=0.0002))
    assert small.endswith("| <0.001 |")  # 0.000 would say that it cannot be


def test_as_many_resamples_as_the_models_need(
    predictor: Predictor, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def record(statistics: dict[str, Statistic], groups: np.ndarray, draws: int) -> object:
        drawn.append(draws)
        return resample(statistics, groups, 3)

    monkeypatch.setattr("ser_core.evaluation.report.resample", record)
    sets = evaluation_sets(material, "test")[:1]
    evaluate(predictor, predictor.models.values(), sets)
    assert set(drawn) == {10_000}


# The whole way from a folder


def test_checkpoints_of_a_folder(micro_corpora: Path, tiny_checkpoints: Path) -> None:
    models = discover(tiny_checkpoints)
    found = evaluate_checkpoints(models, micro_corpora, "dev", names=["text"]).results
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


def test_human_raters_stand_beside_the_models(micro_corpora: Path, tiny_checkpoints: Path) -> None:
    data = DataConfig(speech=("crema_d",), reference=1.0)
    material = load_material(data, micro_corpora, "test")
    models = {name: c for name, c in discover(tiny_checkpoints).items() if name == "audio"}
    report = evaluate(Predictor(models, material), models.values(), native_sets(material), 100)
    raters = report.results[report.results["model"] == RATERS]
    assert set(raters["set"]) == {"crema_d, no text"}
    assert set(raters["metric"]) == {"UAR", "macro-F1"}
    uar = raters.set_index("metric").loc["UAR", "value"]
    assert uar == pytest.approx(1 / 3)  # of a tie the first counts: neutral alone, of three labels
    assert RATERS not in {*report.comparisons.get("a", ()), *report.comparisons.get("b", ())}
    assert "crema_d, reference" not in set(report.results["set"])  # this model knows no speakers
