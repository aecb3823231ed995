"""A differentiable way through the frozen BERT: word embeddings -> e."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ser_core.inputs.text import TextEncoder


@dataclass(frozen=True, eq=False)
class Tokens:
    """The word pieces of a text as the encoder reads them.

    Attributes:
        embeddings: of the word pieces, before positions and types are added, float32 [T, D].
        offsets: (start, end) of each piece in the text, characters; (0, 0) for special tokens.
        windows: number of tokens of each window; a long text has several, one after the other.
    """

    embeddings: Tensor
    offsets: tuple[tuple[int, int], ...]
    windows: tuple[int, ...]

    @property
    def without_words(self) -> Tensor:
        """The embeddings with every word piece at zero; special tokens stay, [T, D]."""
        special = torch.tensor([start == end for start, end in self.offsets])
        return torch.where(special.unsqueeze(-1), self.embeddings, 0.0)


def embed_tokens(encoder: TextEncoder, text: str) -> Tokens:
    """Tokens of one text, in all the windows in which the encoder reads it."""
    batch = encoder.tokenize([text])
    mask = batch["attention_mask"].bool()
    with torch.no_grad():
        embeddings = encoder.model.get_input_embeddings()(batch["input_ids"][mask])
    offsets = tuple((int(start), int(end)) for start, end in batch["offset_mapping"][mask])
    return Tokens(embeddings, offsets, tuple(mask.sum(dim=1).tolist()))


def summary_of(
    encoder: TextEncoder, embeddings: Tensor, summary: str, windows: Sequence[int]
) -> Tensor:
    """e of word embeddings; the graph is kept where they require gradients.

    Args:
        embeddings: [B, T, D], as in `Tokens.embeddings`; no padding.
        summary: see `TextEncoding.summary`.
        windows: see `Tokens`; they sum to T.

    Returns:
        [B, size], see `TextEncoder.summary_dim`.
    """
    sums = torch.zeros(())
    for window in embeddings.split(list(windows), dim=1):
        mask = torch.ones(window.shape[:2], dtype=torch.long)
        hidden = encoder.model(
            inputs_embeds=window, attention_mask=mask, output_hidden_states=True
        ).hidden_states
        layers = hidden[-1:] if summary == "last" else hidden
        sums = sums + torch.cat([layer.sum(dim=1) for layer in layers], dim=-1)
    return sums / embeddings.shape[1]  # the mean over all tokens, as `text.summarise` has it


def mask_token(encoder: TextEncoder) -> str:
    """What stands for a masked word in a text, such as BERT's `[MASK]`."""
    return str(encoder._tokenizer.mask_token)
