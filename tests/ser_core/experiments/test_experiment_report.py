from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_cells import cell, predictions

from ser_core.experiments.cells import Cell
from ser_core.experiments.data import Data
from ser_core.experiments.files import load
from ser_core.experiments.protocol import Experiment
from ser_core.experiments.report import QUICK_DRAWS, training_notes, write_report
from ser_core.experiments.scoring import PROBABILITIES
from ser_core.models.checkpoint import Checkpoint, save
from ser_core.models.config import ModelConfig
from ser_core.training.recipe import OptimiserConfig

NOTHING = Data(pd.DataFrame(), pd.DataFrame(), ())


# As many resamples as the comparisons need


@pytest.fixture(scope="module")
def largest() -> Experiment:
    """The shipped experiment of most models."""
    return load("ablation_stages")


@pytest.fixture(scope="module")
def cells(largest: Experiment, tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """One seed, every model a little better than the one before it."""
    root = tmp_path_factory.mktemp("cells")
    columns = list(PROBABILITIES)
    return [
        cell(root, name, 1, predictions(number / 12, 1).drop(columns=columns).assign(category=""))
        for number, name in enumerate(largest.models)
    ]


def test_the_largest_table_can_be_significant(
    largest: Experiment, cells: list[Cell], tmp_path: Path
) -> None:
    write_report(largest, cells, NOTHING, tmp_path)
    found = pd.read_csv(tmp_path / "comparisons.csv")
    of_each = found.groupby("metric")["p_holm"].agg(["size", "min"])
    assert set(of_each["size"]) == {66}
    assert (of_each["min"] <= 0.005).all()
    page = (tmp_path / "results.md").read_text("utf-8")
    assert "26,400 resamples" in page
    assert "interim" not in page


def test_a_table_that_cannot_be_significant_says_so(
    largest: Experiment, cells: list[Cell], tmp_path: Path
) -> None:
    write_report(largest, cells, NOTHING, tmp_path, draws=QUICK_DRAWS)
    assert pd.read_csv(tmp_path / "comparisons.csv")["p_holm"].min() > 0.05
    page = (tmp_path / "results.md").read_text("utf-8")
    assert "interim: with 200 resamples and 66 pairs of models, no p can be smaller than 0.657" in (
        page
    )
    write_report(largest, cells[:2], NOTHING, tmp_path, draws=QUICK_DRAWS)
    assert "interim" not in (tmp_path / "results.md").read_text("utf-8")  # of a single pair


def test_a_report_of_nothing(largest: Experiment, tmp_path: Path) -> None:
    write_report(largest, [cell(tmp_path, "audio", 1, None)], NOTHING, tmp_path, draws=QUICK_DRAWS)
    page = (tmp_path / "results.md").read_text("utf-8")
    assert "Nothing is done yet" in page
    assert "interim" not in page


def test_a_training_that_diverged_is_named(largest: Experiment, tmp_path: Path) -> None:
    lost = predictions(0.5, 1).assign(**dict.fromkeys(PROBABILITIES, float("nan")))
    names = list(largest.models)[:2]
    made = [cell(tmp_path, names[0], 1, lost), cell(tmp_path, names[1], 1, predictions(0.5, 1))]
    write_report(largest, made, NOTHING, tmp_path, draws=20)
    page = (tmp_path / "results.md").read_text("utf-8")
    assert f"No figure for {names[0]}: predictions are not all numbers" in page
    assert "nan [nan, nan]" in page


def test_what_an_earlier_run_left_out_is_not_of_this_one(
    largest: Experiment, cells: list[Cell], tmp_path: Path
) -> None:
    left_out = pd.DataFrame({"corpus": ["c"], "id": ["a"], "reason": ["damaged"]})
    write_report(largest, cells[:1], replace(NOTHING, left_out=left_out), tmp_path, draws=20)
    assert len(pd.read_csv(tmp_path / "left_out.csv")) == 1
    write_report(largest, cells[:1], NOTHING, tmp_path, draws=20)
    assert not (tmp_path / "left_out.csv").exists()


# Trainings that were not what their recipes say


def trained(root: Path, model: str, seed: int, **training: object) -> Cell:
    """A cell with a checkpoint; its recipe has batches of 32 in 32-true."""
    made = cell(root, model, seed, predictions(0.5, seed))
    optimiser = OptimiserConfig(batch_size=32, precision="32-true")
    made = replace(made, recipe=replace(made.recipe, optimiser=optimiser))
    save(Checkpoint(made.folder, model, model, made.recipe.model, training=training), None)
    return made


def fused(root: Path, seed: int) -> Cell:
    made = trained(root, "late", seed)
    late = ModelConfig("late", parents=("text", "audio"))
    return replace(made, recipe=replace(made.recipe, model=late))


def test_trainings_by_the_recipe_need_no_note(tmp_path: Path) -> None:
    cells = [trained(tmp_path, "audio", seed, precision="32-true") for seed in (1, 2)]
    assert training_notes([*cells, fused(tmp_path, 1)]) == []
    assert training_notes([]) == []


def test_other_batches_and_precisions_are_told(tmp_path: Path) -> None:
    cells = [
        trained(tmp_path, "text", 1),
        trained(tmp_path, "text", 2, processes=4, precision="bf16-mixed"),
        trained(tmp_path, "audio", 1, processes=4),
        trained(tmp_path, "audio", 2, processes=2),
        fused(tmp_path, 1),  # is not trained
    ]
    assert training_notes(cells) == [
        "2 of 4 runs were split over 4 devices: each step had 128 utterances instead of 32.",
        "1 of 4 runs were split over 2 devices: each step had 64 utterances instead of 32.",
        "1 of 4 runs were trained in the precision bf16-mixed instead of 32-true.",
    ]


def test_a_run_of_which_only_predictions_are_left_is_counted(tmp_path: Path) -> None:
    cells = [cell(tmp_path, "text", 1, predictions(0.5, 1)), trained(tmp_path, "audio", 1)]
    assert training_notes(cells) == []
    cells.append(trained(tmp_path, "audio", 2, processes=3))
    assert training_notes(cells)[0].startswith("1 of 3 runs were split over 3 devices: each step")


def test_the_notes_are_on_the_page(tmp_path: Path) -> None:
    experiment = load("msp_podcast_categorical")
    cells = [trained(tmp_path, "audio", 1, processes=2)]
    write_report(experiment, cells, NOTHING, tmp_path, draws=20)
    note = "- 1 of 1 runs were split over 2 devices: each step had 64 utterances instead of 32."
    assert note in (tmp_path / "results.md").read_text("utf-8").splitlines()
