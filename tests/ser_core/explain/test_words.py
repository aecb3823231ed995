from collections.abc import Callable

import numpy as np
import pytest

from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.word_attribution import attribute_words
from ser_core.explain.words import (
    pieces_to_words,
    recognised_times,
    without_word,
    word_spans,
)
from ser_core.inputs.text import TextEncoder
from ser_core.inputs.text_gradients import embed_tokens, summary_of
from ser_core.inputs.transcript import Transcript, Word

CaseOf = Callable[..., Case]


@pytest.mark.parametrize("summary", ["last", "all"])
@pytest.mark.parametrize("text", ["I hate this, leave me alone!", "", "unbelievably 😀 café"])
def test_embeddings_give_the_e_of_the_text(
    text_encoder: TextEncoder, text: str, summary: str
) -> None:
    tokens = embed_tokens(text_encoder, text)
    found = summary_of(text_encoder, tokens.embeddings[None], summary, tokens.windows)[0]
    assert found.numpy() == pytest.approx(text_encoder.encode(text).summary(summary), abs=1e-5)


def test_gradients_reach_the_embeddings_and_no_weight(text_encoder: TextEncoder) -> None:
    tokens = embed_tokens(text_encoder, "I hate this.")
    leaf = tokens.embeddings[None].clone().requires_grad_()
    summary_of(text_encoder, leaf, "all", tokens.windows).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in text_encoder.model.parameters())


def test_without_words_only_special_tokens_are_left(text_encoder: TextEncoder) -> None:
    tokens = embed_tokens(text_encoder, "I hate this.")
    kept = tokens.without_words.abs().sum(dim=1) > 0
    assert kept.tolist() == [True, *[False] * 4, True]


def test_pieces_are_summed_to_words(text_encoder: TextEncoder) -> None:
    text = "unbelievably good, isn't it?"
    encoding = text_encoder.encode(text)
    spans = word_spans(text)
    values = np.arange(1.0, len(encoding.tokens) + 1)
    found = pieces_to_words(values, encoding.offsets, spans)
    assert len(found) == 4
    assert len(encoding.tokens) > 7  # several pieces a word
    assert sum(found) == pytest.approx(values[1:-1].sum())  # none lost, no special token
    assert all(value > 0 for value in found)


def test_words_beyond_what_the_encoder_reads_count_nothing() -> None:
    spans = word_spans("one two")
    assert pieces_to_words(np.array([0.5, 2.0]), [(0, 0), (0, 3)], spans) == [2.0, 0.0]


def test_times_of_recognised_words() -> None:
    words = (Word("I", 0.0, 0.2, 1.0), Word("twenty", 0.3, 0.5, 1.0), Word("-two", 0.5, 0.8, 1.0))
    heard = Transcript("I twenty-two", "asr", words)
    assert recognised_times(heard) == [(0.0, 0.2), (0.3, 0.8)]
    other = Transcript("You twenty-two", "asr", words)
    assert recognised_times(other) == [None, None]
    assert recognised_times(Transcript.typed("I do")) == [None, None]


def test_leaving_out_a_word_is_reading_the_text_without_it(case_of: CaseOf) -> None:
    case = case_of("multistage", words="I hate this!")
    found = attribute_words(case)

    def read(text: str) -> float:
        analysis = case.analyzer.analyze(case.clip, text, models=["multistage"])
        return analysis.predictions["multistage"].probabilities["angry"]

    without = [read("hate this!"), read("I this!"), read("I hate")]
    # Differences of float32 outputs, which batches of another size round otherwise.
    assert found.value == pytest.approx(read("I hate this!"), abs=1e-6)
    values = [word.value for word in found.words]
    assert values == pytest.approx(found.value - np.array(without), abs=1e-6)
    assert without_word("I hate this!", (2, 6)) == "I this!"


@pytest.mark.parametrize("model", ["text", "late", "multistage"])
def test_words_by_gradients_add_up_with_the_bar_of_any_words(case_of: CaseOf, model: str) -> None:
    case = case_of(model)
    found = attribute_words(case, "integrated-gradients", steps=17)
    total = sum(word.value for word in found.words)
    assert found.gap is not None
    if model == "text":
        assert found.any_words == 0.0
        return
    silent = case.analyzer.analyze(case.clip, "", models=[model])
    without = silent.predictions[model].probabilities["angry"]
    assert without + found.any_words + total == pytest.approx(found.value + found.gap, abs=1e-6)


def test_nothing_to_attribute_is_told(case_of: CaseOf) -> None:
    with pytest.raises(SerError, match="'audio' does not read the words"):
        attribute_words(case_of("audio"))
    with pytest.raises(SerError, match="nothing to attribute to them: type some"):
        attribute_words(case_of("multistage", words=""))
