from pathlib import Path

import pytest

from ser_core.analysis import Analyzer
from ser_core.inputs.audio import Clip, load
from ser_core.synthesis.examples import load_examples


@pytest.fixture(scope="session")
def analyzer(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(tiny_checkpoints)


@pytest.fixture(scope="session")
def clip() -> Clip:
    return load(next(e.path for e in load_examples() if e.id == "keys-angry"))
