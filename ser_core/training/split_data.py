"""Clips and texts of one split, with everything computed that a model reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ser_core.corpora.demonstration import read_demonstration
from ser_core.corpora.pairing import Pairs, one_hot
from ser_core.corpora.table import join, make_table
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
from ser_core.labels import DIMENSIONS
from ser_core.training.feature_cache import (
    LogMels,
    compute_embeddings,
    compute_log_mels,
    compute_statistics,
)
from ser_core.training.recipe import DataConfig
from ser_core.training.recordings import recordings
from ser_core.training.references import Voices, compute_band_statistics, make_voices
from ser_core.training.speaker_folds import leave_out

Batch = dict[str, Tensor]
NO_TEXT = -1
NO_LOG_MELS = LogMels(np.zeros((0, 64), np.float16), np.zeros(1, int))
PAIR_SEED = {"dev": 19770101, "test": 20211012}


@dataclass(frozen=True)
class Material:
    """Clips and texts of one split with everything computed that a model reads.

    Attributes:
        clips: table of clips. log_mels: one entry a row of `clips`.
        texts: table of independent texts, then the clips' own sentences.
        embeddings: e of each row of `texts`, [N, D].
        own: row in `texts` of each clip's own sentence ("" where it has none).
        statistics: of the speech encoder for each row of `clips`, [N, 2 D].
        front_end: of `log_mels`.
        voices: what speakers' references are made from; None where no model asks.
    """

    clips: pd.DataFrame
    log_mels: LogMels
    texts: pd.DataFrame
    embeddings: np.ndarray
    own: np.ndarray
    statistics: np.ndarray
    front_end: FrontEnd = field(default_factory=FrontEnd)
    voices: Voices | None = None

    @cached_property
    def independent(self) -> int:
        """Number of independent texts; they come first in `texts`."""
        return int((self.texts["corpus"] != "own").sum())

    @cached_property
    def neutral(self) -> np.ndarray:
        """Rows in `texts` of what says nothing of an emotion: neutral texts, clips' sentences."""
        said = (self.texts["corpus"] == "own") & (self.texts["transcript"] != "")
        result: np.ndarray = np.flatnonzero(said | (self.texts["category"] == "neutral"))
        return result

    @cached_property
    def own_or_none(self) -> np.ndarray:
        """`own`, NO_TEXT for clips without a sentence."""
        return np.where((self.clips["transcript"] != "").to_numpy(), self.own, NO_TEXT)

    def alone(self, rows: np.ndarray, texts: np.ndarray) -> Pairs:
        """Clips with the clip's own labels, whatever text goes with them."""
        chosen = self.clips.iloc[rows]
        dimensions = np.array(chosen[list(DIMENSIONS)], np.float64)  # a copy: pairs change it
        return Pairs(rows, texts, one_hot(chosen["category"]), dimensions)

    def constructed(self, examples: Pairs) -> np.ndarray:
        """Which examples are a clip with an independent text, bool [N]."""
        texts = examples.texts
        result: np.ndarray = (examples.clips >= 0) & (texts >= 0) & (texts < self.independent)
        return result

    def batch(self, examples: Pairs, rows: list[int]) -> Batch:
        """Labels, embeddings and statistics of some examples: all but the spectrograms."""
        chosen = examples.rows(np.array(rows))
        batch: Batch = {
            "target": torch.from_numpy(chosen.categories).float(),
            "dimensions": torch.from_numpy(chosen.dimensions).float(),
            "constructed": torch.from_numpy(self.constructed(chosen)),
        }
        texts, clips = chosen.texts, chosen.clips
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
    summary: str = "last",
) -> Material:
    """Read corpora below `root` and compute (or fetch) what the models read.

    Args:
        data: names the corpora.
        root: folder of the corpora.
        split: train, dev or test.
        encoder: of the texts; None where no model reads them.
        recogniser: whose encoder gives speech statistics; None where no model reads them.
        summary: see `TextEncoding.summary`.
    """
    speech = [read_demonstration(root, name) for name in data.speech]
    written = [read_demonstration(root, name) for name in data.texts]
    clips = join(speech) if speech else make_table([])
    texts = join(written) if written else make_table([])
    if data.fold:
        clips["split"] = leave_out(clips, data.fold, data.folds)
    chosen = np.flatnonzero(clips["split"] == split)
    statistics = levels = None
    if data.reference and speech:
        of_each = [compute_band_statistics(recordings(one.table)) for one in speech]
        levels = np.concatenate(of_each)[chosen]
    if recogniser is not None and speech:  # of whole corpora: other mixes and splits share them
        parts = [compute_statistics(recordings(one.table), recogniser) for one in speech]
        statistics = np.concatenate(parts)[chosen]
    clips = clips.iloc[chosen].reset_index(drop=True)
    texts = texts[texts["split"] == split].reset_index(drop=True)
    paths = recordings(clips)
    return make_material(
        clips,
        compute_log_mels(paths, data.front_end) if paths else NO_LOG_MELS,
        texts,
        None if encoder is None else lambda part: compute_embeddings(part, encoder, summary),
        statistics,
        data.front_end,
        levels,
    )


def make_material(
    clips: pd.DataFrame,
    log_mels: LogMels,
    texts: pd.DataFrame,
    embed: Callable[[list[str]], np.ndarray] | None = None,
    statistics: np.ndarray | None = None,
    front_end: FrontEnd = FrontEnd(),  # noqa: B008  (frozen)
    levels: np.ndarray | None = None,
) -> Material:
    """Material of a table of clips and one of independent texts, however they were read.

    Args:
        clips, log_mels, texts, statistics, front_end: see `Material`.
        embed: texts [N] -> e [N, D]; None where no model reads them.
        levels: `band_statistics` of each clip, [N, 65]; None without speakers' references.
    """
    own_texts, own = np.unique(clips["transcript"].to_numpy(dtype=str), return_inverse=True)
    together = pd.concat(
        [texts, make_table(pd.DataFrame({"transcript": own_texts, "corpus": "own"}))],
        ignore_index=True,
    )
    embeddings = np.zeros((len(together), 0), np.float32)
    if embed is not None:  # in two parts: runs with other clips share the first
        parts = (texts["transcript"], own_texts)
        embeddings = np.concatenate([embed(list(part)) for part in parts])
    if statistics is None:
        statistics = np.zeros((len(clips), 0), np.float32)
    voices = None
    if levels is not None:
        voices = make_voices(clips, levels, statistics, front_end.level_db)
    return Material(
        clips, log_mels, together, embeddings, own + len(texts), statistics, front_end, voices
    )
