"""Texts beyond the encoder's 256 tokens: every word counts."""

import numpy as np
import pytest
import torch

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.inputs.audio import Clip, load
from ser_core.inputs.text import MAX_TOKENS, TextEncoder
from ser_core.synthesis.examples import load_examples

CALM = "The meeting is on Tuesday, and the report lies in the folder on your desk. " * 24
FURY = "How dare you! I hate you, you filthy liar, get out of my house, I am furious! " * 12


def words_beyond(text_encoder: TextEncoder, text: str) -> int:
    return len(text_encoder.encode(text).tokens) - MAX_TOKENS


def test_the_first_window_is_the_text_that_fits(text_encoder: TextEncoder) -> None:
    fits, beyond = "word " * (MAX_TOKENS - 2), "word " * (MAX_TOKENS - 1)
    assert len(text_encoder.encode(fits).tokens) == MAX_TOKENS
    encoding = text_encoder.encode(beyond)
    assert encoding.tokens == ("[CLS]", *["word"] * 254, "[SEP]", "[CLS]", "word", "[SEP]")
    assert encoding.offsets[-2] == (len(beyond) - 5, len(beyond) - 1)
    first, last = text_encoder.encode(fits).layers, text_encoder.encode("word").layers
    expected = (MAX_TOKENS * first + 3 * last) / (MAX_TOKENS + 3)
    np.testing.assert_allclose(encoding.layers, expected, atol=1e-5)


def test_every_token_and_its_place(text_encoder: TextEncoder) -> None:
    text = "".join(f"Number {i} is unbelievably GLAD. " for i in range(150))
    encoding = text_encoder.encode(text)
    places = zip(encoding.tokens, encoding.offsets, strict=True)
    pieces = [(token, place) for token, place in places if place != (0, 0)]
    assert "".join(text[a:b] for _, (a, b) in pieces) == text.replace(" ", "")
    for token, (start, end) in pieces:
        assert text[start:end].lower() == token.removeprefix("##")


def test_lists_with_long_texts_agree_with_single_ones(text_encoder: TextEncoder) -> None:
    texts = ["Leave me alone!", CALM + FURY, "", CALM, "I am so glad."]
    single = np.stack([text_encoder.encode(text).embedding for text in texts])
    np.testing.assert_allclose(text_encoder.embed(texts, batch_size=2), single, atol=1e-5)


def test_so_many_windows_that_they_are_read_in_parts(text_encoder: TextEncoder) -> None:
    window = "word " * (MAX_TOKENS - 2)
    np.testing.assert_allclose(
        text_encoder.encode(window * 66).layers, text_encoder.encode(window).layers, atol=1e-5
    )


@pytest.fixture(scope="module")
def shipped() -> Analyzer:
    return Analyzer(CHECKPOINTS)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return load(load_examples()[0].path)


def test_fury_at_the_end_of_a_long_text_moves_the_text_model(
    shipped: Analyzer, clip: Clip, text_encoder: TextEncoder
) -> None:
    assert words_beyond(text_encoder, CALM) > 0  # so the fury lies wholly beyond the first window
    calm, furious = (
        shipped.analyze(clip, text, ["text"]).predictions["text"] for text in (CALM, CALM + FURY)
    )
    assert calm.decision == "neutral"
    assert furious.probabilities["angry"] > calm.probabilities["angry"] + 0.2


def test_gradients_reach_the_words_of_every_window(text_encoder: TextEncoder) -> None:
    batch = text_encoder.tokenize([CALM])
    embeddings = text_encoder.model.get_input_embeddings()(batch["input_ids"]).requires_grad_()
    sums = text_encoder._layer_sums(batch["attention_mask"], inputs_embeds=embeddings)
    e = sums.sum(dim=0)[-1] / batch["attention_mask"].sum()
    np.testing.assert_allclose(e.detach(), text_encoder.encode(CALM).embedding, atol=1e-5)
    (gradient,) = torch.autograd.grad(e.sum(), embeddings)
    assert (gradient.abs().sum(dim=-1) > 0).equal(batch["attention_mask"].bool())
