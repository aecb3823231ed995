from dataclasses import replace
from pathlib import Path

import pytest

from ser_core.errors import RecipeError
from ser_core.models.cnn14 import BLOCKS, POOLED
from ser_core.training.recipe import RECIPES, load, parse

SHIPPED = sorted(path.stem for path in RECIPES.glob("*.toml"))


def test_the_five_models_have_recipes() -> None:
    assert {"text", "audio", "late", "single_stage", "multistage"} <= set(SHIPPED)
    recipes = {name: load(name) for name in SHIPPED}
    assert recipes["single_stage"].model.stages == (POOLED,)
    assert recipes["multistage"].model.stages == BLOCKS
    assert set(recipes["late"].model.parents) <= set(SHIPPED)
    assert len({recipe.title for recipe in recipes.values()}) == len(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_recipes(name: str) -> None:
    recipe = load(name)
    assert recipe.name == name
    assert recipe.optimiser.clip == 5.0  # as the shipped checkpoints were trained
    if recipe.optimiser.start:
        assert recipe.optimiser.start in SHIPPED
        assert load(recipe.optimiser.start).model.width == recipe.model.width
    assert recipe.to_dict()["model"]["architecture"] == recipe.model.architecture


@pytest.mark.parametrize("name", ["single_stage", "multistage"])
def test_deep_fusion_is_trained_end_to_end_and_frozen_in_the_ablation(name: str) -> None:
    deep, frozen = load(name), load(f"ablation/{name}_frozen")
    assert not deep.optimiser.freeze
    assert deep.optimiser.trunk_lr > 0
    assert deep.model.operator == "shift" and deep.model.gain > 0  # zero W never learns
    assert frozen.optimiser.freeze
    assert (frozen.model, frozen.data) == (deep.model, deep.data)
    assert frozen.optimiser.start == deep.optimiser.start == "audio"
    one, several = load("single_stage").optimiser, load("multistage").optimiser
    assert replace(one, stage_lr=several.stage_lr) == several  # the same budget for both


def test_the_plain_mean_stays_beside_the_chosen_rule() -> None:
    plain = load("ablation/late_mean")
    rule = plain.model.late_rule()
    assert (rule.pooling, set(rule.categories), set(rule.dimensions)) == ("mean", {0.5}, {0.5})
    assert plain.name != "late" and plain.model.parents == load("late").model.parents


def test_short_runs_and_folds() -> None:
    recipe = load("audio_three_corpora")
    third = recipe.shortened(recipe.optimiser.epochs // 3)
    assert (third.optimiser.epochs, third.optimiser.cycles) == (20, 1)
    assert third == replace(recipe, optimiser=third.optimiser)
    shortest = load("audio").shortened(1).optimiser
    assert (shortest.cycles, shortest.dev_every) == (1, 1)
    fold = recipe.on_fold(2)
    assert (fold.name, fold.data.fold, fold.data.folds) == ("audio_three_corpora-fold2", 2, 4)
    with pytest.raises(RecipeError, match="give one of the `folds`"):
        recipe.on_fold(5)


def test_a_file_is_a_recipe_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'title = "Mine"\nseed = 7\n'
        '[model]\narchitecture = "audio"\n[augment]\nsnr_db = [0.0, 9.0]\n'
    )
    recipe = load(file)
    assert (recipe.name, recipe.title, recipe.seed) == ("mine", "Mine", 7)
    assert recipe.augment.snr_db == (0.0, 9.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "not valid TOML"),
        ('title = "T"', r"no \[model\] section: add one"),
        ('title = "T"\n[model]\narchitecture = "rnn"', "Unknown architecture"),
        ('[model]\narchitecture = "audio"', "`title` is missing in .recipe.: add it"),
        (
            'title = "T"\ncolour = 3\n[model]\narchitecture = "audio"',
            "'colour' in .recipe.: choose",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n[optimiser]\nepoch = 3',
            "'epoch' in .optimiser.: choose from .*epochs",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n[data]\nneutral = 0.5',
            "are shares: make their sum 1",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n[data]\nfold = 5',
            "`fold` in .data. is 5 of 4: give one of the `folds`",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n[optimiser]\nfreeze = true',
            "`freeze` is for fusion models with a `start`",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n[optimiser]\nepochs = 3\ncycles = 4',
            "4 cycles in 3 epochs: give between 1 and as many",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n'
            '[optimiser]\ncycles = 2\nschedule = "constant"',
            "2 cycles of a constant learning rate: set `schedule`",
        ),
        ('title = "T"\nmodel = "audio"', r"`model` is 'audio': it should be a section, \[model\]"),
        ('title = "T"\ndata = 3\n[model]\narchitecture = "audio"', r"a section, \[data\]"),
        ('title = "T"\nname = "../up"\n[model]\narchitecture = "audio"', "leave `name` out"),
        ('title = "T"\nseed = -1\n[model]\narchitecture = "audio"', "`seed` in the recipe is -1"),
        ('title = "T"\n[model]', r"`architecture` is missing in \[model\]"),
        ('title = "T"\n[model]\narchitecture = "audio"\nwidht = 1.0', "'widht' in .* width"),
    ],
)
def test_mistakes_are_named(text: str, sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence):
        parse(text, "mine")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('optimiser.name = "adam"', "`name` .* is 'adam': it should be 'adamw' or 'sgd'"),
        ('optimiser.schedule = "cosine"', "'cosine': it should be 'one_cycle' or 'constant'"),
        ('optimiser.precision = "32"', "'32': it should be '32-true', 'bf16-mixed', "),
        ('optimiser.lr = "0.01"', r"`lr` in \[optimiser\] is '0.01': it should be a valid number"),
        ("optimiser.lr = true", "True: it should be a valid number"),
        ("optimiser.lr = nan", "nan: it should be a finite number"),
        ("optimiser.clip = -1.0", "greater than or equal to 0"),
        ('optimiser.epochs = "60"', r"`epochs` in \[optimiser\] is '60': .* a valid integer"),
        ("optimiser.epochs = 1.5", "1.5: it should be a valid integer"),
        ("optimiser.epochs = true", "True: it should be a valid integer"),
        ("optimiser.epochs = -3", "-3: it should be greater than or equal to 1"),
        ("optimiser.batch_size = 0", "0: it should be greater than or equal to 1"),
        ('optimiser.standardise = "no"', "'no': it should be a valid boolean"),
        ("optimiser.dev_every = 31", "'mine' never measures on dev"),
        ('optimiser.start = "mine"', "'mine' starts from itself"),
        ('data.speech = "ravdess"', r"`speech` in \[data\] is 'ravdess': it should be a list"),
        ('data.speech = ["nemo", "nemo"]', "it should name nemo once"),
        ("data.speech = [1]", r"`speech\[0\]` in \[data\] is 1: it should be a valid string"),
        ("data.pair = 0.5", "`pair`, `own`, `neutral` and `none` in .* make their sum 1"),
        ("data.crop_s = 0", "greater than or equal to 0.01"),
        ("augment.snr_db = []", r"\[\]: it should have at least 2 items, not 0"),
        ("augment.snr_db = [9.0, 1.0]", "the smaller number first"),
        ('augment.snr_db = [1.0, "2"]', r"`snr_db\[1\]` .* is '2': it should be a valid number\.$"),
        ("augment.tempo = 1.5", "less than or equal to 1"),
        ('model.width = "full"', r"`width` in \[model\] is 'full'"),
        ('model.categories = ["sad"]', "all categories or none: set `categories` to "),
    ],
)
def test_wrong_values_are_named(setting: str, sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence):
        parse(f'title = "T"\n{setting}\nmodel.architecture = "audio"', "mine")


def test_whole_numbers_are_numbers_and_only_networks_with_a_cnn_are_distilled() -> None:
    recipe = parse('title = "T"\noptimiser.lr = 1\nmodel.architecture = "text"', "mine")
    assert recipe.optimiser.lr == 1.0
    with pytest.raises(RecipeError, match="`distil` is for audio and fusion models"):
        replace(recipe, optimiser=replace(recipe.optimiser, distil=1.0))


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b"])
def test_a_name_that_is_no_folder(name: str) -> None:
    with pytest.raises(RecipeError, match=r"at least 1 character|give it another name"):
        parse('title = "T"\n[model]\narchitecture = "audio"', name)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(RecipeError, match="is no text: save it as UTF-8"):
        load(tmp_path / "mine.toml")


@pytest.mark.parametrize("name", ["no_such_recipe", "nowhere/mine.toml"])
def test_an_unknown_recipe_names_the_shipped_ones(name: str) -> None:
    with pytest.raises(RecipeError, match="give a TOML file or one of audio, "):
        load(name)
