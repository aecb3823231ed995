"""Clips and words of any rows of an experiment's table, as training and scoring read them."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from ser_core.corpora.table import COLUMNS, make_table
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.text import TextEncoder
from ser_core.training.feature_cache import LogMels, compute_embeddings, find_log_mels
from ser_core.training.recipe import Recipe
from ser_core.training.recordings import recordings
from ser_core.training.split_data import Material, make_material


class Materials:
    """Log-Mels and embeddings of a whole table, computed when a model first reads them.

    Args:
        table: utterances with usable recordings.
        log_mels: those of its rows that are computed already, by front end.
        encoders: text encoders that are loaded already, by name.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        log_mels: Mapping[FrontEnd, LogMels] | None = None,
        encoders: Mapping[str, TextEncoder] | None = None,
    ) -> None:
        self.table = table
        self._encoders = dict(encoders or {})
        self._embeddings: dict[tuple[str, str], dict[str, np.ndarray]] = {}
        self._log_mels = dict(log_mels or {})

    def encoder(self, name: str) -> TextEncoder:
        """The text encoder of that name, loaded once.

        Raises:
            EncoderError: see `TextEncoder`.
        """
        if name not in self._encoders:
            self._encoders[name] = TextEncoder(name)
        return self._encoders[name]

    def log_mels(self, front_end: FrontEnd) -> LogMels:
        """Of all rows."""
        if front_end not in self._log_mels:
            self._log_mels[front_end], _ = find_log_mels(recordings(self.table), front_end)
        return self._log_mels[front_end]

    def of(self, rows: np.ndarray, recipe: Recipe) -> Material:
        """Some of the rows, for a model."""
        clips = self.table.iloc[rows].reset_index(drop=True)[list(COLUMNS)]
        embed = self._embed(recipe) if recipe.model.uses_text else None
        front_end = recipe.data.front_end
        log_mels = self.log_mels(front_end).take(rows)
        return make_material(clips, log_mels, make_table([]), embed, front_end=front_end)

    def _embed(self, recipe: Recipe) -> Callable[[list[str]], np.ndarray]:
        encoder = self.encoder(recipe.data.text_encoder)
        summary = recipe.model.summary
        key = (encoder.name, summary)
        if key not in self._embeddings:
            # All texts at once: what the folds need is cached under one key.
            texts = sorted({"", *self.table["transcript"]})
            found = compute_embeddings(texts, encoder, summary)
            self._embeddings[key] = dict(zip(texts, found, strict=True))
        known = self._embeddings[key]
        size = encoder.summary_dim(summary)
        return lambda texts: np.array([known[t] for t in texts], np.float32).reshape(-1, size)
