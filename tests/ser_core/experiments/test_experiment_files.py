from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ser_core.errors import RecipeError
from ser_core.experiments.files import load, shipped
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.config import build
from ser_core.training.recipe import Recipe

FIVE = ["text", "audio", "late", "single_stage", "multistage"]
BERT_BASE = 768
CNN14 = 79_679_939  # with three outputs


def size(recipe: Recipe) -> int:
    with torch.device("meta"):
        network = build(replace(recipe.model, input_dim=BERT_BASE))
    return sum(p.numel() for p in network.parameters())


def test_every_shipped_experiment_is_valid() -> None:
    assert len(shipped()) == 10
    for name, title in shipped().items():
        experiment = load(name)
        assert experiment.title == title
        assert experiment.categorical != experiment.dimensional
        for recipe in experiment.models.values():
            assert recipe.title
            if recipe.model.architecture != "late":
                assert size(recipe) > 0


@pytest.mark.parametrize("corpus", ["msp_podcast", "iemocap", "cross_corpus"])
@pytest.mark.parametrize("kind", ["categorical", "dimensional"])
def test_the_papers_settings(corpus: str, kind: str) -> None:
    experiment = load(f"{corpus}_{kind}")
    assert list(experiment.models) == FIVE
    for recipe in experiment.models.values():
        optimiser = recipe.optimiser
        assert (optimiser.name, optimiser.lr, optimiser.schedule) == ("sgd", 0.01, "constant")
        assert (optimiser.epochs, optimiser.batch_size, optimiser.start) == (60, 32, "")
        assert optimiser.clip == 0.0  # the paper names none
        assert (recipe.model.width, recipe.data.crop_s) == (1.0, 3.0)
        assert recipe.data.text_encoder == "bert-base-uncased"
        assert (recipe.data.pair, recipe.data.own, recipe.data.none) == (0.0, 1.0, 0.0)
        heads = (CATEGORIES, ()) if kind == "categorical" else ((), DIMENSIONS)
        assert (recipe.model.categories, recipe.model.dimensions) == heads
    assert len(experiment.protocol.seeds) == 3
    loso = "leave_one_session_out" if corpus == "iemocap" else "corpus"
    assert experiment.protocol.split == loso


def test_the_papers_numbers_of_parameters() -> None:
    models = load("msp_podcast_dimensional").models
    assert size(models["audio"]) == CNN14
    assert size(models["multistage"]) == CNN14 + 3_100_608
    assert size(models["single_stage"]) == CNN14 + 1_574_912


@pytest.mark.parametrize("name", ["stages", "operator", "text_encoder", "width"])
def test_ablations_differ_from_the_table_in_one_thing(name: str) -> None:
    whole, ablation = load("msp_podcast_dimensional"), load(f"ablation_{name}")
    assert ablation.protocol == whole.protocol
    base = whole.models["multistage"]
    varied = set()
    for recipe in ablation.models.values():
        assert recipe.optimiser == base.optimiser
        assert replace(recipe.data, text_encoder="") == replace(base.data, text_encoder="")
        if recipe.model.architecture == "fusion":
            model = recipe.model
            fixed = {"stages": model.stages, "operator": model.operator, "width": model.width}
            fixed["text_encoder"] = recipe.data.text_encoder
            varied |= {
                k for k, v in fixed.items() if v != getattr(base.model, k, "bert-base-uncased")
            }
    assert varied == {name}


def test_a_file_inherits(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'title = "Mine"\nbase = "iemocap_categorical"\nkeep = ["audio"]\n'
        "[optimiser]\nlr = 0.1\n[models.audio]\noptimiser = { epochs = 5 }\n"
    )
    (tmp_path / "yours.toml").write_text('base = "mine.toml"\n[protocol]\nseeds = [7]\n')
    experiment = load(tmp_path / "yours.toml")
    assert (experiment.name, experiment.title) == ("yours", "Mine")
    assert list(experiment.models) == ["audio"]
    recipe = experiment.models["audio"]
    assert (recipe.optimiser.lr, recipe.optimiser.epochs, recipe.optimiser.name) == (0.1, 5, "sgd")
    assert (experiment.protocol.seeds, experiment.protocol.corpus) == ((7,), "iemocap")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "not valid TOML"),
        ('base = "bad.toml"', "is its own base"),
        ('base = "iemocap"', "No experiment 'iemocap': give a TOML file or one of"),
        ('base = "iemocap_categorical"\nkeep = ["words"]', "keeps 'words'"),
        ('base = "iemocap_categorical"\nkeep = []', "has no models"),
        ('base = "iemocap_categorical"\nkeep = ["late"]', "fuses 'text', which 'bad' has not"),
        ('base = "iemocap_categorical"\n[protocol]\nfold = 1', "Unknown setting 'fold'"),
        ('base = "iemocap_categorical"\n[protocol]\nsplit = "x"', "Unknown split 'x'"),
        ('base = "iemocap_categorical"\n[protocol]\nseeds = []', "no seeds"),
        ('base = "iemocap_categorical"\n[opt]\nlr = 1', "Unknown setting 'opt'"),
        ('base = "iemocap_categorical"\n[optimiser]\nrate = 1', "Unknown setting 'rate'"),
        ('[protocol]\ncorpus = "iemocap"', "has no 'title'"),
        ('title = "T"\n[models.a]\n', "is incomplete or wrong"),
        (
            'base = "iemocap_categorical"\n[models.audio.model]\ncategories = ["sad"]',
            "predict different things",
        ),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(RecipeError, match=message):
        load(tmp_path / "bad.toml")
