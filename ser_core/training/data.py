"""Lightning's view of a recipe's data: batches of drawn, cropped and augmented examples."""

from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler

from ser_core.corpora.pairing import Pairs
from ser_core.errors import RecipeError
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
from ser_core.training.augment import augment, mix
from ser_core.training.packing import read_pack
from ser_core.training.recipe import Recipe
from ser_core.training.references import Typical
from ser_core.training.sampling import REFERENCE, dev_sets, draw_epoch
from ser_core.training.split_data import Batch, Material, load_material

TEXTS_A_BATCH = 1024
Encoders = dict[str, dict[str, Any]]


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
        clips = examples.clips[rows]
        if self.recipe.model.architecture in ("audio", "fusion"):
            batch["log_mel"] = self._crops(clips, generator)
        if (voices := self.material.voices) is not None:
            known = generator.random(len(rows)) < self.recipe.data.reference
            references = voices.references(clips, generator)
            voices.relate(batch, clips, references, known, voices.typical)
        if "log_mel" in batch:
            batch["log_mel"] = self._augment(batch["log_mel"], generator)
        if self.recipe.augment.mixup:
            batch = mix(batch, self.recipe.augment.mixup, generator)
        return batch

    @property
    def _frames(self) -> int:
        return int(self.recipe.data.crop_s * self.recipe.data.front_end.frame_rate)

    def _crops(self, clips: np.ndarray, generator: np.random.Generator) -> Tensor:
        """Random crops [B, T, 64], long enough for the fastest tempo."""
        longest = int(np.ceil(self._frames * (1 + self.recipe.augment.tempo))) + 1
        log_mels = self.material.log_mels
        crops = np.stack([log_mels.crop(row, longest, generator) for row in clips])
        return torch.from_numpy(crops).float()

    def _augment(self, crops: Tensor, generator: np.random.Generator) -> Tensor:
        torch_generator = torch.Generator().manual_seed(int(generator.integers(2**31)))
        return augment(crops, self._frames, self.recipe.augment, torch_generator)


class WholeDataset(Dataset[Batch]):
    """Dev or test examples, unaugmented: clips whole, texts in big batches.

    Args:
        material: clips and texts.
        examples: which of them.
        voice: whether the model hears the clips.
        size: clips of the same number of frames that may share a batch.
        typical: of the training clips; with it, each clip is heard relative to `DEV_CLIPS` other
            clips of its speaker, always the same ones.
    """

    def __init__(
        self,
        material: Material,
        examples: Pairs,
        voice: bool = True,
        size: int = 1,
        typical: Typical | None = None,
    ) -> None:
        self.material = material
        self.examples = examples
        self.voice = voice
        self.typical = typical
        self.size = size if voice else TEXTS_A_BATCH

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, rows: list[int]) -> Batch:
        """A batch of whole examples, with their row numbers."""
        batch = self.material.batch(self.examples, rows)
        batch["row"] = torch.tensor(rows)
        if self.voice:
            clips = self.examples.clips[rows]
            batch["log_mel"] = torch.stack([self.material.log_mels[row] for row in clips])
            if self.typical is not None:
                assert self.material.voices is not None
                self.material.voices.relate_fixed(batch, clips, self.typical)
        return batch

    def loader(self) -> DataLoader[Batch]:
        """All of them once, batches of nothing but whole clips of one length."""
        if not self.voice or self.size == 1:
            return loader(self, len(self), self.size, drop_last=False)
        lengths = self.material.log_mels.lengths[self.examples.clips]
        order = np.argsort(lengths, kind="stable")
        alike = np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1)
        batches = [
            part[start : start + self.size].tolist()
            for part in alike
            for start in range(0, len(part), self.size)
        ]
        return DataLoader(self, sampler=Batches(batches), batch_size=None)


class Batches(Sampler[list[int]]):
    """Batches of row numbers."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __iter__(self) -> Any:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


def loader(
    dataset: Dataset[Batch], size: int, batch_size: int, drop_last: bool
) -> DataLoader[Batch]:
    """A loader that asks `dataset` for whole batches, in the order of its examples.

    Those of an epoch are drawn in random order already.
    """
    batches = list(BatchSampler(range(size), batch_size, drop_last))
    return DataLoader(dataset, sampler=Batches(batches), batch_size=None)


def name_encoders(encoder: TextEncoder | None, recogniser: Recogniser | None) -> Encoders:
    """Names and sha256 of encoders, as checkpoints keep them."""
    text = {"name": encoder.name, "sha256": encoder.fingerprint} if encoder else {}
    speech = {"name": recogniser.name, "sha256": recogniser.fingerprint} if recogniser else {}
    return {"text": text, "speech": speech}


def _require_corpora(recipe: Recipe) -> None:
    architecture, data = recipe.model.architecture, recipe.data
    pairs = architecture == "fusion" and data.pair > 0
    if architecture != "text" and not data.speech:
        raise RecipeError(f"The recipe '{recipe.name}' needs clips: name some in `speech`.")
    if (architecture == "text" or pairs) and not data.texts:
        raise RecipeError(f"The recipe '{recipe.name}' needs labelled texts: name some in `texts`.")


class RecipeData(L.LightningDataModule):
    """Lightning's view of a recipe's data; the trainer must reload the loader every epoch.

    Args:
        recipe: how examples are drawn.
        train, dev: what they are drawn from.
        encoders: names and sha256 of the encoders that made the embeddings (`text`) and the speech
            statistics (`speech`), as checkpoints keep them; None where today's are asked.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: Material,
        dev: Material,
        encoders: Encoders | None = None,
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.train = train
        self.dev = dev
        self.encoders = encoders
        self.dev_sets = dev_sets(dev, recipe)

    @classmethod
    def read(cls, recipe: Recipe, root: Path) -> "RecipeData":
        """The corpora that the recipe names, from the folder of the corpora.

        Raises:
            RecipeError: the recipe names no corpora of a kind that its model needs.
            CorpusError, AudioError, EncoderError: see `load_material` and `TextEncoder`.
        """
        _require_corpora(recipe)
        encoder = TextEncoder(recipe.data.text_encoder) if recipe.model.uses_text else None
        recogniser = Recogniser(recipe.data.speech_encoder) if recipe.listens else None
        train, dev = (
            load_material(recipe.data, root, split, encoder, recogniser, recipe.model.summary)
            for split in ("train", "dev")
        )
        return cls(recipe, train, dev, name_encoders(encoder, recogniser))

    @classmethod
    def unpack(cls, recipe: Recipe, folder: Path) -> "RecipeData":
        """The same from a pack.

        Raises:
            RecipeError: see `read_pack`.
        """
        pack = read_pack(folder, recipe)
        return cls(recipe, pack.materials["train"], pack.materials["dev"], pack.encoders)

    def train_dataloader(self) -> DataLoader[Batch]:
        """One epoch, drawn anew from recipe, seed and epoch number."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        dataset = EpochDataset(self.train, self.recipe, epoch)
        size = self.recipe.optimiser.batch_size
        if len(dataset) < size:
            raise RecipeError(
                f"There are {len(dataset):,} training examples for '{self.recipe.name}', less than "
                f"a batch of {size:,}: give a smaller `batch_size`."
            )
        return loader(dataset, len(dataset), size, drop_last=True)

    def val_dataloader(self) -> list[DataLoader[Batch]]:
        """One loader a dev set, in the order of `dev_sets`."""
        voice, size = self.recipe.model.architecture != "text", self.recipe.data.whole_batch
        typical = self.train.voices.typical if self.train.voices else None
        return [
            WholeDataset(
                self.dev, pairs, voice, size, typical if name.startswith(REFERENCE) else None
            ).loader()
            for name, pairs in self.dev_sets.items()
        ]
