"""The page's server side, with small models instead of the shipped ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tiny import write_checkpoints

APP = Path(__file__).parents[2] / "app.py"
TIMEOUT_S = 120  # of one run; the default of 3 s is less than importing torch takes


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoints(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture(scope="module", autouse=True)  # what runs later has the shipped models again
def _fresh_caches(checkpoints: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_CHECKPOINTS", str(checkpoints))
        st.cache_resource.clear()
        yield
    st.cache_resource.clear()


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """A new session on the app, with a link's parameters."""

    def open_page(**link: str | list[str]) -> AppTest:
        at = AppTest.from_file(str(APP), default_timeout=TIMEOUT_S)
        for key, value in link.items():
            at.query_params[key] = value
        return at.run()

    return open_page
