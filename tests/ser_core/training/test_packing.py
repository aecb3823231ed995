import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fixtures import micro_recipe
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.errors import RecipeError, SerError
from ser_core.training import packing
from ser_core.training.data import RecipeData
from ser_core.training.recipe import Recipe
from ser_core.training.run import train
from ser_core.training.sampling import draw_epoch


def with_references(recipe: Recipe) -> Recipe:
    return replace(
        recipe,
        model=replace(recipe.model, reference=True),
        data=replace(recipe.data, reference=0.5, level_db=-30.0),
    )


RECIPE = with_references(micro_recipe("multistage"))


@pytest.fixture(scope="module")
def data(micro_corpora: Path) -> RecipeData:
    return RecipeData.read(RECIPE, micro_corpora)


@pytest.fixture(scope="module")
def pack(data: RecipeData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs") / "pack"
    packing.write_pack(folder, RECIPE, {"train": data.train, "dev": data.dev}, data.encoders or {})
    return folder


def test_what_comes_out_is_what_went_in(pack: Path, data: RecipeData) -> None:
    found = RecipeData.unpack(RECIPE, pack)
    assert found.encoders == data.encoders
    for before, after in ((data.train, found.train), (data.dev, found.dev)):
        pd.testing.assert_frame_equal(after.clips, before.clips)
        pd.testing.assert_frame_equal(after.texts, before.texts)
        np.testing.assert_array_equal(after.own, before.own)
        assert after.front_end == before.front_end
        for row in range(len(before.clips)):
            torch.testing.assert_close(
                after.log_mels[row], before.log_mels[row], atol=0.4, rtol=0
            )  # 8 bits of about 120 dB
        spread = np.ptp(before.embeddings, axis=0).max()
        np.testing.assert_allclose(after.embeddings, before.embeddings, atol=spread / 255)
        assert before.voices is not None and after.voices is not None
        np.testing.assert_allclose(after.voices.bands, before.voices.bands, atol=0.05)
        np.testing.assert_allclose(after.voices.offsets, before.voices.offsets, atol=0.05)
    first, second = (draw_epoch(d.train, RECIPE, 0) for d in (data, found))
    np.testing.assert_array_equal(first.clips, second.clips)
    np.testing.assert_array_equal(first.texts, second.texts)


def test_no_file_is_larger_than_a_part(
    data: RecipeData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "PART_BYTES", 40_000)
    packing.write_pack(tmp_path / "small", RECIPE, {"train": data.train, "dev": data.dev}, {})
    arrays = list((tmp_path / "small").rglob("*.npz"))
    assert max(file.stat().st_size for file in arrays) < 45_000
    assert len(list((tmp_path / "small" / "train").glob("log_mels.*"))) > 1
    monkeypatch.undo()
    found = RecipeData.unpack(RECIPE, tmp_path / "small")
    assert len(found.train.log_mels) == len(data.train.clips)
    torch.testing.assert_close(found.train.log_mels[12], data.train.log_mels[12], atol=0.4, rtol=0)


def test_a_pack_is_for_recipes_that_read_the_same(pack: Path) -> None:
    shares = replace(RECIPE, data=replace(RECIPE.data, balance=0.1, reference=0.9))
    assert len(RecipeData.unpack(shares, pack).train.clips)
    for name, value in (("speech", ("nemo",)), ("level_db", None), ("fold", 1)):
        other = replace(RECIPE, data=replace(RECIPE.data, **{name: value}))
        with pytest.raises(RecipeError, match=f"made with another `{name}`"):
            RecipeData.unpack(other, pack)
    distilling = replace(RECIPE, optimiser=replace(RECIPE.optimiser, distil=1.0))
    with pytest.raises(RecipeError, match="made with another `speech_encoder`"):
        RecipeData.unpack(distilling, pack)


def test_no_pack_and_a_damaged_one(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no whole pack in .*nowhere: run `ser pack` first"):
        RecipeData.unpack(RECIPE, tmp_path / "nowhere")
    about = json.loads((pack / "pack.json").read_text("utf-8"))
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "pack.json").write_text(json.dumps(about))
    with pytest.raises(RecipeError, match="no whole pack"):
        RecipeData.unpack(RECIPE, tmp_path / "half")


def test_training_from_a_pack_needs_no_corpora(pack: Path, tmp_path: Path) -> None:
    found = train(
        RECIPE, tmp_path / "nowhere", tmp_path / "out", pack, accelerator="cpu", devices=1
    )
    assert found.training["train_clips"] == 13
    assert found.text_encoder["sha256"]
    assert found.network.typical is not None and found.network.typical.any()


def test_on_the_command_line(micro_corpora: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(
        'title = "Mine"\n[model]\narchitecture = "foundation"\ninput_dim = 1792\n'
        '[data]\nspeech = ["emodb"]\n[optimiser]\nepochs = 1\nbatch_size = 2\n'
        'precision = "32-true"\n'
    )

    def ser(*arguments: object) -> str:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code in (0, 2), result.output
        return result.output

    folder = tmp_path / "pack"
    packing_it = ("pack", recipe, "--data", micro_corpora, "--out", folder)
    assert f"{folder}: " in ser(*packing_it)
    assert "is there already: name another folder" in ser(*packing_it)
    output = ser(
        *("train", recipe, "--data", tmp_path / "none", "--packed", folder),
        *("--out", tmp_path / "runs", "--accelerator", "cpu", "--devices", "1"),
    )
    assert "mine: " in output
    assert (tmp_path / "runs" / "mine" / "model.safetensors").is_file()


def test_where_nothing_can_be_written(data: RecipeData, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SerError, match="cannot be written"):
        packing.write_pack(tmp_path / "file" / "pack", RECIPE, {"train": data.train}, {})
