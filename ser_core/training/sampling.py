"""Which clips meet which texts: drawn anew for each training epoch, fixed for dev."""

import numpy as np

from ser_core.corpora.pairing import Pairs, fixed_pairs, make_pairs
from ser_core.labels import CATEGORIES
from ser_core.training.recipe import Recipe
from ser_core.training.split_data import NO_TEXT, PAIR_SEED, Material

# Every fifth dev pair is enough to choose an epoch by, and saves a minute each; a clip has two or
# six pairs, so that a stride of five meets every kind.
DEV_PAIR_STRIDE = 5
REFERENCE = "reference"  # dev sets whose names begin so: clips heard relative to their speakers


def draw_epoch(material: Material, recipe: Recipe, epoch: int) -> Pairs:
    """The examples of one training epoch; the same for the same recipe, seed and epoch."""
    generator = np.random.default_rng([recipe.seed, epoch])
    data = recipe.data
    clips, texts = material.clips, material.texts
    if recipe.model.architecture == "text" and material.independent:
        return material.words(generator.permutation(material.independent))
    if recipe.model.architecture == "text":  # the clips' own words, with the labels of the clips
        spoken = generator.permutation(np.flatnonzero(material.own_or_none != NO_TEXT))
        return material.alone(spoken, material.own[spoken])
    counts = clips.groupby(["corpus", "emotion"])["corpus"].transform("size").to_numpy(float)
    share = counts**-data.balance
    if data.balance:
        rows = generator.choice(len(clips), size=len(clips), p=share / share.sum())
    else:
        rows = generator.permutation(len(clips))
    if recipe.model.architecture in ("audio", "foundation"):
        return material.alone(rows, np.full(len(rows), NO_TEXT))
    kind = generator.choice(4, size=len(rows), p=[data.pair, data.own, data.none, data.neutral])
    words = np.where(kind == 1, material.own_or_none[rows], NO_TEXT)
    if data.neutral:
        words = np.where(kind == 3, generator.choice(material.neutral, len(rows)), words)
    alone = material.alone(rows, words)
    paired = kind == 0
    if not paired.any():
        return alone
    pairs = make_pairs(
        clips, texts, rows[paired], _draw_texts(material, rows[paired], data.rated, generator)
    )
    alone.texts[paired] = pairs.texts
    alone.categories[paired] = pairs.categories
    alone.dimensions[paired] = pairs.dimensions
    return alone


def _draw_texts(
    material: Material, rows: np.ndarray, rated: float, generator: np.random.Generator
) -> np.ndarray:
    """An independent text for each clip: a rated one, or one of a uniformly drawn category."""
    texts = material.texts
    pools = [np.flatnonzero(texts["category"] == category) for category in CATEGORIES]
    rated_pool = np.flatnonzero(texts["valence"].notna())
    if not all(len(pool) for pool in pools):
        return generator.choice(rated_pool, len(rows))
    if not len(rated_pool):
        rated, rated_pool = 0.0, np.concatenate(pools)
    has_category = material.clips["category"].to_numpy()[rows] != ""
    use_rated = ~has_category | (generator.random(len(rows)) < rated)
    by_category = np.stack([generator.choice(pool, len(rows)) for pool in pools])
    by_rating = generator.choice(rated_pool, len(rows))
    category = generator.integers(0, len(CATEGORIES), len(rows))
    return np.where(use_rated, by_rating, by_category[category, np.arange(len(rows))])


def dev_sets(material: Material, recipe: Recipe) -> dict[str, Pairs]:
    """The example sets that choose the best epoch of this recipe, by name: one a kind of words and
    corpus of clips, so that a large corpus does not outvote a small one.
    """
    sets = {}
    for kind, examples in _dev_kinds(material, recipe).items():
        if (examples.clips < 0).all():
            sets[kind] = examples
            continue
        corpora = material.clips["corpus"].to_numpy(str)[examples.clips]
        for corpus in dict.fromkeys(corpora):
            sets[f"{kind}/{corpus}"] = examples.rows(np.flatnonzero(corpora == corpus))
    return sets


def _dev_kinds(material: Material, recipe: Recipe) -> dict[str, Pairs]:
    """Dev clips of all corpora by kind of words, or texts alone."""
    everything = np.arange(len(material.clips))
    data = recipe.data
    architecture = recipe.model.architecture
    if architecture == "text" and material.independent:
        return {"texts": material.words(np.arange(material.independent))}
    if architecture == "text":
        spoken = np.flatnonzero(material.own_or_none != NO_TEXT)
        return {"own": material.alone(spoken, material.own[spoken])}
    silent = material.alone(everything, np.full(len(everything), NO_TEXT))
    related = {REFERENCE: silent} if data.reference else {}
    if architecture in ("audio", "foundation"):
        return {"clips": silent, **related}
    sets = {}
    if data.pair:
        pairs = fixed_pairs(material.clips, material.texts, PAIR_SEED["dev"])
        sets["pairs"] = pairs.rows(slice(None, None, DEV_PAIR_STRIDE))
    if data.own:
        sets["own"] = material.alone(everything, material.own_or_none.copy())
    if data.neutral:
        draws = np.random.default_rng(PAIR_SEED["dev"])
        sets["neutral"] = material.alone(
            everything, draws.choice(material.neutral, len(everything))
        )
    if data.none:
        sets["no_text"] = silent
    return sets | related
