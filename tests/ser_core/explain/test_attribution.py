from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.errors import CheckpointError, SerError
from ser_core.explain.attribution import (
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    METHODS,
    OCCLUSION,
    attribute,
    methods,
)
from ser_core.explain.case import Case, make_case
from ser_core.explain.results import Explanation, to_dict
from ser_core.inputs.audio import Clip, from_samples, load
from ser_core.inputs.transcript import Transcript
from ser_core.synthesis.examples import Example

CaseOf = Callable[..., Case]
NETWORKS = ("text", "audio", "single_stage", "multistage")


def total(explanation: Explanation) -> float:
    words = sum(word.value for word in explanation.words)
    return (explanation.baseline or 0.0) + explanation.any_words + explanation.voice_total + words


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", [*NETWORKS, "late"])
def test_every_method_explains_every_model(case_of: CaseOf, model: str, method: str) -> None:
    case = case_of(model)
    found = attribute(case, method, steps=9 if method == INTEGRATED_GRADIENTS else None)
    prediction = case.analyzer.analyze(case.clip, case.transcript, models=[model])
    value = prediction.predictions[model].probabilities["angry"]
    assert found.value == pytest.approx(value, abs=1e-6)
    assert [word.text for word in found.words] == ((case.words or "").split())
    if model == "text":
        assert found.map is None
    else:
        assert found.map is not None
        assert found.map.shape == (len(case.clip.samples) // 160 + 1, 64)
        assert np.isfinite(found.map).all()
        assert found.map.any()
    assert list(found.stages) == list(case.checkpoint.model.stages)


@pytest.mark.parametrize("model", [*NETWORKS, "late"])
def test_the_parts_add_up_but_for_the_gap(case_of: CaseOf, model: str) -> None:
    found = attribute(case_of(model), INTEGRATED_GRADIENTS, steps=9)
    assert found.gap is not None
    assert total(found) == pytest.approx(found.value + found.gap, abs=1e-6)
    assert f"{abs(found.gap):.3g} probability" in found.gap_in_words


def test_only_integrated_gradients_claim_to_add_up(case_of: CaseOf) -> None:
    for method in (INPUT_X_GRADIENT, OCCLUSION):
        found = attribute(case_of("multistage"), method)
        assert found.gap is None
        assert "not made to add up" in found.gap_in_words


@pytest.mark.parametrize("name", ["sad-words-angry-voice", "keys-happy"])
@pytest.mark.parametrize("model", NETWORKS)
def test_shipped_networks_are_complete_on_examples(
    shipped: Analyzer, examples: dict[str, Example], model: str, name: str
) -> None:
    """A few here; tests/benchmarks/explain.py takes all."""
    example = examples[name]
    case = make_case(shipped, load(example.path), example.transcript, model)
    found = attribute(case, INTEGRATED_GRADIENTS)
    assert found.gap is not None
    assert found.gap_share is not None
    assert abs(found.gap) < 0.02 or found.gap_share < 0.01
    if found.stages:
        assert abs(found.stage_gap or 0.0) < 0.02


def test_late_fusion_without_words_is_the_audio_model(case_of: CaseOf) -> None:
    found = attribute(case_of("late", words=""), INTEGRATED_GRADIENTS, steps=5)
    audio = attribute(case_of("audio"), INTEGRATED_GRADIENTS, steps=5)
    assert found.model == "late"
    assert found.value == audio.value
    assert found.words == ()
    assert np.array_equal(found.map, audio.map)


def test_a_model_without_gradients_offers_occlusion_alone(shipped: Analyzer, clip: Clip) -> None:
    foundation = shipped.models["foundation"]
    assert methods(shipped.models, foundation) == (OCCLUSION,)
    case = make_case(shipped, clip, None, "foundation", "angry")
    found = attribute(case)
    assert found.method == OCCLUSION
    assert found.settings["occluded"] == "recording"
    assert found.words == ()
    over_time = found.over_time
    assert over_time is not None
    assert np.allclose(found.map, over_time[:, None] / 64, atol=1e-6)
    silent = over_time[: int(0.15 * found.frame_rate)]  # before anybody speaks
    assert np.abs(silent).sum() < np.abs(over_time).sum() / 10
    with pytest.raises(SerError, match="cannot be explained by 'integrated-gradients': choose occ"):
        attribute(case, INTEGRATED_GRADIENTS)


def test_occluding_what_is_silent_changes_nothing(case_of: CaseOf) -> None:
    case = case_of("audio")
    half = np.where(np.arange(32_000) < 16_000, case.clip.samples[8_000:40_000], 0.0)
    quiet = from_samples(half.astype(np.float32), 16_000)
    found = attribute(make_case(case.analyzer, quiet, None, "audio", "angry"), OCCLUSION)
    assert found.over_time is not None
    assert np.abs(found.over_time[:100]).max() > 1e-5
    assert np.abs(found.over_time[120:]).max() < 1e-8  # but for the last bits of a batch


def test_one_word_and_no_words(case_of: CaseOf) -> None:
    for method in METHODS:
        one = attribute(case_of("multistage", words="No!"), method)
        assert [word.text for word in one.words] == ["No!"]
        none = attribute(case_of("multistage", words=""), method)
        assert none.words == ()
        assert none.stages == {}
    with pytest.raises(SerError, match="'text' reads only the words, and there are none"):
        case_of("text", words="")


def test_the_shortest_clip(tiny: Analyzer, clip: Clip) -> None:
    """A tenth of a second: fewer frames than the network's five poolings need."""
    short = from_samples(clip.samples[16_000:17_600], 16_000)
    for method in METHODS:
        found = attribute(make_case(tiny, short, "No!", "multistage", "valence"), method)
        assert found.map is not None
        assert found.map.shape == (11, 64)
        assert found.map.any()


def test_words_have_the_recognisers_times(shipped: Analyzer, clip: Clip) -> None:
    heard = shipped.transcribe(clip)
    found = attribute(make_case(shipped, clip, heard, "text"))
    assert [(w.text, w.start, w.end) for w in found.words] == [
        (w.text, w.start, w.end) for w in heard.words
    ]
    typed = attribute(make_case(shipped, clip, heard.text, "text"))
    assert {(w.start, w.end) for w in typed.words} == {(None, None)}
    times = [(0.1, 0.2)] * len(heard.words)
    given = attribute(make_case(shipped, clip, heard.text, "text", times=times))
    assert {(w.start, w.end) for w in given.words} == {(0.1, 0.2)}


def test_sentences_for_what_cannot_be(tiny: Analyzer, clip: Clip) -> None:
    with pytest.raises(CheckpointError, match="Unknown model 'multi'"):
        make_case(tiny, clip, "No!", "multi")
    with pytest.raises(SerError, match="one time for each word"):
        make_case(tiny, clip, "No! Yes!", "text", times=[(0.0, 1.0)])
    with pytest.raises(SerError, match="at least two steps"):
        attribute(make_case(tiny, clip, "No!", "audio"), INTEGRATED_GRADIENTS, steps=1)
    doubted = Transcript("Oh", "asr", doubt="This may not be speech.")
    with pytest.raises(SerError, match="doubtful: correct or accept them"):
        make_case(tiny, clip, doubted, "text")
    case = make_case(tiny, clip, doubted, "late")
    assert case.words is None
    assert case.notes == ("This may not be speech.", "The doubted words were not used.")


def test_the_json_is_the_issues(case_of: CaseOf) -> None:
    case = case_of("multistage")
    values = to_dict(case.clip, case.transcript, attribute(case))
    assert list(values) == [
        "clip", "transcript", "model", "output", "unit", "method", "settings", "value", "shares",
        "words", "stages", "gap", "deletion",
    ]  # fmt: skip
    assert set(values["words"][0]) == {"text", "start", "end", "value"}
    assert list(values["stages"]) == ["block2", "block4", "block6"]


def test_the_decision_is_the_default_output(case_of: CaseOf, shipped: Analyzer) -> None:
    case = make_case(shipped, case_of("audio").clip, "I miss her.", "multistage")
    analysis = shipped.analyze(case.clip, "I miss her.", models=["multistage"])
    assert case.choice.name == analysis.predictions["multistage"].decision


def test_a_missing_head_is_told(tiny: Analyzer, clip: Clip, tmp_path: Path) -> None:
    from dataclasses import replace

    from ser_core.models.checkpoint import save
    from ser_core.models.config import build

    audio = tiny.models["audio"]
    model = replace(audio.model, categories=())
    save(replace(audio, folder=tmp_path / "rated", model=model), build(model))
    rated = Analyzer(tmp_path)
    assert make_case(rated, clip, None, "rated").choice.name == "arousal"
    with pytest.raises(SerError, match="no output 'angry': choose from arousal, valence, domin"):
        make_case(rated, clip, None, "rated", "angry")
