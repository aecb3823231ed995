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
        assert replace(recipe.data, text_encoder="any") == replace(base.data, text_encoder="any")
        if recipe.model.architecture == "fusion":
            model = recipe.model
            fixed = {"stages": model.stages, "operator": model.operator, "width": model.width}
            fixed["text_encoder"] = recipe.data.text_encoder
            varied |= {
                k for k, v in fixed.items() if v != getattr(base.model, k, "bert-base-uncased")
            }
    assert varied == {name}


def test_a_file_that_is_its_own_base_by_another_path(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "bad.toml").write_text('base = "sub/../bad.toml"')
    with pytest.raises(RecipeError, match="is its own base"):
        load(tmp_path / "bad.toml")


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
        (
            'base = "iemocap_categorical"\n[protocol]\nsplit = "x"',
            "`split` .* 'corpus' or 'leave_one",
        ),
        ('base = "iemocap_categorical"\n[protocol]\nseeds = []', "at least 1 item"),
        ('base = "iemocap_categorical"\n[opt]\nlr = 1', "Unknown setting 'opt'"),
        ('base = "iemocap_categorical"\n[optimiser]\nrate = 1', "Unknown setting 'rate'"),
        ('[protocol]\ncorpus = "iemocap"', "has no `title`"),
        (
            'title = "T"\n[protocol]\ncorpus = "c"\n[models.a]',
            "model 'a': .* `architecture` is missing",
        ),
        (
            'base = "iemocap_categorical"\n[models.audio.model]\ncategories = []\n'
            'dimensions = ["arousal", "valence", "dominance"]',
            "predict different things",
        ),
        # Shapes of a file
        ("base = 3", "`base` in bad.toml is 3: it should be a valid string"),
        ('base = "iemocap_categorical"\nkeep = "audio"', "'audio': it should be a list"),
        ('title = "T"\nkeep = ["audio"]', "keeps models of no other file"),
        ('base = "iemocap_categorical"\nmodel = 3', "`model` .* is 3: it should be a table"),
        ('base = "iemocap_categorical"\nmodels = 3', "`models` .* is 3: it should be a table"),
        ('base = "iemocap_categorical"\n[models]\naudio = 3', r"`models\['audio'\]` .* a table"),
        ('title = 3\nbase = "iemocap_categorical"', "`title` in the experiment is 3"),
        # The protocol
        *(
            (f'base = "cross_corpus_categorical"\n[protocol]\n{setting}', sentence)
            for setting, sentence in [
                ("seeds = 1", r"`seeds` in \[protocol\] is 1: it should be a list"),
                ('seeds = ["1"]', r"`seeds\[0\]` .* is '1': it should be a valid integer\.$"),
                ("seeds = [1, 1]", "it should name 1 once"),
                ("seeds = [-1]", "-1: it should be greater than or equal to 0"),
                ("corpus = 3", "3: it should be a valid string"),
                ('test_corpora = ["msp_podcast"]', "msp_podcast is trained on"),
                ('test = ["test", "train"]', "Train and dev are no test"),
                ('test = ["dev"]', "Train and dev are no test"),
                ('test = []\ntest_corpora = []\ntranscripts = "asr"', "Nothing is tested"),
                ('transcripts = { meld = "asr" }', "names 'meld', .* from msp_podcast, iemocap"),
                ("transcripts = { iemocap = 3 }", r"`transcripts\['iemocap'\]` .* is 3: it should"),
                ("transcripts = 3", "should be a valid string or be a table"),
            ]
        ),
        # Models
        *(
            (f'base = "iemocap_categorical"\n{setting}', sentence)
            for setting, sentence in [
                ('optimiser.name = "adam"', "In the model 'text': `name` .* 'adamw' or 'sgd'"),
                ('model.categories = ["sad"]', "all categories or none"),
                ("models.audio.seed = 3", "'audio' has a `seed`: name all `seeds`"),
                ('models.audio.name = "text"', "leave `name` out"),
                ("models.x.title = 'X'", "In the model 'x': .* `architecture` is missing"),
                ('models.late.model.parents = ["audio", "text"]', "fuses audio and text: name a"),
                ('models.late.model.parents = ["text", "multistage"]', "fuses text and fusion"),
                ('models.audio.optimiser.start = "multistage"', "no weights by then"),
                ('models.multistage.optimiser.start = "late"', "no weights by then"),
                ('data.texts = ["goemotions"]', "'text' names corpora of its own"),
                ("data = { pair = 0.6, own = 0.2, none = 0.2 }", "'single_stage' .* `pair = 0.0`"),
                ("models.audio.optimiser.distil = 1.0", "'audio' needs the Whisper encoder"),
                ('models.audio.model.architecture = "foundation"', "needs the Whisper encoder"),
            ]
        ),
        (
            'title = "T"\nprotocol.corpus = "c"\nmodels.f.title = "F"\n'
            'models.f.model = { architecture = "fusion", stages = ["pooled"] }',
            "'f' is to learn from constructed pairs, for which an experiment has no texts",
        ),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(RecipeError, match=message):
        load(tmp_path / "bad.toml")
