from collections.abc import Iterator
from pathlib import Path

import pytest
import tones


@pytest.fixture(scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that these tests share."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("experiment_cache")
        patch.setenv("SER_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def iemocap(tmp_path_factory: pytest.TempPathFactory, own_cache: Path) -> Path:
    return tones.iemocap(tmp_path_factory.mktemp("iemocap"))


@pytest.fixture(scope="session")
def msp_podcast(tmp_path_factory: pytest.TempPathFactory, own_cache: Path) -> Path:
    return tones.msp_podcast(tmp_path_factory.mktemp("msp_podcast"))
