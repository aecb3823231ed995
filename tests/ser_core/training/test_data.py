from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fixtures import CLIPS_A_SPLIT, SPEECH, WRITTEN, micro_recipe

from ser_core.corpora.pairing import Pairs, fixed_pairs, joint_category, joint_dimensions, one_hot
from ser_core.corpora.table import make_table
from ser_core.errors import RecipeError
from ser_core.inputs.text import TextEncoder
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.training.augment import mix
from ser_core.training.data import EpochDataset, RecipeData, WholeDataset
from ser_core.training.recipe import DataConfig, Recipe
from ser_core.training.sampling import DEV_PAIR_STRIDE, dev_sets, draw_epoch
from ser_core.training.split_data import (
    NO_TEXT,
    PAIR_SEED,
    Material,
    load_material,
    make_material,
)

DATA = DataConfig(speech=SPEECH, texts=WRITTEN)
FUSION = micro_recipe("multistage")


@pytest.fixture(scope="module")
def material(micro_corpora: Path, text_encoder: TextEncoder) -> Material:
    return load_material(DATA, micro_corpora, "train", text_encoder)


def repeated(material: Material, times: int = 100) -> Material:
    """Every clip many times, so that one epoch shows the shares."""
    clips = pd.concat([material.clips] * times, ignore_index=True)
    return replace(material, clips=clips, own=np.tile(material.own, times))


def with_data(recipe: Recipe, **values: object) -> Recipe:
    return replace(recipe, data=replace(recipe.data, **values))


def same(a: Pairs, b: Pairs) -> bool:
    names = ("clips", "texts", "categories", "dimensions")
    return all(np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in names)


# What is read


def test_material(material: Material, text_encoder: TextEncoder) -> None:
    assert len(material.clips) == len(material.log_mels) == CLIPS_A_SPLIT
    assert set(material.clips["split"]) == {"train"}
    for row, seconds in enumerate(material.clips["duration_s"]):
        assert len(material.log_mels[row]) == pytest.approx(100 * seconds, abs=3)
    independent = material.texts["corpus"] != "own"
    assert set(material.texts["split"][independent]) == {"train"}
    own = material.texts["transcript"].to_numpy()[material.own]
    assert own.tolist() == material.clips["transcript"].tolist()
    assert not independent.to_numpy()[material.own].any()
    for row in (0, len(material.texts) - 1):
        expected = text_encoder.encode(material.texts["transcript"][row]).embedding
        np.testing.assert_allclose(material.embeddings[row], expected, atol=1e-5)


def test_each_split_has_its_own_clips_and_texts(micro_corpora: Path) -> None:
    parts = [load_material(DATA, micro_corpora, split, None) for split in ("train", "dev", "test")]
    assert len({id for part in parts for id in part.clips["id"]}) == 3 * CLIPS_A_SPLIT
    assert all(part.embeddings.shape == (len(part.texts), 0) for part in parts)


# What an epoch shows


@pytest.mark.parametrize("name", ["text", "audio", "multistage"])
def test_an_epoch_is_drawn_by_seed_and_number(material: Material, name: str) -> None:
    recipe = micro_recipe(name)
    first = draw_epoch(material, recipe, 0)
    draw_epoch(material, recipe, 1)
    assert same(first, draw_epoch(material, recipe, 0))
    assert not same(first, draw_epoch(material, recipe, 1))
    assert not same(first, draw_epoch(material, replace(recipe, seed=recipe.seed + 1), 0))


def test_an_epoch_of_texts_shows_each_once(material: Material) -> None:
    drawn = draw_epoch(material, micro_recipe("text"), 0)
    labelled = np.flatnonzero(material.texts["corpus"] != "own")
    assert sorted(drawn.texts) == labelled.tolist()
    assert (drawn.clips == -1).all()
    np.testing.assert_array_equal(
        drawn.categories, one_hot(material.texts["category"].iloc[drawn.texts])
    )


def test_an_epoch_of_clips_has_the_labels_of_the_voice(material: Material) -> None:
    drawn = draw_epoch(material, micro_recipe("audio"), 0)
    assert len(drawn) == CLIPS_A_SPLIT
    assert (drawn.texts == NO_TEXT).all()
    voices = material.clips.iloc[drawn.clips]
    np.testing.assert_array_equal(drawn.categories, one_hot(voices["category"]))
    np.testing.assert_array_equal(drawn.dimensions, voices[list(DIMENSIONS)])


# Of the 13 clips: five emotions of RAVDESS, four of each of the others.
@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_balance_between_the_emotions_of_each_corpus(material: Material, balance: float) -> None:
    recipe = with_data(micro_recipe("audio"), balance=balance)
    many = repeated(material, 400)
    lonely = many.clips["emotion"] != "fearful"
    lonely |= np.arange(len(lonely)) % 10 == 0  # a tenth of the fearful clips
    few = replace(many, clips=many.clips[lonely].reset_index(drop=True))
    found = few.clips.iloc[draw_epoch(few, recipe, 0).clips].groupby(["corpus", "emotion"]).size()
    share = found["ravdess", "fearful"] / found.sum()
    assert share == pytest.approx(1 / 13 if balance else 0.1 / 12.1, abs=0.01)
    assert found["nemo", "anger"] / found.sum() == pytest.approx(1 / 13, abs=0.01)


def kinds(material: Material, drawn: Pairs) -> np.ndarray:
    """0 for a constructed pair, 1 for the clip's own sentence, 2 for no text."""
    own = drawn.texts == material.own[drawn.clips]
    return np.where(drawn.texts == NO_TEXT, 2, np.where(own, 1, 0))


@pytest.mark.parametrize("shares", [(0.6, 0.2, 0.2), (0.1, 0.7, 0.2), (1.0, 0.0, 0.0)])
def test_shares_of_pairs_own_sentences_and_no_text(
    material: Material, shares: tuple[float, float, float]
) -> None:
    recipe = with_data(FUSION, **dict(zip(("pair", "own", "none"), shares, strict=True)))
    many = repeated(material)
    kind = kinds(many, draw_epoch(many, recipe, 0))
    assert np.bincount(kind, minlength=3) / len(kind) == pytest.approx(shares, abs=0.03)


def test_neutral_words_do_not_move_a_label(material: Material) -> None:
    recipe = with_data(FUSION, pair=0.0, own=0.0, neutral=0.7, none=0.3)
    many = repeated(material, 400)
    drawn = draw_epoch(many, recipe, 0)
    voices = many.clips.iloc[drawn.clips]
    np.testing.assert_array_equal(drawn.categories, one_hot(voices["category"]))
    np.testing.assert_array_equal(drawn.dimensions, voices[list(DIMENSIONS)])
    with_words = drawn.texts != NO_TEXT
    assert with_words.mean() == pytest.approx(0.7, abs=0.03)
    words = many.texts.iloc[drawn.texts[with_words]]
    assert set(words["category"]) == {"neutral", ""}
    assert set(words["corpus"]) == {"goemotions", "own"}
    assert (words["transcript"] != "").all()
    found = dev_sets(many, recipe)
    assert list(found) == [f"{kind}/{name}" for kind in ("neutral", "no_text") for name in SPEECH]
    assert set(many.texts["corpus"].iloc[found["neutral/nemo"].texts]) <= {"goemotions", "own"}
    assert same(found["neutral/nemo"], dev_sets(many, recipe)["neutral/nemo"])


def test_a_fold_of_training_speakers_as_dev(micro_corpora: Path) -> None:
    data = replace(DATA, fold=1, folds=2)
    train, dev = (load_material(data, micro_corpora, split) for split in ("train", "dev"))
    whole = load_material(DATA, micro_corpora, "train")
    assert len(train.clips) + len(dev.clips) == len(whole.clips)
    assert set(dev.clips["speaker"]) <= set(whole.clips["speaker"])
    assert set(dev.texts["split"]) == {"dev", ""}  # texts keep their own splits


def test_labels_by_kind(material: Material) -> None:
    material = repeated(material)
    drawn = draw_epoch(material, FUSION, 0)
    kind = kinds(material, drawn)
    voices, words = material.clips.iloc[drawn.clips], material.texts.iloc[drawn.texts]
    voice, text = one_hot(voices["category"]), one_hot(words["category"])
    alone = kind != 0
    np.testing.assert_array_equal(drawn.categories[alone], voice[alone])
    np.testing.assert_array_equal(
        drawn.dimensions[alone], voices[list(DIMENSIONS)].to_numpy()[alone]
    )
    np.testing.assert_array_equal(drawn.categories[~alone], joint_category(voice, text)[~alone])
    np.testing.assert_array_equal(
        drawn.dimensions[~alone],
        joint_dimensions(voices[list(DIMENSIONS)].to_numpy(), words[list(DIMENSIONS)].to_numpy())[
            ~alone
        ],
    )
    # Every example teaches something: a pair is rated or has categories on both sides.
    rated = np.isfinite(drawn.dimensions).all(axis=1)
    assert (rated | (drawn.categories.sum(axis=1) > 0)).all()


def test_share_of_rated_texts_and_balance_of_the_others(material: Material) -> None:
    material = repeated(material)
    recipe = with_data(FUSION, pair=1.0, own=0.0, none=0.0, rated=0.4)
    drawn = draw_epoch(material, recipe, 0)
    labelled = material.clips["category"].to_numpy()[drawn.clips] != ""
    words = material.texts.iloc[drawn.texts]
    rated = words["valence"].notna().to_numpy()
    assert rated[labelled].mean() == pytest.approx(0.4, abs=0.03)
    assert rated[~labelled].all()
    shares = words["category"][~rated].value_counts(normalize=True)
    assert shares[list(CATEGORIES)].to_numpy() == pytest.approx([0.25] * 4, abs=0.03)


@pytest.mark.parametrize("written", [("goemotions",), ("emobank",)])
def test_one_kind_of_text_is_enough(
    micro_corpora: Path, written: tuple[str, ...], text_encoder: TextEncoder
) -> None:
    part = load_material(replace(DATA, texts=written), micro_corpora, "train", text_encoder)
    part = repeated(part)
    drawn = draw_epoch(part, with_data(FUSION, texts=written), 0)
    paired = kinds(part, drawn) == 0
    assert set(part.texts["corpus"].iloc[drawn.texts[paired]]) == set(written)
    assert paired.mean() > 0.4


@pytest.mark.parametrize(
    ("name", "missing"),
    [("multistage", "texts"), ("multistage", "speech"), ("text", "texts"), ("audio", "speech")],
)
def test_a_recipe_without_what_its_model_needs_is_refused(
    micro_corpora: Path, name: str, missing: str
) -> None:
    with pytest.raises(RecipeError, match=f"needs .*: name some in `{missing}`"):
        RecipeData.read(with_data(micro_recipe(name), **{missing: ()}), micro_corpora)


# Batches


def test_a_training_batch(material: Material) -> None:
    dataset = EpochDataset(material, FUSION, epoch=0)
    rows = [0, 1, 2, 5]
    batch = dataset[rows]
    assert batch["log_mel"].shape == (4, 100, 64)
    assert batch["target"].shape == (4, 4)
    assert batch["dimensions"].shape == (4, 3)
    texts = dataset.examples.texts[rows]
    assert batch["has_text"].tolist() == [float(text != NO_TEXT) for text in texts]
    np.testing.assert_array_equal(batch["embedding"], material.embeddings[texts])
    assert batch["constructed"].tolist() == (kinds(material, dataset.examples)[rows] == 0).tolist()
    numbers = {name: value.dtype for name, value in batch.items() if name != "constructed"}
    assert set(numbers.values()) == {torch.float32}
    again = EpochDataset(material, FUSION, epoch=0)[rows]
    for name, value in batch.items():
        torch.testing.assert_close(value, again[name], rtol=0, atol=0, equal_nan=True)


def test_crops_change_from_epoch_to_epoch(material: Material) -> None:
    plain = replace(micro_recipe("audio"), augment=type(FUSION.augment)())
    first, again, other = (EpochDataset(material, plain, epoch) for epoch in (0, 0, 1))
    assert torch.equal(first[[0, 1]]["log_mel"], again[[0, 1]]["log_mel"])
    other.examples = first.examples  # the same clips
    longest = int(np.argmax(material.log_mels.lengths[first.examples.clips]))
    assert not torch.equal(first[[longest]]["log_mel"], other[[longest]]["log_mel"])


def test_text_batches_hold_no_sound(material: Material) -> None:
    batch = EpochDataset(material, micro_recipe("text"), 0)[[0, 1, 2]]
    assert set(batch) == {"embedding", "has_text", "target", "dimensions", "constructed"}
    assert not batch["constructed"].any()
    assert batch["has_text"].tolist() == [1.0, 1.0, 1.0]


def test_whole_clips_are_not_augmented(material: Material) -> None:
    examples = dev_sets(material, FUSION)["own/ravdess"]
    batch = WholeDataset(material, examples)[[3]]
    assert torch.equal(batch["log_mel"][0], material.log_mels[int(examples.clips[3])])
    np.testing.assert_array_equal(batch["embedding"][0], material.embeddings[examples.texts[3]])
    assert batch["has_text"].tolist() == [1.0]


def test_what_chooses_the_best_epoch(material: Material) -> None:
    many = repeated(material, 20)
    found = dev_sets(many, FUSION)
    kinds = ("pairs", "own", "no_text")
    assert list(found) == [f"{kind}/{corpus}" for kind in kinds for corpus in SPEECH]
    assert list(dev_sets(many, micro_recipe("audio"))) == [f"clips/{corpus}" for corpus in SPEECH]
    again = dev_sets(many, FUSION)
    for name, examples in found.items():
        kind, corpus = name.split("/")
        assert set(many.clips["corpus"].iloc[examples.clips]) == {corpus}
        assert same(examples, again[name])
        if kind != "pairs":
            assert len(examples) == (many.clips["corpus"] == corpus).sum()
            expected = many.own[examples.clips] if kind == "own" else NO_TEXT
            assert (examples.texts == expected).all()
    texts = dev_sets(material, micro_recipe("text"))["texts"]
    assert len(texts) == (material.texts["corpus"] != "own").sum()


def test_the_dev_pairs_are_an_even_part_of_all(material: Material) -> None:
    labelled = (material.clips["category"] != "").to_numpy()
    part = replace(material, clips=material.clips[labelled], own=material.own[labelled])
    many = repeated(part, 20)
    everything = fixed_pairs(many.clips, many.texts, PAIR_SEED["dev"])
    found = dev_sets(many, FUSION)
    texts = np.concatenate([found[f"pairs/{corpus}"].texts for corpus in SPEECH])
    assert len(texts) == pytest.approx(len(everything) / DEV_PAIR_STRIDE, abs=1)
    words = many.texts.iloc[texts]["category"].value_counts(normalize=True)
    assert words.to_dict() == pytest.approx(
        {"": 2 / 6} | dict.fromkeys(CATEGORIES, 1 / 6), abs=0.02
    )


# Mixup


def batch_to_mix() -> dict[str, torch.Tensor]:
    """Labels only, ratings only, without text, and constructed pairs."""
    generator = torch.Generator().manual_seed(0)
    size = 64
    kind = torch.arange(size) % 4
    dimensions = torch.rand(size, 3, generator=generator)
    dimensions[kind == 0] = torch.nan
    target = torch.eye(4)[torch.randint(0, 4, (size,), generator=generator)]
    target[kind == 1] = 0.0
    return {
        "target": target,
        "dimensions": dimensions,
        "embedding": torch.randn(size, 8, generator=generator),
        "has_text": (kind != 2).float(),
        "constructed": kind == 3,
        "log_mel": torch.randn(size, 10, 64, generator=generator),
    }


def test_mixup_mixes_inputs_and_labels_by_the_same_share() -> None:
    batch = batch_to_mix()
    seed = np.random.default_rng(4)
    mixed = mix(batch, 0.3, np.random.default_rng(4))
    share = torch.from_numpy(seed.beta(0.3, 0.3, 64)).float()
    share = torch.maximum(share, 1 - share)
    other = torch.from_numpy(seed.permutation(64))
    kind = torch.arange(64) % 4
    blended = kind == kind[other]
    assert 0.1 < blended.float().mean() < 0.9
    assert torch.equal(mixed["constructed"], batch["constructed"])
    for name, value in batch.items():
        if name == "constructed":
            continue
        weight = share.reshape(-1, *[1] * (value.dim() - 1))
        expected = weight * value + (1 - weight) * value[other]
        torch.testing.assert_close(
            mixed[name][blended], expected[blended], equal_nan=True, msg=name
        )
        torch.testing.assert_close(
            mixed[name][~blended], value[~blended], rtol=0, atol=0, equal_nan=True, msg=name
        )


def test_mixup_keeps_what_is_labelled_and_what_is_not() -> None:
    batch = batch_to_mix()
    mixed = mix(batch, 1.0, np.random.default_rng(0))
    assert torch.equal(mixed["dimensions"].isnan(), batch["dimensions"].isnan())
    torch.testing.assert_close(mixed["target"].sum(dim=1), batch["target"].sum(dim=1))
    assert torch.equal(mixed["has_text"], batch["has_text"])
    assert not torch.equal(mixed["log_mel"], batch["log_mel"])


# Clips with words of their own


def spoken(material: Material, silent: int = 2) -> Material:
    """Material without independent texts; the first clips have no words."""
    clips = material.clips.copy()
    clips.loc[: silent - 1, "transcript"] = ""
    embed = {text: np.full(3, k, np.float32) for k, text in enumerate(sorted({*clips.transcript}))}
    return make_material(
        clips,
        material.log_mels,
        make_table([]),
        lambda texts: np.array([embed[text] for text in texts], np.float32).reshape(-1, 3),
    )


OWN = {"pair": 0.0, "own": 1.0, "none": 0.0, "balance": 0.0, "texts": ()}


def test_own_words_have_the_labels_of_the_clip(material: Material) -> None:
    part = spoken(material)
    recipe = with_data(micro_recipe("text"), **OWN)
    drawn = draw_epoch(part, recipe, 0)
    assert sorted(drawn.clips) == list(range(2, CLIPS_A_SPLIT))  # each once, none without words
    assert (part.texts["transcript"].to_numpy()[drawn.texts] != "").all()
    labels = one_hot(part.clips["category"].iloc[drawn.clips])
    np.testing.assert_array_equal(drawn.categories, labels)
    own = [f"own/{corpus}" for corpus in dict.fromkeys(part.clips["corpus"][2:])]
    assert list(dev_sets(part, recipe)) == own
    batch = EpochDataset(part, recipe, 0)[[0, 1]]
    assert "log_mel" not in batch
    np.testing.assert_array_equal(batch["embedding"], part.embeddings[drawn.texts[:2]])


def test_fusion_of_own_words(material: Material) -> None:
    part = spoken(material)
    recipe = with_data(FUSION, **OWN)
    drawn = draw_epoch(part, recipe, 0)
    assert sorted(drawn.clips) == list(range(CLIPS_A_SPLIT))
    assert ((drawn.texts == NO_TEXT) == (drawn.clips < 2)).all()
    found = dev_sets(part, recipe)
    assert list(found) == [f"own/{corpus}" for corpus in SPEECH]
    assert sum((examples.texts == NO_TEXT).sum() for examples in found.values()) == 2
    both = dev_sets(part, with_data(FUSION, **(OWN | {"own": 0.5, "none": 0.5})))
    assert list(both) == [*found, *(f"no_text/{corpus}" for corpus in SPEECH)]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_clips_of_one_length_share_a_batch(material: Material, size: int) -> None:
    everything = np.arange(CLIPS_A_SPLIT)
    examples = material.alone(everything, np.full(CLIPS_A_SPLIT, NO_TEXT))
    batches = list(WholeDataset(material, examples, size=size).loader())
    assert sorted(int(row) for batch in batches for row in batch["row"]) == everything.tolist()
    assert max(len(batch["row"]) for batch in batches) == min(size, 3)
    for batch in batches:
        for row, log_mel in zip(batch["row"], batch["log_mel"], strict=True):
            assert torch.equal(log_mel, material.log_mels[int(examples.clips[row])])
