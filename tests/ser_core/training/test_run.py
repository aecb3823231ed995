import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fixtures import CLIPS_A_SPLIT, TEXTS, WRITTEN, micro_recipe
from safetensors.torch import load_file
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.errors import RecipeError
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import DEFAULT_ENCODER_SHA256
from ser_core.models.checkpoint import Checkpoint, load
from ser_core.models.config import ModelConfig
from ser_core.training import module as module_file
from ser_core.training.data import RecipeData
from ser_core.training.module import SerModule
from ser_core.training.recipe import Recipe
from ser_core.training.run import class_weights, train
from ser_core.training.sampling import draw_epoch

TEXTS_A_SPLIT = 2 * sum(len(sentences) for sentences in TEXTS.values())
SETS = {  # of dev, by recipe
    "text": ["texts"],
    "audio": ["clips"],
    "foundation": ["clips"],
    "single_stage": ["pairs", "own", "no_text"],
    "multistage": ["pairs", "own", "no_text"],
}


def run(recipe: Recipe, corpora: Path, out: Path) -> Checkpoint:
    return train(recipe, corpora, out, accelerator="cpu", devices=1)


def log(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / name / "training" / "log.csv")


def weights(out: Path, name: str) -> dict[str, torch.Tensor]:
    return load_file(out / name / "model.safetensors")


def assert_same_run(first: Path, second: Path, name: str) -> None:
    # Not to the last bit: sums depend on where arrays happen to lie in memory.
    pd.testing.assert_frame_equal(log(first, name), log(second, name), rtol=0, atol=5e-4)
    torch.testing.assert_close(weights(first, name), weights(second, name), rtol=1e-3, atol=5e-4)


EPOCHS = 3


def recipe_of(name: str) -> Recipe:
    recipe = micro_recipe(name, epochs=EPOCHS, cycles=2 if name == "audio" else 1)
    mixup = 0.3 if name == "audio" else 0.0
    return replace(recipe, augment=replace(recipe.augment, mixup=mixup))


@pytest.fixture(scope="module")
def finished(
    micro_corpora: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Checkpoint]:
    """A trained checkpoint of each kind."""
    out = tmp_path_factory.mktemp("runs")
    return {name: run(recipe_of(name), micro_corpora, out) for name in SETS}


@pytest.mark.parametrize("name", SETS)
def test_training_gives_a_checkpoint(finished: dict[str, Checkpoint], name: str) -> None:
    checkpoint = finished[name]
    found = load(checkpoint.folder)
    assert found.network.inputs
    assert found.model == micro_recipe(name).model
    assert found.training["recipe"]["optimiser"]["epochs"] == EPOCHS
    assert found.training == json.loads(json.dumps(checkpoint.training))
    uses_text, uses_voice = name in ("text", "single_stage", "multistage"), name != "text"
    assert found.training["train_clips"] == CLIPS_A_SPLIT * uses_voice
    assert found.training["train_texts"] == TEXTS_A_SPLIT * uses_text
    assert found.text_encoder.get("sha256") == (DEFAULT_ENCODER_SHA256 if uses_text else None)
    speech = Recogniser().fingerprint if name == "foundation" else None
    assert found.speech_encoder.get("sha256") == speech
    known = found.familiarity
    assert (known is not None) == uses_voice
    assert known is None or len(known.distances) == CLIPS_A_SPLIT


@pytest.mark.parametrize("name", SETS)
def test_training_keeps_a_log(finished: dict[str, Checkpoint], name: str) -> None:
    checkpoint = finished[name]
    table = log(checkpoint.folder.parent, name)
    assert table["epoch"].tolist() == list(range(EPOCHS))
    losses = ["train/cross_entropy", "train/ccc_loss", "train/loss"]
    names = SETS[name] if name == "text" else [f"{s}/ravdess" for s in SETS[name]]
    scores = [f"dev/{s}/{m}" for s in names for m in ("uar", "ccc_valence")]
    assert np.isfinite(table[[*losses, *scores, "dev/score"]]).all(axis=None)
    assert table["dev/score"].max() == pytest.approx(checkpoint.training["dev_score"], abs=1e-5)
    assert table["dev/score"].idxmax() == checkpoint.training["best_epoch"]
    plot = (checkpoint.folder / "training" / "log.html").read_text("utf-8")
    plot = plot.replace("\\u002f", "/")
    assert all(column in plot for column in ("train/loss", "dev/score", SETS[name][0]))


def test_the_same_seed_gives_the_same_run(micro_corpora: Path, tmp_path: Path) -> None:
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        run(replace(micro_recipe("text"), seed=seed), micro_corpora, tmp_path / folder)
    assert_same_run(tmp_path / "a", tmp_path / "b", "text")
    assert not log(tmp_path / "a", "text").equals(log(tmp_path / "c", "text"))


@pytest.mark.parametrize("name", ["text", "audio"])
def test_training_lowers_the_loss(micro_corpora: Path, tmp_path: Path, name: str) -> None:
    recipe = micro_recipe(name, epochs=24, lr=2e-3, average=0.0, label_smoothing=0.0)
    every_clip = replace(recipe.data, balance=0.0)  # so that the losses of epochs compare
    plain = replace(recipe, data=every_clip, augment=type(recipe.augment)())
    run(plain, micro_corpora, tmp_path)
    table = log(tmp_path, name)
    assert table["train/loss"].iloc[-1] < 0.8 * table["train/loss"].iloc[0]


# Stopped and resumed


class PowerCutError(Exception):
    pass


def stop_at(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training breaks off in the second batch of an epoch."""
    step = SerModule.training_step

    def breaking(self: SerModule, batch: dict[str, torch.Tensor], number: int) -> torch.Tensor:
        if self.current_epoch == epoch and number == 1:
            raise PowerCutError
        return step(self, batch, number)

    monkeypatch.setattr(SerModule, "training_step", breaking)


@pytest.mark.parametrize(
    ("name", "epoch"), [("text", 0), ("text", 1), ("audio", 2), ("multistage", 1)]
)
def test_a_resumed_run_is_the_run_that_was_not_stopped(
    finished: dict[str, Checkpoint], micro_corpora: Path, tmp_path: Path, name: str, epoch: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCutError):
        stop_at(epoch, patch)
        run(recipe_of(name), micro_corpora, tmp_path)
    assert not (tmp_path / name / "model.safetensors").exists()
    torch.manual_seed(123)  # a new process knows nothing of the old one's random numbers
    run(recipe_of(name), micro_corpora, tmp_path)
    assert_same_run(finished[name].folder.parent, tmp_path, name)


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("stop", [1, 2])
def test_epochs_that_were_not_the_best_are_not_lost_either(
    micro_corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int, moved: bool
) -> None:
    out = tmp_path / "runs"
    monkeypatch.setattr(module_file, "score", lambda _: next(worse))
    worse = chain([0.9, 0.5, 0.1], repeat(0.0))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCutError):
        stop_at(stop, patch)
        run(recipe_of("text"), micro_corpora, out)
    last = torch.load(out / "text" / "training" / "last.ckpt", weights_only=True)
    assert last["epoch"] == stop - 1
    if moved:
        out = out.rename(tmp_path / "elsewhere")
    checkpoint = run(recipe_of("text"), micro_corpora, out)
    assert log(out, "text")["dev/score"].tolist() == [0.9, 0.5, 0.1]
    assert checkpoint.training["best_epoch"] == 0


def test_a_finished_run_is_not_trained_again(micro_corpora: Path, tmp_path: Path) -> None:
    first = run(micro_recipe("text"), micro_corpora, tmp_path)
    before, table = weights(tmp_path, "text"), log(tmp_path, "text")
    with pytest.MonkeyPatch.context() as patch:
        stop_at(0, patch)
        again = run(micro_recipe("text"), micro_corpora, tmp_path)
    assert again.training == first.training
    assert log(tmp_path, "text").equals(table)
    assert all(torch.equal(value, before[key]) for key, value in weights(tmp_path, "text").items())


RECIPE = f"""
title = "Text"
[model]
architecture = "text"
hidden = 16
[data]
texts = {list(WRITTEN)}
[optimiser]
epochs = 12
batch_size = 8
average = 0.9
precision = "32-true"
"""


def test_a_killed_command_is_resumed(micro_corpora: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "words.toml"
    recipe.write_text(RECIPE)
    arguments = ["train", str(recipe), f"--data={micro_corpora}", f"--out={tmp_path}"]
    arguments += ["--accelerator=cpu", "--devices=1"]
    written = tmp_path / "words" / "training" / "log.csv"
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ser_core.cli", *arguments],
            stdout=output,
            stderr=output,
            cwd=Path(__file__).parents[3],
        )
        while process.poll() is None and not (written.exists() and len(log_rows(written)) > 2):
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL, (tmp_path / "output").read_text()
    assert not (tmp_path / "words" / "model.safetensors").exists()
    rows = log_rows(written)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    resumed = log_rows(written)
    assert [row.split(",")[0] for row in resumed[1:]] == [str(epoch) for epoch in range(12)]
    assert resumed[: len(rows)] == rows
    assert load(tmp_path / "words").network.inputs == ("embedding",)


def log_rows(path: Path) -> list[str]:
    return path.read_text().splitlines()


# The best epoch


def test_the_best_epoch_is_a_copy_that_later_ones_leave_alone(
    micro_corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = micro_recipe("text", schedule="constant", average=0.0)
    run(
        replace(recipe, optimiser=replace(recipe.optimiser, epochs=1)),
        micro_corpora,
        tmp_path / "1",
    )
    worse = chain([0.9, 0.5, 0.1], repeat(0.0))
    monkeypatch.setattr(module_file, "score", lambda _: next(worse))
    recipe = replace(recipe, optimiser=replace(recipe.optimiser, epochs=3))
    checkpoint = run(recipe, micro_corpora, tmp_path / "3")
    assert checkpoint.training["best_epoch"] == 0
    assert checkpoint.training["dev_score"] == pytest.approx(0.9)
    first, kept = weights(tmp_path / "1", "text"), weights(tmp_path / "3", "text")
    assert all(torch.equal(value, first[key]) for key, value in kept.items())
    last = torch.load(tmp_path / "3" / "text" / "training" / "last.ckpt", weights_only=True)
    assert last["epoch"] == 2
    key = "mlp.2.weight"
    assert not torch.equal(last["state_dict"][f"network.{key}"].half(), kept[key])


def test_nothing_else_is_left_behind(
    micro_corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(micro_recipe("text"), micro_corpora, tmp_path / "runs")
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    training = {".lock", "best.ckpt", "last.ckpt", "log.csv", "log.html", "plotly.min.js"}
    assert found == {
        "runs/text/config.json",
        "runs/text/model.safetensors",
        *(f"runs/text/training/{name}" for name in training),
    }


def test_settings_that_change_what_the_network_hears_or_learns(
    micro_corpora: Path, tmp_path: Path
) -> None:
    recipe = micro_recipe("audio", epochs=1, distil=0.5)
    run(replace(recipe, data=replace(recipe.data, level_db=-30.0)), micro_corpora, tmp_path)
    checkpoint = load(tmp_path / "audio")
    assert checkpoint.front_end == FrontEnd(level_db=-30.0)
    assert checkpoint.network.inputs == ("log_mel",)
    assert not [name for name in weights(tmp_path, "audio") if "student" in name]
    assert np.isfinite(log(tmp_path, "audio")["train/distillation"]).all()


@pytest.mark.parametrize(("clip", "clipped"), [(1e-3, True), (0.0, False)])
def test_the_gradient_is_clipped_as_the_recipe_says(
    clip: float, clipped: bool, micro_corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    norms = []
    clipping = SerModule.configure_gradient_clipping

    def measured(self: SerModule, *arguments: object, **settings: object) -> None:
        clipping(self, *arguments, **settings)  # type: ignore[arg-type]
        gradients = [p.grad for p in self.parameters() if p.grad is not None]
        norms.append(float(torch.nn.utils.get_total_norm(gradients)))

    monkeypatch.setattr(SerModule, "configure_gradient_clipping", measured)
    run(micro_recipe("text", epochs=1, clip=clip), micro_corpora, tmp_path)
    assert (max(norms) < 1.001e-3) == clipped


@pytest.mark.parametrize("precision", ["bf16-true", "64-true"])
def test_weights_of_another_precision_can_be_measured(
    micro_corpora: Path, tmp_path: Path, precision: str
) -> None:
    checkpoint = run(micro_recipe("text", epochs=1, precision=precision), micro_corpora, tmp_path)
    assert checkpoint.temperature > 0


# Starting from another model, late fusion, class weights


def test_a_fusion_starts_from_the_audio_model(micro_corpora: Path, tmp_path: Path) -> None:
    run(micro_recipe("audio", average=0.0), micro_corpora, tmp_path)
    # With no learning rate only the normalisation statistics move.
    recipe = micro_recipe("multistage", start="audio", lr=0.0, average=0.0)
    run(recipe, micro_corpora, tmp_path)
    audio, fusion = weights(tmp_path, "audio"), weights(tmp_path, "multistage")
    statistics = ("running_mean", "running_var")
    copied = [name for name in audio if not name.endswith(statistics)]
    assert {name.split(".")[0] for name in copied} == {"cnn", "heads"}
    assert all(torch.equal(audio[name], fusion[name]) for name in copied)
    assert any(name.startswith("conditioning.") for name in fusion)


def test_a_start_that_is_not_there(micro_corpora: Path, tmp_path: Path) -> None:
    recipe = micro_recipe("single_stage", start="no_such_model")
    with pytest.raises(RecipeError, match="run `ser train no_such_model` first"):
        run(recipe, micro_corpora, tmp_path)


def test_a_start_of_another_size(micro_corpora: Path, tmp_path: Path) -> None:
    run(micro_recipe("audio", epochs=1), micro_corpora, tmp_path)
    recipe = micro_recipe("single_stage", start="audio", freeze=True)
    recipe = replace(recipe, model=replace(recipe.model, width=2 * recipe.model.width))
    with pytest.raises(RecipeError, match="'audio' has no CNN14 of the size"):
        run(recipe, micro_corpora, tmp_path)


def test_a_batch_of_more_than_there_is(micro_corpora: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"training examples .* less than a batch of 10,000"):
        run(micro_recipe("text", batch_size=10_000), micro_corpora, tmp_path)


def test_a_start_that_hears_other_spectrograms(micro_corpora: Path, tmp_path: Path) -> None:
    run(micro_recipe("audio", epochs=1), micro_corpora, tmp_path)
    recipe = micro_recipe("single_stage", start="audio")
    recipe = replace(recipe, data=replace(recipe.data, level_db=-30.0))
    with pytest.raises(RecipeError, match=r"'audio' hears other spectrograms .* same `level_db`"):
        run(recipe, micro_corpora, tmp_path)


def test_late_fusion_is_only_a_config(tmp_path: Path) -> None:
    model = ModelConfig("late", parents=("text", "audio"), weight=0.4)
    recipe = Recipe(name="late", title="Late fusion", model=model, order=3)
    train(recipe, tmp_path / "no corpora needed", tmp_path)
    checkpoint = load(tmp_path / "late")
    assert (checkpoint.model, checkpoint.order) == (model, 3)
    assert [path.name for path in (tmp_path / "late").iterdir()] == ["config.json"]


def test_class_weights_are_inverse_frequencies(micro_corpora: Path) -> None:
    recipe = micro_recipe("text")
    data = RecipeData.read(
        replace(recipe, data=replace(recipe.data, texts=("goemotions",))), micro_corpora
    )
    np.testing.assert_allclose(class_weights(data), 1.0)
    data.train.texts.loc[data.train.texts["category"] == "sad", "category"] = "angry"
    alone, constructed = class_weights(data)
    np.testing.assert_allclose(alone, [1.0, 1.0, 3.0, 0.5])
    np.testing.assert_allclose(constructed, 1.0)


def test_class_weights_of_constructed_pairs_are_apart(micro_corpora: Path) -> None:
    data = RecipeData.read(micro_recipe("multistage"), micro_corpora)
    examples = draw_epoch(data.train, data.recipe, 0)
    constructed = data.train.constructed(examples)
    assert 0 < constructed.sum() < len(constructed)
    for weights, rows in zip(class_weights(data), (~constructed, constructed), strict=True):
        frequency = examples.categories[rows].sum(axis=0)
        expected = frequency.sum() / 4 / np.maximum(frequency, 1)
        np.testing.assert_allclose(weights, expected, rtol=1e-5)
    full = class_weights(data)
    data.recipe = micro_recipe("multistage", pair_balance=0.5)
    np.testing.assert_allclose(class_weights(data), [full[0], full[1] ** 0.5])


def test_dev_every_other_epoch(micro_corpora: Path, tmp_path: Path) -> None:
    checkpoint = run(micro_recipe("text", epochs=4, dev_every=2), micro_corpora, tmp_path)
    table = log(tmp_path, "text")
    assert table["epoch"].tolist() == [0, 1, 2, 3]
    assert table["dev/score"].isna().tolist() == [True, False, True, False]
    assert table["train/loss"].notna().all()
    assert table["train/loss"].is_unique
    assert checkpoint.training["best_epoch"] in (1, 3)


def test_early_stages_and_blocks_learn_at_their_own_rates(micro_corpora: Path) -> None:
    rates = {"start": "audio", "lr": 1.0, "trunk_lr": 0.5, "stage_lr": 0.1}
    recipe = micro_recipe("multistage", schedule="constant", **rates)
    data = RecipeData.read(recipe, micro_corpora)
    module = SerModule(recipe, class_weights(data), list(data.dev_sets))
    groups = module.configure_optimizers().param_groups
    rate = {id(p): group["lr"] for group in groups for p in group["params"]}
    found = {name: rate[id(p)] for name, p in module.named_parameters()}
    assert found["network.conditioning.projections.block2.weight"] == 0.1
    assert found["network.conditioning.projections.block5.weight"] == 1.0
    assert found["network.cnn.blocks.0.conv1.weight"] == 0.5
    assert found["network.heads.linear.weight"] == 1.0


def test_frozen_blocks_stay_while_the_rest_learns(micro_corpora: Path, tmp_path: Path) -> None:
    run(micro_recipe("audio"), micro_corpora, tmp_path)
    frozen = micro_recipe("multistage", start="audio", freeze=True, average=0.9)
    run(frozen, micro_corpora, tmp_path)
    audio, fusion = weights(tmp_path, "audio"), weights(tmp_path, "multistage")
    same = {name for name, value in audio.items() if torch.equal(value, fusion[name])}
    assert same == {name for name in audio if name.startswith(("cnn.norm.", "cnn.blocks."))}
    started = SerModule(frozen, torch.ones(2, 4), []).network.state_dict()
    shifts = [name for name in fusion if "projections" in name and "weight" in name]
    assert shifts
    assert not any(torch.equal(fusion[name], started[name].half()) for name in shifts)
