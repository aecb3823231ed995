"""What several tests share: real small models, a spoken clip, the corpora where present."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures import write_corpora
from tiny import write_checkpoints

from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder

os.environ.setdefault("HF_HUB_OFFLINE", "1")

pytest_plugins = ["missing_models"]

SPOKEN_TEXT = "I am so glad that you came to see us today, it is wonderful."


@pytest.fixture(scope="session")
def spoken_clip() -> Clip:
    """4 s of synthetic English speech: the words of `spoken_text`."""
    hibari = pytest.importorskip("hibari", reason="hibari-tts is not installed")
    samples = hibari.Hibari()(SPOKEN_TEXT, seed=0)  # its noise is random otherwise
    return from_samples(samples, 24_000, name="spoken.wav")


@pytest.fixture(scope="session")
def spoken_text() -> str:
    return SPOKEN_TEXT


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    return Recogniser()


@pytest.fixture(scope="session")
def text_encoder() -> TextEncoder:
    return TextEncoder()


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real corpora beside the repository; mark such tests with `corpora`."""
    folder = Path(__file__).parents[2] / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip("no ../shared/corpora here")
    return folder


@pytest.fixture(scope="session")
def tiny_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five models with random weights; for reading only."""
    return write_checkpoints(tmp_path_factory.mktemp("tiny_checkpoints"))


@pytest.fixture(scope="session")
def micro_corpora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Corpora of a few seconds in the layout of ../shared/corpora, and a cache of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield write_corpora(tmp_path_factory.mktemp("micro_corpora"))
