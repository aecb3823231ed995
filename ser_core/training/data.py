"""Training and dev examples of a recipe, drawn the same way whenever an epoch is repeated."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler

from ser_core.corpora.demonstration import read_demonstration
from ser_core.corpora.pairing import Pairs, fixed_pairs, make_pairs, one_hot
from ser_core.corpora.table import join, make_table
from ser_core.errors import RecipeError
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.speech import Recogniser
from ser_core.text import TextEncoder
from ser_core.training.augment import augment
from ser_core.training.recipe import DataConfig, Recipe
from ser_core.training.store import (
    LogMels,
    compute_embeddings,
    compute_log_mels,
    compute_statistics,
)

Batch = dict[str, Tensor]
NO_TEXT = -1
# Every fifth dev pair is enough to choose an epoch by, and saves a minute each; a clip has two or
# six pairs, so that a stride of five meets every kind.
DEV_PAIR_STRIDE = 5
PAIR_SEED = {"dev": 19770101, "test": 20211012}


@dataclass(frozen=True)
class Material:
    """Clips and texts of one split with everything computed that a model reads.

    Attributes:
        clips: table of clips. log_mels: one entry a row of `clips`.
        texts: table of independent texts, then the clips' own sentences.
        embeddings: e of each row of `texts`, [N, D].
        own: row in `texts` of each clip's own sentence.
        statistics: of the speech encoder for each row of `clips`, [N, 2 D].
    """

    clips: pd.DataFrame
    log_mels: LogMels
    texts: pd.DataFrame
    embeddings: np.ndarray
    own: np.ndarray
    statistics: np.ndarray

    def alone(self, rows: np.ndarray, texts: np.ndarray) -> Pairs:
        """Clips with the clip's own labels, whatever text goes with them."""
        chosen = self.clips.iloc[rows]
        return Pairs(
            rows, texts, one_hot(chosen["category"]), chosen[list(DIMENSIONS)].to_numpy(np.float64)
        )

    def constructed(self, examples: Pairs) -> np.ndarray:
        """Which examples are a clip with an independent text, bool [N]."""
        independent = np.append(self.texts["corpus"].to_numpy() != "own", False)  # -1: no text
        result: np.ndarray = independent[examples.texts] & (examples.clips >= 0)
        return result

    def batch(self, examples: Pairs, rows: list[int]) -> Batch:
        """Labels, embeddings and statistics of some examples: all but the spectrograms."""
        batch: Batch = {
            "target": torch.from_numpy(examples.categories[rows]).float(),
            "dimensions": torch.from_numpy(examples.dimensions[rows]).float(),
            "constructed": torch.from_numpy(self.constructed(examples)[rows]),
        }
        texts, clips = examples.texts[rows], examples.clips[rows]
        if self.embeddings.shape[1]:
            batch["embedding"] = torch.from_numpy(self.embeddings[texts])
            batch["has_text"] = torch.from_numpy((texts != NO_TEXT).astype(np.float32))
        if self.statistics.shape[1]:
            batch["speech_statistics"] = torch.from_numpy(self.statistics[clips])
        return batch

    def words(self, rows: np.ndarray) -> Pairs:
        """Texts alone, with the text's labels."""
        chosen = self.texts.iloc[rows]
        return Pairs(
            np.full(len(rows), -1),
            rows,
            one_hot(chosen["category"]),
            chosen[list(DIMENSIONS)].to_numpy(np.float64),
        )


def load_material(
    data: DataConfig,
    root: Path,
    split: str,
    encoder: TextEncoder | None = None,
    recogniser: Recogniser | None = None,
) -> Material:
    """Read corpora below `root` and compute (or fetch) what the models read.

    Args:
        data: names the corpora.
        root: folder of the corpora.
        split: train, dev or test.
        encoder: of the texts; None where no model reads them.
        recogniser: whose encoder gives speech statistics; None where no model reads them.
    """
    speech = [read_demonstration(root, name) for name in data.speech]
    written = [read_demonstration(root, name) for name in data.texts]
    clips = join(speech) if speech else make_table([])
    texts = join(written) if written else make_table([])
    clips = clips[clips["split"] == split].reset_index(drop=True)
    texts = texts[texts["split"] == split].reset_index(drop=True)
    own_texts, own = np.unique(clips["transcript"].to_numpy(dtype=str), return_inverse=True)
    own = own + len(texts)
    texts = pd.concat(
        [texts, make_table(pd.DataFrame({"transcript": own_texts, "corpus": "own"}))],
        ignore_index=True,
    )
    log_mels = (
        compute_log_mels(list(clips["path"]), data.front_end)
        if len(clips)
        else LogMels(np.zeros((0, 64), np.float16), np.zeros(1, int))
    )
    embeddings = np.zeros((len(texts), 0), np.float32)
    if encoder is not None:  # in two parts: runs with other clips share the first
        parts = (texts["transcript"][: len(texts) - len(own_texts)], own_texts)
        embeddings = np.concatenate([compute_embeddings(list(part), encoder) for part in parts])
    statistics = np.zeros((len(clips), 0), np.float32)
    if recogniser is not None:
        statistics = compute_statistics(list(clips["path"]), recogniser)
    return Material(clips, log_mels, texts, embeddings, own, statistics)


def draw_epoch(material: Material, recipe: Recipe, epoch: int) -> Pairs:
    """The examples of one training epoch; the same for the same recipe, seed and epoch."""
    generator = np.random.default_rng([recipe.seed, epoch])
    data = recipe.data
    clips, texts = material.clips, material.texts
    if recipe.model.architecture == "text":
        labelled = np.flatnonzero(texts["corpus"] != "own")
        return material.words(generator.permutation(labelled))
    counts = clips.groupby("corpus")["corpus"].transform("size").to_numpy(float)
    share = counts**-data.balance
    rows = generator.choice(len(clips), size=len(clips), p=share / share.sum())
    if recipe.model.architecture in ("audio", "foundation"):
        return material.alone(rows, np.full(len(rows), NO_TEXT))
    kind = generator.choice(3, size=len(rows), p=[data.pair, data.own, data.none])
    own = np.where(kind == 1, material.own[rows], NO_TEXT)
    alone = material.alone(rows, own)
    paired = kind == 0
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


class EpochDataset(Dataset[Batch]):
    """Whole batches by lists of row numbers of one epoch's examples."""

    def __init__(self, material: Material, recipe: Recipe, epoch: int) -> None:
        self.material = material
        self.recipe = recipe
        self.examples = draw_epoch(material, recipe, epoch)
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, rows: list[int]) -> Batch:
        """A training batch, augmented."""
        examples = self.examples
        generator = np.random.default_rng([self.recipe.seed, self.epoch, rows[0]])
        batch = self.material.batch(examples, rows)
        if self.recipe.model.architecture in ("audio", "fusion"):
            batch["log_mel"] = self._crops(examples.clips[rows], generator)
        if self.recipe.augment.mixup:
            batch = mix(batch, self.recipe.augment.mixup, generator)
        return batch

    def _crops(self, clips: np.ndarray, generator: np.random.Generator) -> Tensor:
        """Random augmented crops [B, T, 64]."""
        config = self.recipe.augment
        frames = int(self.recipe.data.crop_s * self.recipe.data.front_end.frame_rate)
        longest = int(np.ceil(frames * (1 + config.tempo))) + 1
        log_mels = self.material.log_mels
        crops = np.stack([log_mels.crop(row, longest, generator) for row in clips])
        torch_generator = torch.Generator().manual_seed(int(generator.integers(2**31)))
        return augment(torch.from_numpy(crops).float(), frames, config, torch_generator)


def mix(batch: Batch, alpha: float, generator: np.random.Generator) -> Batch:
    """Mixup (Zhang et al., 2018) of each example with another of the batch, labels included."""
    size = len(batch["target"])
    share = torch.from_numpy(generator.beta(alpha, alpha, size)).float()
    share = torch.maximum(share, 1 - share)
    other = torch.from_numpy(generator.permutation(size))
    # An example without a label of one kind would be lost to its partner: leave those alone.
    same_kind = (batch["target"].sum(1) > 0) == (batch["target"][other].sum(1) > 0)
    same_kind &= torch.isfinite(batch["dimensions"]).all(1) == torch.isfinite(
        batch["dimensions"][other]
    ).all(1)
    for name in ("has_text", "constructed"):
        if name in batch:
            same_kind &= batch[name] == batch[name][other]
    share = torch.where(same_kind, share, 1.0)
    mixed = {}
    for name, value in batch.items():
        if value.dtype == torch.bool:
            mixed[name] = value  # the same in both
            continue
        weight = share.reshape(-1, *([1] * (value.dim() - 1)))
        blend = weight * value + (1 - weight) * value[other]
        # 0 * NaN is NaN: rows that are not mixed keep their own values.
        mixed[name] = torch.where(weight == 1, value, blend)
    return mixed


class WholeDataset(Dataset[Batch]):
    """Dev or test examples, unaugmented: clips whole and one by one, texts in big batches."""

    def __init__(self, material: Material, examples: Pairs) -> None:
        self.material = material
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, rows: list[int]) -> Batch:
        """A batch of whole examples."""
        batch = self.material.batch(self.examples, rows)
        clips = self.examples.clips[rows]
        if clips[0] >= 0:
            batch["log_mel"] = torch.stack([self.material.log_mels[row] for row in clips])
        return batch


def dev_sets(material: Material, recipe: Recipe) -> dict[str, Pairs]:
    """The example sets that choose the best epoch of this recipe, by name."""
    everything = np.arange(len(material.clips))
    architecture = recipe.model.architecture
    if architecture == "text":
        return {"texts": material.words(np.flatnonzero(material.texts["corpus"] != "own"))}
    silent = material.alone(everything, np.full(len(everything), NO_TEXT))
    if architecture in ("audio", "foundation"):
        return {"clips": silent}
    own = material.alone(everything, material.own.copy())
    pairs = fixed_pairs(material.clips, material.texts, PAIR_SEED["dev"])
    return {"pairs": pairs.rows(slice(None, None, DEV_PAIR_STRIDE)), "own": own, "no_text": silent}


class InOrder(Sampler[list[int]]):
    """Row numbers in order, in batches: the examples are drawn in random order already."""

    def __init__(self, size: int, batch_size: int, drop_last: bool) -> None:
        self.batches = list(BatchSampler(range(size), batch_size, drop_last))

    def __iter__(self) -> Any:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


def loader(
    dataset: Dataset[Batch], size: int, batch_size: int, drop_last: bool
) -> DataLoader[Batch]:
    """A loader that asks `dataset` for whole batches."""
    return DataLoader(dataset, sampler=InOrder(size, batch_size, drop_last), batch_size=None)


def _require_corpora(recipe: Recipe) -> None:
    architecture, data = recipe.model.architecture, recipe.data
    pairs = architecture == "fusion" and data.pair > 0
    if architecture != "text" and not data.speech:
        raise RecipeError(f"The recipe '{recipe.name}' needs clips: name some in `speech`.")
    if (architecture == "text" or pairs) and not data.texts:
        raise RecipeError(f"The recipe '{recipe.name}' needs labelled texts: name some in `texts`.")


class RecipeData(L.LightningDataModule):
    """Lightning's view of a recipe's data; the trainer must reload the loader every epoch.

    Raises:
        RecipeError: the recipe names no corpora of a kind that its model needs.
        CorpusError, AudioError, EncoderError: see `load_material` and `TextEncoder`.
    """

    def __init__(self, recipe: Recipe, root: Path) -> None:
        super().__init__()
        self.recipe = recipe
        _require_corpora(recipe)
        uses_text = recipe.model.architecture in ("text", "fusion")
        encoder = TextEncoder(recipe.data.text_encoder) if uses_text else None
        listens = recipe.model.architecture == "foundation" or recipe.optimiser.distil > 0
        recogniser = Recogniser() if listens else None
        self.train = load_material(recipe.data, root, "train", encoder, recogniser)
        self.dev = load_material(recipe.data, root, "dev", encoder, recogniser)
        self.dev_sets = dev_sets(self.dev, recipe)

    def train_dataloader(self) -> DataLoader[Batch]:
        """One epoch, drawn anew from recipe, seed and epoch number."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        dataset = EpochDataset(self.train, self.recipe, epoch)
        return loader(dataset, len(dataset), self.recipe.optimiser.batch_size, drop_last=True)

    def val_dataloader(self) -> list[DataLoader[Batch]]:
        """One loader a dev set, in the order of `dev_sets`."""
        one = 1 if self.recipe.model.architecture != "text" else 1024
        return [
            loader(WholeDataset(self.dev, pairs), len(pairs), one, drop_last=False)
            for pairs in self.dev_sets.values()
        ]
