from pathlib import Path

import pytest
from fixtures import SPEECH, WRITTEN

from ser_core.evaluation.predict import Predictor
from ser_core.inputs.text import TextEncoder
from ser_core.models.registry import discover
from ser_core.training.recipe import DataConfig
from ser_core.training.split_data import Material, load_material

DATA = DataConfig(speech=SPEECH, texts=WRITTEN)


@pytest.fixture(scope="session")
def material(micro_corpora: Path, text_encoder: TextEncoder) -> Material:
    """The test split of the corpora of a few seconds."""
    return load_material(DATA, micro_corpora, "test", text_encoder)


@pytest.fixture(scope="session")
def predictor(tiny_checkpoints: Path, material: Material) -> Predictor:
    return Predictor(discover(tiny_checkpoints), material)
