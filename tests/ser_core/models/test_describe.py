from dataclasses import replace
from pathlib import Path

import pytest

from ser_core.models.checkpoint import Checkpoint
from ser_core.models.cnn14 import BLOCKS, OPERATORS
from ser_core.models.config import ARCHITECTURES, ModelConfig
from ser_core.models.describe import chance, equation, reads, recalls, sentence, weakness


def checkpoint(architecture: str, **config: object) -> Checkpoint:
    if architecture == "late":
        config = {"parents": ("a", "b")} | config
    if architecture == "fusion":
        config = {"stages": ("pooled",)} | config
    return Checkpoint(Path("x"), "x", "X", ModelConfig(architecture, **config))  # type: ignore[arg-type]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_has_a_sentence_and_an_equation(architecture: str) -> None:
    one = checkpoint(architecture)
    assert sentence(one).endswith(".")
    assert any(text.startswith("p = ") for text in equation(one))
    assert any(text.startswith("d = ") for text in equation(one))
    renamed = replace(one, name="text", title="Multistage fusion", folder=Path("late"))
    assert (sentence(renamed), equation(renamed)) == (sentence(one), equation(one))


def test_architectures_differ_in_sentence_and_equation() -> None:
    every = [checkpoint(name) for name in ARCHITECTURES]
    every.append(checkpoint("fusion", stages=BLOCKS))
    assert len({sentence(one) for one in every}) == len(every)
    assert len({tuple(equation(one)) for one in every}) == len(every)


def test_a_head_that_is_not_there_has_no_equation() -> None:
    lines = equation(checkpoint("audio", dimensions=()))
    assert any(line.startswith("p = ") for line in lines)
    assert not any(line.startswith("d = ") for line in lines)
    lines = equation(checkpoint("late", categories=()))
    assert not any(line.startswith("p = ") for line in lines)


def test_the_temperature_and_weight_are_the_checkpoints() -> None:
    assert "T = 1.37" in " ".join(equation(replace(checkpoint("text"), temperature=1.3702)))
    assert "w = 0.25 " in " ".join(equation(checkpoint("late", weight=0.25)))


class TestFusion:
    def test_multistage_conditions_the_blocks(self) -> None:
        lines = equation(checkpoint("fusion", stages=BLOCKS))
        assert lines[0] == "x_k = Block_k(x_{k-1}) + ReLU(W_k e + b_k), k = 1 … 6"
        assert "v = pool(x_6)" in lines

    def test_single_stage_conditions_what_is_pooled(self) -> None:
        lines = equation(checkpoint("fusion"))
        assert lines[0] == "x_k = Block_k(x_{k-1}), k = 1 … 6"
        assert "v = pool(x_6) + ReLU(W_p e + b_p)" in lines

    def test_some_blocks_and_the_pooled_vector(self) -> None:
        one = checkpoint("fusion", stages=("block2", "block4", "pooled"))
        lines = equation(one)
        assert lines[0].endswith("ReLU(W_k e + b_k), k = 2, 4")
        assert lines[1] == "x_k = Block_k(x_{k-1}), other k"
        assert any("W_p e" in line for line in lines)
        assert "3 places" in sentence(one)

    @pytest.mark.parametrize("operator", OPERATORS)
    def test_operators(self, operator: str) -> None:
        first = equation(checkpoint("fusion", stages=BLOCKS, operator=operator))[0]
        assert ("ReLU" in first, "normalisation" in first, "(1 + g_k)" in first) == (
            operator == "shift",
            operator == "prenorm",
            operator == "film",
        )


def test_what_it_reads() -> None:
    assert "words" in reads(checkpoint("text"))
    assert "voice" not in reads(checkpoint("text"))
    assert "words" not in reads(checkpoint("audio"))
    assert "words" in reads(checkpoint("late"))
    assert "voice" in reads(checkpoint("late"))
    whisper = replace(checkpoint("foundation"), speech_encoder={"name": "w"})
    assert "Whisper" in reads(whisper)


class TestWeakness:
    def of(self, **recalls: float) -> str:
        results = {name.replace("_", ", "): {"UAR": value} for name, value in recalls.items()}
        return weakness(replace(checkpoint("audio"), results=results))

    def test_nothing_measured_nothing_said(self) -> None:
        assert weakness(checkpoint("audio")) == ""
        assert self.of() == ""
        no_categories = checkpoint("audio", categories=())
        assert weakness(replace(no_categories, results={"a": {"UAR": 0.5}})) == ""
        assert chance(no_categories) is None

    def test_the_worst_set(self) -> None:
        assert self.of(a=0.8, b=0.6) == "Weakest on b: UAR 0.60; guessing gives 0.25."

    def test_no_better_than_guessing(self) -> None:
        said = self.of(a=0.25, b=0.9, c=0.26)
        assert said == "No better than guessing (UAR 0.25) on a; c."

    def test_words_that_harm(self) -> None:
        said = self.of(a_no=0.8, a_own=0.4, b_no=0.7, b_own=0.6)
        assert said == "On a, UAR falls from 0.80 (no) to 0.40 (own)."
        assert "falls" not in self.of(a_no=0.8, a_own=0.78)

    def test_only_recall_counts(self) -> None:
        one = replace(checkpoint("audio"), results={"a": {"UAR": 0.5}, "b": {"ECE": 0.1}})
        assert recalls(one) == {"a": 0.5}
