import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ser_core.corpora.demonstration import read_speech
from ser_core.evaluation.card_data import SPEECH
from ser_core.evaluation.cards import (
    CONSTRUCTION,
    card,
    speech_of,
    summary,
    write_cards,
)
from ser_core.evaluation.report import Report
from ser_core.evaluation.seeds import spread
from ser_core.inputs.features import FrontEnd
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.config import ModelConfig
from ser_core.models.describe import describe
from ser_core.models.registry import discover
from ser_core.training.recipe import load

RESULTS = pd.DataFrame(
    [
        ("text", "goemotions", "UAR", 0.61237, 0.58, 0.64, 400),
        ("text", "emobank", "CCC valence", 0.5, 0.4, 0.6, 300),
        ("audio", "ravdess, no text", "UAR", 0.7, 0.6, 0.8, 200),
        ("late", "constructed pairs", "UAR", 0.6, 0.5, 0.7, 900),
        ("single_stage", "constructed pairs", "UAR", 0.62, 0.5, 0.7, 900),
        ("multistage", "constructed pairs", "UAR", 0.64, 0.5, 0.7, 900),
    ],
    columns=["model", "set", "metric", "value", "low", "high", "n"],
)
COMPARISONS = pd.DataFrame(
    [
        ("constructed pairs", "UAR", "late", "multistage", -0.04, -0.06, -0.01, 0.004, 0.008),
        ("constructed pairs", "mean CCC", "text", "late", 0.01, -0.06, 0.08, 0.7, 0.7),
        ("nemo, no text", "UAR", "audio", "multistage", 0.015, -0.06, 0.08, 0.6, 0.6),
        ("nemo, no text", "UAR", "late", "multistage", 0.025, -0.06, 0.08, 0.6, 0.6),
    ],
    columns=["set", "metric", "a", "b", "difference", "low", "high", "p", "p_holm"],
)
REPORT = Report(RESULTS, COMPARISONS)
TRAINING = {
    "recipe": load("audio").to_dict(),
    "dev_score": 0.4567,
    "best_epoch": 6,
    "train_clips": 3900,
    "train_texts": 0,
}


@pytest.fixture
def folder(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoints, tmp_path / "checkpoints"))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (ModelConfig("text", hidden=99), ("MLP", "99 units", "frozen BERT's last layer")),
        (ModelConfig("text", summary="all"), ("each layer of a frozen BERT",)),
        (ModelConfig("audio", width=0.5), ("CNN14", "width 0.5")),
        (ModelConfig("late", parents=("t", "a"), weight=0.3), ("`t` (0.3)", "`a` (0.7)")),
        (
            ModelConfig("fusion", stages=("block1", "pooled"), operator="film"),
            ("block1, pooled", "`film`"),
        ),
        (ModelConfig("foundation"), ("Whisper",)),
    ],
)
def test_description(model: ModelConfig, words: tuple[str, ...]) -> None:
    text = describe(Checkpoint(Path("x"), "x", "X", model))
    assert all(word in text for word in words)
    assert "one level" not in text


def test_description_of_the_level() -> None:
    model = ModelConfig("audio", width=0.5)
    checkpoint = Checkpoint(Path("x"), "x", "X", model, front_end=FrontEnd(level_db=-30.0))
    assert "every clip brought to one level, a mean of -30 dB" in describe(checkpoint)


def test_a_card_says_what_a_user_must_know(folder: Path) -> None:
    models = discover(folder)
    trained = replace(models["audio"], training=TRAINING)
    text = card(trained, RESULTS[RESULTS["model"] == "audio"], speech=tuple(SPEECH))
    assert text.startswith("---\nlicense: cc-by-nc-sa-4.0\n")
    assert "# Audio" in text
    assert f"{trained.parameters:,} parameters" in text
    assert "3900 clips" in text
    assert "best dev epoch 7 of" in text
    assert "0.457" in text
    assert "0.700 [0.600, 0.800]" in text
    assert "## Limits" in text
    assert "no commercial use" in text
    assert CONSTRUCTION not in text


def test_a_card_names_the_voices_that_its_model_heard(folder: Path) -> None:
    models = discover(folder)
    first_round = {"recipe": {"data": {"speech": ["ravdess", "nemo", "emodb"]}}}
    models["audio"] = replace(models["audio"], training=first_round)
    models["text"] = replace(models["text"], training={"recipe": load("text").to_dict()})
    assert speech_of(models, models["audio"]) == ("ravdess", "nemo", "emodb")
    assert speech_of(models, models["late"]) == ("ravdess", "nemo", "emodb")
    assert speech_of(models, models["text"]) == ()
    old, new = (card(models["audio"], speech=names) for names in (tuple(SPEECH)[:3], tuple(SPEECH)))
    assert "43 of them, in English, Polish and German" in old
    assert "CREMA-D" not in old
    assert "124 of them" in new
    assert "Contains information from CREMA-D" in new
    assert "test: RAVDESS actors 21-24, nEMO WR0, EmoDB 15 and 16, CREMA-D 1076-1081" in new
    assert "voices are" not in card(models["text"])


@pytest.mark.corpora
def test_the_speakers_are_those_of_the_corpora(corpora: Path) -> None:
    for name, source in SPEECH.items():
        table = read_speech(corpora, name).table
        assert table["speaker"].nunique() == source.speakers
        assert set(table["language"]) == {source.language}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"pooling": "log_linear", "category_bias": (-1.5, 0.0, 0.0, 0.0), "weight": 0.4},
            "Weighted geometric mean of the posteriors of `t` (0.4) and `a`, with a bias of "
            "neutral -1.5 in its logarithm, brought to a sum of 1; weighted mean of their "
            "dimension scores (words: arousal 0.4, valence 0.4, dominance 0.4).",
        ),
        (
            {"category_weights": (0.1, 0.5, 0.5, 0.5), "dimension_weights": (0.2, 0.6, 0.3)},
            "Weighted mean of the posteriors of `t` (0.1, 0.5) and `a` brought to a sum of 1; "
            "weighted mean of their dimension scores (words: arousal 0.2, valence 0.6, "
            "dominance 0.3).",
        ),
    ],
)
def test_description_of_a_late_fusion_s_rule(values: dict, sentence: str) -> None:
    model = ModelConfig("late", parents=("t", "a"), **values)
    assert describe(Checkpoint(Path("x"), "x", "X", model)) == sentence


@pytest.mark.parametrize("name", ["late", "single_stage", "multistage"])
def test_the_card_of_a_fusion_tells_of_the_constructed_pairs(folder: Path, name: str) -> None:
    checkpoint = discover(folder)[name]
    text = card(checkpoint)
    assert CONSTRUCTION in text
    assert checkpoint.text_encoder["sha256"][:16] in text


def test_the_card_tells_where_frozen_blocks_come_from(folder: Path) -> None:
    checkpoint = discover(folder)["multistage"]
    recipe = load("multistage")
    sentence = "The blocks of CNN14 are those of `audio`, unchanged."
    for freeze in (True, False):
        used = replace(recipe, optimiser=replace(recipe.optimiser, freeze=freeze))
        training = TRAINING | {"recipe": used.to_dict()}
        assert (sentence in card(replace(checkpoint, training=training))) == freeze


def test_results_go_into_configs_cards_and_overview(folder: Path) -> None:
    before = discover(folder)
    weights = (folder / "audio" / "model.safetensors").read_bytes()
    write_cards(folder, REPORT)
    after = discover(folder)
    assert list(after) == list(before)
    assert after["text"].results == {"goemotions": {"UAR": 0.6124}, "emobank": {"CCC valence": 0.5}}
    for name, checkpoint in after.items():
        assert replace(checkpoint, results={}) == before[name]
        assert f"# {checkpoint.title}" in (checkpoint.folder / "README.md").read_text("utf-8")
    assert "0.700" in (folder / "audio" / "README.md").read_text("utf-8")
    assert "0.640" not in (folder / "audio" / "README.md").read_text("utf-8")
    overview = (folder / "README.md").read_text("utf-8")
    assert "0.640 [0.500, 0.700]" in overview
    assert "0.700 [0.600, 0.800]" in overview
    assert (folder / "audio" / "model.safetensors").read_bytes() == weights


def test_differences_of_interest_are_in_the_overview(folder: Path) -> None:
    write_cards(folder, REPORT)
    overview = (folder / "README.md").read_text("utf-8")
    assert "| late - multistage | -0.040 [-0.060, -0.010] | 0.008 |" in overview
    assert "text - late" in overview
    assert "audio - multistage | +0.015" in overview
    assert "+0.025" not in overview


def test_spread_over_seeds_is_in_card_and_overview(folder: Path) -> None:
    other = RESULTS.assign(value=RESULTS["value"] + 0.02)
    write_cards(folder, REPORT, spread([RESULTS, other]))
    for file in (folder / "audio" / "README.md", folder / "README.md"):
        assert "0.710 ± 0.014" in file.read_text("utf-8")
    assert "0.650 ± 0.014" not in (folder / "audio" / "README.md").read_text("utf-8")
    write_cards(folder, REPORT)
    for file in (folder / "audio" / "README.md", folder / "README.md"):
        assert "0.710 ± 0.014" in file.read_text("utf-8")


def test_summary(folder: Path) -> None:
    write_cards(folder, REPORT)
    models = discover(folder)
    size = models["audio"].size_bytes / 1e6
    lines = summary(replace(models["audio"], training=TRAINING))
    assert lines == [
        f"{models['audio'].parameters:,} parameters, {size:.1f} MB",
        "trained on 3900 clips and 0 texts, seed 1",
        "test, ravdess, no text: UAR 0.70",
    ]
    assert summary(models["late"]) == ["test, constructed pairs: UAR 0.60"]
