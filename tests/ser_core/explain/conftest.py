from collections.abc import Callable
from pathlib import Path

import pytest

from ser_core.analysis import Analyzer
from ser_core.explain.case import Case, make_case
from ser_core.inputs.audio import Clip, load
from ser_core.synthesis.examples import Example, load_examples

WORDS = "I hate this, leave me alone!"


@pytest.fixture(scope="session")
def tiny(tiny_checkpoints: Path) -> Analyzer:
    """The five models with random weights."""
    return Analyzer(tiny_checkpoints)


@pytest.fixture(scope="session")
def shipped() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session")
def examples() -> dict[str, Example]:
    return {example.id: example for example in load_examples()}


@pytest.fixture(scope="session")
def clip(examples: dict[str, Example]) -> Clip:
    return load(examples["sad-words-angry-voice"].path)


@pytest.fixture(scope="session")
def case_of(tiny: Analyzer, clip: Clip) -> Callable[..., Case]:
    """A case of a tiny model, with words."""

    def make(model: str, output: str = "angry", words: str = WORDS, **options: object) -> Case:
        return make_case(tiny, clip, words, model, output, **options)  # type: ignore[arg-type]

    return make
