"""A differentiable way through the frozen BERT: word embeddings -> e."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ser_core.inputs.text import TextEncoder, summarise


@dataclass(frozen=True, eq=False)
class Tokens:
    """The word pieces of a text as the encoder reads them.

    Attributes:
        embeddings: of the word pieces, before positions and types are added, float32 [T, D].
        offsets: (start, end) of each piece in the text, characters; (0, 0) for special tokens.
    """

    embeddings: Tensor
    offsets: tuple[tuple[int, int], ...]

    @property
    def without_words(self) -> Tensor:
        """The embeddings with every word piece at zero; special tokens stay, [T, D]."""
        special = torch.tensor([start == end for start, end in self.offsets])
        return torch.where(special.unsqueeze(-1), self.embeddings, 0.0)


def embed_tokens(encoder: TextEncoder, text: str) -> Tokens:
    """Tokens of one text, as far as the encoder reads it."""
    batch = encoder.tokenize([text])
    with torch.no_grad():
        embeddings = encoder.model.get_input_embeddings()(batch["input_ids"])[0]
    offsets = tuple((int(start), int(end)) for start, end in batch["offset_mapping"][0])
    return Tokens(embeddings, offsets)


def summary_of(encoder: TextEncoder, embeddings: Tensor, summary: str) -> Tensor:
    """e of word embeddings; the graph is kept where they require gradients.

    Args:
        embeddings: [B, T, D], as in `Tokens.embeddings`; no padding.
        summary: see `TextEncoding.summary`.

    Returns:
        [B, size], see `TextEncoder.summary_dim`.
    """
    mask = torch.ones(embeddings.shape[:2], dtype=torch.long)
    hidden = encoder.model(
        inputs_embeds=embeddings, attention_mask=mask, output_hidden_states=True
    ).hidden_states
    counts, owners = mask.sum(dim=1), torch.arange(len(mask))
    layers = hidden[-1:] if summary == "last" else hidden
    return torch.cat([summarise(layer.sum(dim=1), counts, owners) for layer in layers], dim=-1)


def mask_token(encoder: TextEncoder) -> str:
    """What stands for a masked word in a text, such as BERT's `[MASK]`."""
    return str(encoder._tokenizer.mask_token)
