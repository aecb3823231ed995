import json
import os
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from fixtures import micro_recipe
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.evaluation.report import RATERS
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.familiarity import FILE
from ser_core.synthesis.examples import load_examples
from ser_core.training.run import train

MODELS = ["text", "audio", "late", "single_stage", "multistage"]
CLIP = next(example.path for example in load_examples() if example.transcript)


def ser(*arguments: object, code: int = 0) -> str:
    """Standard output of a command; standard error where it fails."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    if code:
        assert result.stdout == ""
        return result.stderr
    return result.stdout


def one_sentence(text: str) -> bool:
    return text.startswith("ser: ") and text.count("\n") == 1 and text.rstrip().endswith((".", "…"))


@pytest.fixture
def folder(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoints, tmp_path / "checkpoints"))


# predict


def test_json(tiny_checkpoints: Path) -> None:
    output = ser(
        "predict", CLIP, "--transcript", "I am glad.", "--json", "--checkpoints", tiny_checkpoints
    )
    found = json.loads(output)
    assert {"duration_s", "sample_rate"} <= set(found["clip"])
    assert found["transcript"]["text"] == "I am glad."
    assert found["transcript"]["source"] == "typed"
    assert found["transcript"]["words"] == []
    assert list(found["models"]) == MODELS
    for model in found["models"].values():
        assert list(model["probabilities"]) == list(CATEGORIES)
        assert list(model["dimensions"]) == list(DIMENSIONS)
        assert model["decision"] in CATEGORIES
        assert sum(model["probabilities"].values()) == pytest.approx(1.0)


def test_json_with_recognised_words(tiny_checkpoints: Path) -> None:
    found = json.loads(ser("predict", CLIP, "--json", "--checkpoints", tiny_checkpoints))
    assert found["transcript"]["source"] == "asr"
    assert {"text", "start", "end", "probability"} == set(found["transcript"]["words"][0])


def test_json_without_words(tiny_checkpoints: Path) -> None:
    output = ser("predict", CLIP, "--no-text", "--json", "--checkpoints", tiny_checkpoints)
    found = json.loads(output)
    assert list(found["models"]) == MODELS[1:]
    assert found["transcript"] | {"text": "", "source": "none"} == found["transcript"]
    assert "text" in found["skipped"]


def test_table(tiny_checkpoints: Path) -> None:
    arguments = ("predict", CLIP, "--no-text", "--checkpoints", tiny_checkpoints)
    output = ser(*arguments, "--models", "multistage, text")
    assert f"{CLIP.name}: " in output
    assert "multistage" in output
    assert "audio" not in output
    assert "text: It reads only the words, and there are none." in output


def test_weight_of_late_fusion(tiny_checkpoints: Path) -> None:
    def models(weight: float) -> dict:
        output = ser(
            *("predict", CLIP, "--transcript", "I am glad.", "--json"),
            *("--late-weight", weight, "--checkpoints", tiny_checkpoints),
        )
        return json.loads(output)["models"]

    assert models(1.0)["late"]["dimensions"] == pytest.approx(models(1.0)["text"]["dimensions"])
    assert models(0.0)["late"]["dimensions"] == pytest.approx(models(0.0)["audio"]["dimensions"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["predict", "nowhere.wav"], "There is no such file"),
        (["predict", CLIP, "--no-text", "--transcript", "x"], "not both"),
        (["predict", CLIP, "--no-text", "--models", "deep"], "Unknown model 'deep'"),
        (["train", "no_such_recipe"], "No recipe 'no_such_recipe'"),
        (["train", "audio", "--data", "nowhere"], "not found at nowhere"),
        (["evaluate", "--data", "nowhere"], "not found at nowhere"),
        (["evaluate", "--split", "training"], "Unknown split 'training'"),
        (["evaluate", "--split", "dev", "--write"], "leave --split out"),
        (["evaluate", "--models", "text", "--write"], "leave --models out"),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, list) else "",
)
def test_mistakes_end_in_one_sentence(
    tiny_checkpoints: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SER_CHECKPOINTS", str(tiny_checkpoints))
    message = ser(*arguments, code=2)
    assert words in message
    assert one_sentence(message)


@pytest.mark.parametrize("command", [("train", "audio"), ("evaluate",)])
def test_the_folder_of_the_corpora(
    command: tuple[str, ...],
    tiny_checkpoints: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SER_CHECKPOINTS", str(tiny_checkpoints))
    assert f"not found at corpora{os.sep}" in ser(*command, code=2)
    monkeypatch.setenv("SER_DATA", str(tmp_path / "elsewhere"))
    assert f"not found at {tmp_path / 'elsewhere'}" in ser(*command, code=2)


@pytest.mark.parametrize("command", ["predict", "models", "evaluate"])
def test_no_checkpoints(tmp_path: Path, command: str) -> None:
    clip = [CLIP, "--no-text"] if command == "predict" else []
    message = ser(command, *clip, "--checkpoints", tmp_path, code=2)
    assert "No checkpoints" in message
    assert one_sentence(message)


def test_a_broken_recording(tiny_checkpoints: Path, tmp_path: Path) -> None:
    broken, silent = tmp_path / "broken.wav", tmp_path / "silent.wav"
    broken.write_bytes(b"RIFF nothing")
    soundfile.write(silent, np.zeros(16_000), 16_000)
    for path in (broken, silent):
        assert one_sentence(ser("predict", path, "--checkpoints", tiny_checkpoints, code=2))


# models, evaluate, train, examples


def test_list_of_models(tiny_checkpoints: Path) -> None:
    output = ser("models", "--checkpoints", tiny_checkpoints)
    assert [line.split()[0] for line in output.split("\n\n")[0].splitlines()[1:]] == MODELS
    assert len(output.splitlines()) == len(MODELS) + 3
    assert max(map(len, output.splitlines())) <= 100


def test_one_model_in_detail(tiny_checkpoints: Path) -> None:
    output = ser("models", "multistage", "--checkpoints", tiny_checkpoints)
    assert output.startswith("multistage: Multistage fusion\n  CNN14 at width 0.125")
    assert "parameters, " in output
    assert "audio:" not in output
    message = ser("models", "deep", "--checkpoints", tiny_checkpoints, code=2)
    assert one_sentence(message)
    assert "Unknown model 'deep'" in message


def test_models_as_json(tiny_checkpoints: Path) -> None:
    found = json.loads(ser("models", "--json", "--checkpoints", tiny_checkpoints))
    assert [one["name"] for one in found] == MODELS
    late, multistage = found[MODELS.index("late")], found[MODELS.index("multistage")]
    assert late["parents"] == ["text", "audio"]
    assert late["parameters"] == 0
    assert multistage["parameters"] > 10_000
    assert multistage["reads"] == ["words", "voice"]
    one = json.loads(ser("models", "late", "--json", "--checkpoints", tiny_checkpoints))
    assert one == late


def test_version() -> None:
    assert ser("--version") == f"ser {version('ser')}\n"


def test_evaluate_and_what_it_writes(micro_corpora: Path, folder: Path, tmp_path: Path) -> None:
    for name in ("late", "single_stage", "multistage"):  # two models are enough
        shutil.rmtree(folder / name)
    table = tmp_path / "results.csv"
    output = ser(
        *("evaluate", "--data", micro_corpora, "--checkpoints", folder),
        *("--csv", table, "--write"),
    )
    assert "**UAR**: unweighted average recall" in output
    assert "| test set | n | text | audio |" in output
    found = pd.read_csv(table)
    assert set(found["model"]) - {RATERS} == {"text", "audio"}
    row = found[(found["model"] == "text") & (found["set"] == "goemotions")].set_index("metric")
    assert f"| goemotions | {row.loc['UAR', 'n']} | {row.loc['UAR', 'value']:.3f} [" in output
    assert output.strip() in (folder / "README.md").read_text("utf-8")
    listed = ser("models", "text", "--checkpoints", folder)
    assert f"test, goemotions: UAR {row.loc['UAR', 'value']:.2f}" in listed


def test_train(micro_corpora: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "words.toml"
    recipe.write_text(
        'title = "Words"\n[model]\narchitecture = "text"\nhidden = 8\n'
        '[data]\ntexts = ["goemotions", "emobank"]\n'
        '[optimiser]\nepochs = 1\nbatch_size = 8\nprecision = "32-true"\n'
    )
    output = ser(
        *("train", recipe, "--data", micro_corpora, "--out", tmp_path / "runs"),
        *("--seed", 5, "--accelerator", "cpu", "--devices", 1),
    )
    assert f"words: {tmp_path / 'runs' / 'words'}" in output
    config = json.loads((tmp_path / "runs" / "words" / "config.json").read_text("utf-8"))
    assert config["training"]["recipe"]["seed"] == 5
    assert "words: Words" in ser("models", "words", "--checkpoints", tmp_path / "runs")


def test_what_is_familiar_is_measured_by_the_recipe_that_a_checkpoint_keeps(
    micro_corpora: Path, tmp_path: Path
) -> None:
    recipe = micro_recipe("audio")
    trained = train(recipe, micro_corpora, tmp_path, accelerator="cpu", devices=1)
    measured = trained.folder / FILE
    by_training = measured.read_bytes()
    measured.unlink()
    output = ser("familiarity", "--data", micro_corpora, "--checkpoints", tmp_path)
    assert output == "audio: measured\n"
    assert measured.read_bytes() == by_training


def test_examples_are_made_anew(tmp_path: Path) -> None:
    output = ser("examples", "--out", tmp_path)
    made = load_examples(tmp_path)
    assert len(made) == len(load_examples())
    assert all(example.id in output and example.path.is_file() for example in made)


def test_help_names_every_command() -> None:
    output = ser("--help")
    for command in ("predict", "models", "evaluate", "train", "examples", "app"):
        assert command in output
