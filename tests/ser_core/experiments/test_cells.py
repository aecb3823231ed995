import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_cells import cell, predictions

from ser_core.corpora.table import make_table
from ser_core.errors import RecipeError
from ser_core.experiments.cells import Cell, list_cells, seeds_done, select
from ser_core.experiments.files import load
from ser_core.experiments.folds import Fold
from ser_core.experiments.provenance import contents, words_of
from ser_core.models.config import ModelConfig
from ser_core.training.recipe import Recipe

CONTENTS = np.arange(3, dtype=np.uint64)


@pytest.fixture
def done(tmp_path: Path) -> Cell:
    made = cell(tmp_path, "text", 1, predictions(0.5, 1))
    made.write_settings(made.settings(CONTENTS))
    return made


def changed(cell: Cell, **sections: dict[str, Any]) -> Cell:
    """With other values in sections of the recipe, or in the protocol."""
    recipe, protocol = cell.recipe, cell.protocol
    for name, values in sections.items():
        if name == "protocol":
            protocol = replace(protocol, **values)
        elif name == "recipe":
            recipe = replace(recipe, **values)
        else:
            recipe = replace(recipe, **{name: replace(getattr(recipe, name), **values)})
    return replace(cell, recipe=recipe, protocol=protocol)


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"recipe": {"title": "Words", "order": 7, "reference": True}},
        {"data": {"whole_batch": 16}},
        {"protocol": {"transcripts": "asr", "recogniser": "base.en"}},
        {"protocol": {"seeds": (1, 2, 3, 4)}},
    ],
)
def test_what_no_result_depends_on_may_change(done: Cell, sections: dict[str, Any]) -> None:
    today = changed(done, **sections)
    assert today.changes(today.settings(CONTENTS)) == []


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"optimiser": {"lr": 0.5}}, "optimiser.lr 0.001 -> 0.5"),
        ({"model": {"hidden": 8}}, "model.hidden 256 -> 8"),
        ({"protocol": {"test": ("test", "test2")}}, "protocol.test ['test'] -> ['test', 'test2']"),
    ],
)
def test_what_results_depend_on_may_not(done: Cell, sections: dict[str, Any], told: str) -> None:
    today = changed(done, **sections)
    assert today.changes(today.settings(CONTENTS)) == [told]
    assert today.changes(today.settings(None)) == [told]  # what --dry-run can know
    with pytest.raises(RecipeError, match=r"made with other settings .* delete it"):
        today.check(today.settings(CONTENTS))


def test_other_utterances_are_a_change(done: Cell) -> None:
    other = replace(done, fold=replace(done.fold, train=np.array([1])))
    assert other.changes(other.settings(CONTENTS)) == ["the utterances have changed"]
    assert other.changes(other.settings(None)) == []


def test_settings_that_came_later_have_their_defaults(done: Cell) -> None:
    file = done.folder / "cell.json"
    stored = json.loads(file.read_text())
    del stored["recipe"]["optimiser"]["cycles"]
    del stored["protocol"]["recogniser"]
    file.write_text(json.dumps(stored))
    assert done.changes(done.settings(CONTENTS)) == []
    today = changed(done, optimiser={"cycles": 2})
    assert today.changes(today.settings(CONTENTS)) == ["optimiser.cycles 1 -> 2"]


def test_a_cell_from_before_the_clip_was_a_setting_was_clipped_at_5(done: Cell) -> None:
    file = done.folder / "cell.json"
    stored = json.loads(file.read_text())
    del stored["recipe"]["optimiser"]["clip"]
    file.write_text(json.dumps(stored))
    assert done.changes(done.settings(CONTENTS)) == []
    today = changed(done, optimiser={"clip": 0.0})  # the paper's experiments
    assert today.changes(today.settings(CONTENTS)) == ["optimiser.clip 5.0 -> 0.0"]


@pytest.mark.parametrize("text", ["", "{}", '{"recipe": {"optimiser": {"unheard_of": 1}}}'])
def test_settings_that_cannot_be_read_are_a_change(done: Cell, text: str) -> None:
    (done.folder / "cell.json").write_text(text)
    assert done.changes(done.settings(CONTENTS)) == ["cell.json is of another version"]


def test_where_nothing_is_made_anything_may_change(done: Cell) -> None:
    done.predictions.unlink()
    today = changed(done, optimiser={"lr": 0.5})
    assert today.changes(today.settings(CONTENTS)) == []
    (done.folder / "training").mkdir()
    (done.folder / "training" / "last.ckpt").touch()  # but not what a training goes on with
    assert today.changes(today.settings(CONTENTS)) != []


def test_words_count_for_models_that_read_them(done: Cell) -> None:
    said, unsaid = (make_table([{"id": "a", "transcript": text}]) for text in ("Hello.", ""))
    assert contents(said) == contents(unsaid)
    assert words_of(said) != words_of(unsaid)
    assert contents(said) == contents(said.assign(path="/elsewhere/a.wav", duration_s=2.0))
    one = replace(done, fold=replace(done.fold, train=np.array([0])))
    one.write_settings(one.settings(contents(said), words_of(said)))
    today = one.settings(contents(said), words_of(unsaid))
    assert one.changes(today) == ["the words have changed"]
    assert one.changes(one.settings(contents(said))) == []  # where nobody has listened
    voice = changed(one, model={"architecture": "audio"})
    assert voice.settings(contents(said), words_of(said)) == voice.settings(contents(said))


def test_what_is_made_without_settings_cannot_be_trusted(done: Cell) -> None:
    (done.folder / "cell.json").unlink()
    assert done.changes(done.settings(CONTENTS)) == ["cell.json is missing"]


def test_late_fusion_of_older_predictions_is_not_done(tmp_path: Path) -> None:
    parents = tuple(cell(tmp_path, name, 1, predictions(0.5, 1)) for name in ("text", "audio"))
    late = cell(tmp_path, "late", 1, predictions(0.5, 1))
    model = ModelConfig("late", parents=("text", "audio"))
    late = replace(late, recipe=replace(late.recipe, model=model), made_from=parents)
    assert late.done
    later = late.predictions.stat().st_mtime_ns + 1
    os.utime(parents[1].predictions, ns=(later, later))
    assert not late.done
    parents[1].predictions.unlink()  # only its own are left
    assert late.done


def test_a_model_depends_on_what_it_is_made_from(tmp_path: Path) -> None:
    experiment = load("iemocap_categorical")
    models = dict(experiment.models)
    for name, start in (("single_stage", "audio"), ("multistage", "single_stage")):
        optimiser = replace(models[name].optimiser, start=start)
        models[name] = replace(models[name], optimiser=optimiser)

    def cells(lr: float) -> dict[str, Cell]:
        audio = replace(models["audio"].optimiser, lr=lr)
        voice = replace(models["audio"], optimiser=audio)
        now = replace(experiment, models={**models, "audio": voice})
        found = [c for c in list_cells(now, [cell_fold()], tmp_path) if c.recipe.seed == 1]
        return {c.recipe.name: c for c in found}

    for made in cells(0.1).values():
        made.folder.mkdir(parents=True)
        made.write_predictions(predictions(0.5, 1))
        made.write_settings(made.settings())
    assert not any(c.changes(c.settings()) for c in cells(0.1).values())
    told = {name: c.changes(c.settings()) for name, c in cells(0.2).items()}
    assert told == {
        "text": [],
        "audio": ["optimiser.lr 0.1 -> 0.2"],
        "late": ["audio.optimiser.lr 0.1 -> 0.2"],
        "single_stage": ["audio.optimiser.lr 0.1 -> 0.2"],
        "multistage": ["single_stage.audio.optimiser.lr 0.1 -> 0.2"],
    }


def test_another_start_is_a_change(done: Cell, tmp_path: Path) -> None:
    source = cell(tmp_path / "source", "audio", 1, None)
    today = replace(done, made_from=(source,))
    assert today.changes(today.settings(CONTENTS)) == ["made from audio"]
    today.write_settings(today.settings(CONTENTS))
    assert done.changes(done.settings(CONTENTS)) == ["not made from audio"]


def test_damaged_predictions_are_named(done: Cell) -> None:
    assert len(done.read_predictions()) == 120
    done.predictions.write_bytes(done.predictions.read_bytes()[:500])
    with pytest.raises(RecipeError, match=r"predictions\.parquet is damaged: delete it"):
        done.read_predictions()


def cell_fold() -> Fold:
    return Fold("", np.zeros(0, int), np.zeros(0, int), {})


def test_parents_are_of_late_fusion_alone() -> None:
    shared = ModelConfig("text", parents=("text", "audio"))
    assert Recipe("text", "Text", shared).needs == ()


def test_seeds_that_are_done(tmp_path: Path) -> None:
    for folder in ("seed3", "Session1_seed12", "seed4/audio/training", "seeds", "myseed7", "seed8"):
        (tmp_path / folder / "audio").mkdir(parents=True)
        if folder != "seed8":
            pd.DataFrame({"id": ["a"]}).to_parquet(
                tmp_path / folder / "audio" / "predictions.parquet"
            )
    assert seeds_done(tmp_path) == [3, 12]
    assert seeds_done(tmp_path / "nowhere") == []


def test_a_chosen_model_brings_what_it_starts_from(done: Cell, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'base = "iemocap_categorical"\nmodels.multistage.optimiser.start = "single_stage"\n'
        'models.single_stage.optimiser = { start = "audio", start_text = "foundation" }\n'
    )
    cells = list_cells(load(file), [done.fold], tmp_path)
    chosen = [c.recipe.name for c in select(cells, ["multistage"], [1])]
    assert chosen == ["audio", "single_stage", "multistage"]
    assert [c.recipe.name for c in select(cells, ["late"], [1])] == ["text", "audio", "late"]
