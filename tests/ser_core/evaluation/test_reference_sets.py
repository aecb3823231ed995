from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import WIDTH

from ser_core.evaluation.predict import Predictor
from ser_core.evaluation.test_sets import native_sets
from ser_core.inputs.features import FrontEnd
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.config import ModelConfig, build
from ser_core.training.recipe import DataConfig
from ser_core.training.references import Typical
from ser_core.training.split_data import load_material


@pytest.mark.parametrize("level_db", [None, -30.0])
def test_a_model_hears_what_the_front_end_and_the_speaker_make_of_a_clip(
    micro_corpora: Path, level_db: float | None
) -> None:
    data = DataConfig(speech=("ravdess",), reference=1.0)
    material = load_material(data, micro_corpora, "test")
    torch.manual_seed(0)
    config = ModelConfig("audio", width=WIDTH, reference=True)
    network = build(config).eval()
    assert network.typical is not None
    network.typical.copy_(torch.linspace(-40, -20, 64))
    checkpoint = Checkpoint(Path(), "audio", "Audio", config, FrontEnd(level_db=level_db))
    vars(checkpoint)["network"] = network  # as loaded
    sets = {s.name: s for s in native_sets(material)}
    test_set = sets["ravdess, reference"]
    words = Checkpoint(Path(), "text", "Text", ModelConfig("text"))
    late = Checkpoint(Path(), "late", "Late", ModelConfig("late", parents=("text", "audio")))
    models = {"text": words, "audio": checkpoint, "late": late}
    predictor = Predictor(models, material)
    assert [name for name, c in models.items() if predictor.can_predict(c, test_set)] == [
        "audio",
        "late",
    ]
    unknowing = replace(checkpoint, model=replace(config, reference=False))
    without_references = Predictor({**models, "audio": unknowing}, material)
    assert not without_references.can_predict(unknowing, test_set)
    assert not without_references.can_predict(late, test_set)

    found = predictor.predict(checkpoint, test_set).dimensions
    at_level = load_material(replace(data, level_db=level_db), micro_corpora, "test")
    assert at_level.voices is not None
    for row in range(3):
        batch = {"log_mel": at_level.log_mels[row].unsqueeze(0)}
        typical = network.typical.numpy()
        at_level.voices.relate_fixed(batch, np.array([row]), Typical(typical, typical))
        with torch.inference_mode():
            expected = network(**batch).dimensions[0]
        np.testing.assert_allclose(found[row], expected, atol=1e-4)
    by_its_voice = predictor.predict(late, test_set).dimensions
    np.testing.assert_array_equal(by_its_voice, found)
    without = predictor.predict(checkpoint, sets["ravdess, no text"]).dimensions
    assert np.abs(found - without).max() > 1e-3
