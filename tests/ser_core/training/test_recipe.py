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
    assert recipe.data.pair + recipe.data.own + recipe.data.none == pytest.approx(1.0)
    if recipe.optimiser.start:
        assert recipe.optimiser.start in SHIPPED
        assert load(recipe.optimiser.start).model.width == recipe.model.width
    assert recipe.to_dict()["model"]["architecture"] == recipe.model.architecture


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
        ('[model]\narchitecture = "audio"', "incomplete or wrong: .*title"),
        (
            'title = "T"\ncolour = 3\n[model]\narchitecture = "audio"',
            "'colour' in .recipe.: choose",
        ),
        (
            'title = "T"\n[model]\narchitecture = "audio"\n[optimiser]\nepoch = 3',
            "'epoch' in .optimiser.: choose from .*epochs",
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
    ],
)
def test_mistakes_are_named(text: str, sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence):
        parse(text, "mine")


@pytest.mark.parametrize("name", ["no_such_recipe", "nowhere/mine.toml"])
def test_an_unknown_recipe_names_the_shipped_ones(name: str) -> None:
    with pytest.raises(RecipeError, match="give a TOML file or one of audio, "):
        load(name)
