from dataclasses import replace

import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.errors import CheckpointError
from ser_core.evaluation.predict import Predictor, Scores
from ser_core.evaluation.test_sets import EvaluationSet, evaluation_sets
from ser_core.inputs.audio import load
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.registry import discover
from ser_core.training.split_data import NO_TEXT, Material

FUSIONS = ("single_stage", "multistage")


@pytest.fixture(scope="module")
def sets(material: Material) -> dict[str, EvaluationSet]:
    return {test_set.name: test_set for test_set in evaluation_sets(material, "test")}


def predict(predictor: Predictor, name: str, test_set: EvaluationSet) -> Scores:
    return predictor.predict(predictor.models[name], test_set)


def test_which_model_can_answer_on_which_set(
    predictor: Predictor, sets: dict[str, EvaluationSet]
) -> None:
    able = {
        name: [m for m, c in predictor.models.items() if predictor.can_predict(c, test_set)]
        for name, test_set in sets.items()
    }
    assert able["goemotions"] == ["text"]
    assert able["emodb, no text"] == ["audio", "late", *FUSIONS]
    assert able["emodb, own sentence"] == list(predictor.models)
    assert able["constructed pairs"] == list(predictor.models)


def test_scores_are_probabilities_and_unit_dimensions(
    predictor: Predictor, sets: dict[str, EvaluationSet]
) -> None:
    test_set = sets["constructed pairs"]
    for name in predictor.models:
        scores = predict(predictor, name, test_set)
        assert scores.probabilities.shape == (len(test_set.examples), 4)
        assert scores.dimensions.shape == (len(test_set.examples), 3)
        np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1.0)
        assert ((scores.dimensions >= 0) & (scores.dimensions <= 1)).all()


def test_late_fusion_is_the_weighted_mean(
    predictor: Predictor, sets: dict[str, EvaluationSet]
) -> None:
    test_set, late = sets["constructed pairs"], predictor.models["late"]
    text, audio = (predict(predictor, name, test_set) for name in ("text", "audio"))
    for weight in (0.5, 0.2):
        other = Predictor(predictor.models, predictor.material)
        checkpoint = replace(late, model=replace(late.model, weight=weight))
        found = other.predict(checkpoint, test_set)
        for kind in ("probabilities", "dimensions"):
            expected = weight * getattr(text, kind) + (1 - weight) * getattr(audio, kind)
            np.testing.assert_allclose(getattr(found, kind), expected)


def test_without_text_late_fusion_is_the_audio_model(
    predictor: Predictor, sets: dict[str, EvaluationSet]
) -> None:
    test_set = sets["emodb, no text"]
    audio, late = (predict(predictor, name, test_set) for name in ("audio", "late"))
    np.testing.assert_array_equal(audio.probabilities, late.probabilities)
    np.testing.assert_array_equal(audio.dimensions, late.dimensions)


def test_models_follow_what_they_read(predictor: Predictor, sets: dict[str, EvaluationSet]) -> None:
    test_set = sets["constructed pairs"]
    clip = test_set.examples.clips == test_set.examples.clips[0]
    text, audio = (predict(predictor, name, test_set).dimensions for name in ("text", "audio"))
    assert (audio[clip] == audio[clip][0]).all()
    assert (text[clip] != text[clip][0]).any()
    words = predictor.material.texts["transcript"].iloc[test_set.examples.texts[clip]]
    for name in FUSIONS:
        fused = predict(predictor, name, test_set).dimensions[clip]
        assert len(np.unique(fused.round(9), axis=0)) == words.nunique() > 1


def test_the_same_numbers_as_the_analyzer(
    predictor: Predictor, sets: dict[str, EvaluationSet], tiny_checkpoints: object
) -> None:
    analyzer = Analyzer(tiny_checkpoints)
    material, examples = predictor.material, sets["constructed pairs"].examples
    scores = {
        name: predict(predictor, name, sets["constructed pairs"]) for name in predictor.models
    }
    for row in (0, 40):
        clip = load(material.clips["path"][examples.clips[row]])
        words = material.texts["transcript"][examples.texts[row]]
        for name, prediction in analyzer.analyze(clip, words).predictions.items():
            found = [prediction.probabilities[c] for c in CATEGORIES]
            np.testing.assert_allclose(scores[name].probabilities[row], found, atol=5e-3)
            found = [prediction.dimensions[d] for d in DIMENSIONS]
            np.testing.assert_allclose(scores[name].dimensions[row], found, atol=5e-3)


def test_the_temperature_is_applied(predictor: Predictor, sets: dict[str, EvaluationSet]) -> None:
    test_set, audio = sets["emodb, no text"], predictor.models["audio"]
    plain = predict(predictor, "audio", test_set).probabilities
    other = Predictor(predictor.models, predictor.material)
    cold = other.predict(replace(audio, temperature=0.5), test_set).probabilities
    np.testing.assert_allclose(cold, plain**2 / (plain**2).sum(axis=1, keepdims=True))


def test_each_input_is_seen_once(predictor: Predictor, sets: dict[str, EvaluationSet]) -> None:
    other = Predictor(discover(predictor.models["audio"].folder.parent), predictor.material)
    calls: list[str] = []
    for name in ("text", "audio", "multistage"):
        network = other.models[name].network
        network.register_forward_hook(lambda *_, name=name: calls.append(name))
    examples = sets["constructed pairs"].examples
    for name in ("text", "audio", "late", "multistage"):
        predict(other, name, sets["constructed pairs"])
    predict(other, "audio", sets["emodb, no text"])
    assert calls.count("audio") == len(np.unique(examples.clips))
    assert calls.count("text") == len(np.unique(examples.texts))
    pairs = np.stack([examples.clips, examples.texts])
    assert calls.count("multistage") == len(np.unique(pairs, axis=1).T)


def test_late_fusion_without_its_parent(
    predictor: Predictor, sets: dict[str, EvaluationSet]
) -> None:
    alone = Predictor({"late": predictor.models["late"]}, predictor.material)
    with pytest.raises(CheckpointError, match="'late' needs the model 'text' beside it"):
        predict(alone, "late", sets["emodb, own sentence"])


def test_no_text_is_marked(sets: dict[str, EvaluationSet]) -> None:
    assert NO_TEXT == -1
    assert set(sets["emodb, no text"].examples.texts) == {NO_TEXT}
