"""Without one of the models the tests that need it are skipped, and say which."""

from collections.abc import Generator
from pathlib import Path

import pytest

from ser_core.inputs import weights

MISSING = [model for model in weights.ALL if not weights.installed(model)]
# Where a model is missing most tests fail with its name, and are known by it. In these places its
# absence is no error, but fewer predictions.
_FOUNDATION = ("ser_core/test_behaviour.py", "ser_core/models")
QUIET = {
    weights.TEXT_ENCODER.folder: ("pages", "browser", "ser_core/test_analysis.py"),
    weights.WHISPER_TINY_EN.folder: _FOUNDATION,
    weights.WHISPER_BASE.folder: (
        *_FOUNDATION,
        "ser_core/inputs/test_speech",
        "ser_core/inputs/test_whisper",
    ),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    root = Path(__file__).parent
    for model in MISSING:
        for item in items:
            if str(item.path.relative_to(root)).startswith(QUIET.get(model.folder, ())):
                item.add_marker(pytest.mark.skip(reason=_reason(model)))


def _reason(model: weights.Weights) -> str:
    return f"{model.title.rstrip(',')} is not installed"


def _skip_if_missing(error: BaseException) -> None:
    chain: BaseException | None = error
    while chain is not None:
        for model in MISSING:
            if f"{model.title} is not installed" in str(chain):
                pytest.skip(_reason(model))
        chain = chain.__cause__ or chain.__context__


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    try:
        yield
    except Exception as error:
        _skip_if_missing(error)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    try:
        yield
    except Exception as error:
        _skip_if_missing(error)
        raise
