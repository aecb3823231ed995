from pathlib import Path

import pytest

from ser_core.analysis import Analyzer
from ser_core.maps.layers import Embedder
from ser_core.maps.making import make_reference
from ser_core.maps.reference import ReferenceSet
from ser_core.maps.sources import RowSource, demonstration


@pytest.fixture(scope="session")
def embedder(tiny_checkpoints: Path) -> Embedder:
    return Embedder(Analyzer(tiny_checkpoints))


@pytest.fixture(scope="session")
def source(micro_corpora: Path) -> RowSource:
    return demonstration(micro_corpora, seed=0)


@pytest.fixture(scope="session")
def reference(source: RowSource, embedder: Embedder) -> ReferenceSet:
    """A set of micro corpora by models with random weights."""
    return make_reference(source, embedder)
