import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.errors import CheckpointError
from ser_core.evaluation.seeds import best_on_dev, select, spread, store_spread, stored_spread
from ser_core.models.checkpoint import save
from ser_core.models.familiarity import FILE
from ser_core.models.registry import discover


def results(*values: float) -> pd.DataFrame:
    rows = [("audio", "a set", "UAR"), ("late", "a set", "UAR"), ("audio", "a set", "ECE")]
    table = pd.DataFrame(rows[: len(values)], columns=["model", "set", "metric"])
    return table.assign(value=values, low=0.0, high=1.0, n=9)


def test_spread() -> None:
    found = spread([results(0.5, 0.6), results(0.7, 0.6), results(0.6, 0.6)])
    assert list(found) == ["model", "set", "metric", "mean", "sd", "seeds"]
    assert found["model"].tolist() == ["audio", "late"]
    np.testing.assert_allclose(found["mean"], [0.6, 0.6])
    np.testing.assert_allclose(found["sd"], [0.1, 0.0], atol=1e-12)
    assert (found["seeds"] == 3).all()


def test_a_spread_is_kept_until_its_model_is_measured_again(
    tiny_checkpoints: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(tiny_checkpoints, tmp_path / "checkpoints"))
    assert stored_spread(root) is None
    store_spread(root, spread([results(0.5, 0.6), results(0.7, 0.6)]))
    again = spread([results(0.4).assign(model="audio"), results(0.5).assign(model="audio")])
    assert store_spread(root, again)["model"].tolist() == ["audio", "late"]
    stored = stored_spread(root)
    assert stored is not None
    means = stored.set_index("model")["mean"]
    assert means.to_dict() == pytest.approx({"audio": 0.45, "late": 0.6})
    gone = spread([results(0.4).assign(model="gone"), results(0.5).assign(model="gone")])
    assert set(store_spread(root, gone)["model"]) == {"audio", "late"}


@pytest.fixture
def runs(tiny_checkpoints: Path, tmp_path: Path) -> list[Path]:
    """Two seeds: the first has the better text model, the second the better audio model."""
    scores = [{"text": 0.6, "audio": 0.4}, {"text": 0.5, "audio": 0.7}]
    roots = []
    for number, of_models in enumerate(scores, 1):
        root = Path(shutil.copytree(tiny_checkpoints, tmp_path / f"seed{number}"))
        for name, checkpoint in discover(root).items():
            score = {"dev_score": of_models[name]} if name in of_models else {}
            save(replace(checkpoint, training={"seed": number, **score}), None)
        roots.append(root)
    return roots


def test_the_best_on_dev_of_each_model(runs: list[Path]) -> None:
    chosen = best_on_dev(runs)
    assert list(chosen) == list(discover(runs[0]))
    seeds = {name: checkpoint.training["seed"] for name, checkpoint in chosen.items()}
    assert seeds == {**dict.fromkeys(seeds, 1), "audio": 2}


def test_select_copies_weights_and_config(runs: list[Path], tmp_path: Path) -> None:
    weights = runs[1] / "audio" / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    (runs[1] / "audio" / FILE).write_bytes(b"measured")
    out = tmp_path / "checkpoints"
    (out / "text").mkdir(parents=True)
    (out / "text" / FILE).write_bytes(b"of another seed")
    select(runs, out)
    assert (out / "audio" / FILE).read_bytes() == b"measured"
    assert not (out / "text" / FILE).exists()
    found = discover(out)
    assert found["audio"].training["dev_score"] == 0.7
    assert found["text"].training["dev_score"] == 0.6
    assert (out / "audio" / "model.safetensors").read_bytes() == weights.read_bytes()
    assert not (out / "late" / "model.safetensors").exists()


def test_select_from_the_command_line(runs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "chosen"
    result = CliRunner().invoke(app, ["select", *map(str, runs), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert f"audio: {runs[1] / 'audio'}" in result.output.replace("\n", "")
    assert set(discover(out)) == set(discover(runs[0]))


def test_seeds_of_other_models_are_refused(runs: list[Path]) -> None:
    shutil.rmtree(runs[1] / "late")
    with pytest.raises(CheckpointError, match="train the same recipes for every seed"):
        best_on_dev(runs)
