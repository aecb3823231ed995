"""The checkpoints that come with the project."""

import pytest

from ser_core.analysis import CHECKPOINTS
from ser_core.inputs.text import DEFAULT_ENCODER_SHA256
from ser_core.models.checkpoint import CONFIG, WEIGHTS, Checkpoint
from ser_core.models.registry import discover, parents

NAMES = sorted(path.parent.name for path in CHECKPOINTS.glob(f"*/{CONFIG}"))


@pytest.fixture(scope="module")
def models() -> dict[str, Checkpoint]:
    return discover(CHECKPOINTS)


def test_the_five_models_are_there(models: dict[str, Checkpoint]) -> None:
    own = [name for name, checkpoint in models.items() if not checkpoint.reference]
    assert own == ["text", "audio", "late", "single_stage", "multistage"]


def test_they_fit_a_repository() -> None:
    files = [path for path in CHECKPOINTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 80e6
    assert {path.suffix for path in files} <= {
        *(".json", ".safetensors", ".md", ".csv"),
        ".parquet",  # of the reference set
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_complete(models: dict[str, Checkpoint], name: str) -> None:
    checkpoint = models[name]
    if checkpoint.model.architecture == "late":
        assert parents(models, checkpoint)
    else:
        assert checkpoint.network.inputs
        assert (checkpoint.folder / WEIGHTS).is_file()
        assert checkpoint.training["dev_score"] > 0
    if checkpoint.uses_text:
        assert checkpoint.text_encoder["sha256"] == DEFAULT_ENCODER_SHA256
    assert checkpoint.results
    card = (checkpoint.folder / "README.md").read_text("utf-8")
    assert f"# {checkpoint.title}" in card
    assert "## Limits" in card
