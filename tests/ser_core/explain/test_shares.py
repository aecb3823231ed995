from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from ser_core.analysis import Analyzer
from ser_core.explain import shares as module
from ser_core.explain.background import at_level, background_of
from ser_core.explain.case import Case, make_case
from ser_core.explain.shares import modality_shares
from ser_core.inputs.audio import Clip

CaseOf = Callable[..., Case]


@pytest.mark.parametrize("model", ["late", "single_stage", "multistage"])
def test_voice_alone_is_the_mean_over_sentences_by_the_public_api(
    shipped: Analyzer, clip: Clip, model: str
) -> None:
    found = modality_shares(make_case(shipped, clip, "I miss her.", model, "sad"))
    sentences = background_of(shipped.models[model]).sentences
    with_each = [
        shipped.analyze(clip, sentence, models=[model]).predictions[model].probabilities["sad"]
        for sentence in sentences
    ]
    assert found.baseline + found.voice == pytest.approx(np.mean(with_each), abs=1e-5)


@pytest.mark.parametrize("model", ["single_stage", "multistage"])
def test_words_alone_is_the_mean_over_voices_by_the_public_api(
    shipped: Analyzer, clip: Clip, model: str
) -> None:
    words, checkpoint = "I miss her.", shipped.models[model]
    found = modality_shares(make_case(shipped, clip, words, model, "sad"))
    background = background_of(checkpoint)
    values = []
    for log_mel in background.log_mels:
        inputs = shipped.inputs(checkpoint, clip, words)
        inputs["log_mel"] = at_level(log_mel, checkpoint.front_end)[None]
        output = shipped.forward(checkpoint, inputs)
        values.append(float(checkpoint.probabilities(output.logits)[0, 2]))
    assert found.baseline + found.words == pytest.approx(np.mean(values), abs=1e-5)


@pytest.mark.parametrize("model", ["text", "audio", "late", "single_stage", "multistage"])
def test_the_parts_add_up_to_what_the_model_says(case_of: CaseOf, model: str) -> None:
    case = case_of(model)
    found = modality_shares(case)
    said = case.analyzer.analyze(case.clip, case.transcript, models=[model])
    assert found.value == said.predictions[model].probabilities["angry"]
    assert sum(found.to_dict().values()) == pytest.approx(found.value, abs=1e-12)


def test_the_parts_are_the_interactions_of_a_game_of_two(case_of: CaseOf) -> None:
    """Against shapiq's Möbius transform of the game that the public API plays."""
    shapiq = pytest.importorskip("shapiq")
    case = case_of("multistage")
    background = background_of(case.checkpoint)
    checkpoint, analyzer = case.checkpoint, case.analyzer

    def value(voice: bool, words: bool) -> float:
        values = []
        for log_mel, sentence in zip(background.log_mels, background.sentences, strict=True):
            inputs = analyzer.inputs(checkpoint, case.clip, case.words if words else sentence)
            if not voice:
                inputs["log_mel"] = at_level(log_mel, checkpoint.front_end)[None]
            output = analyzer.forward(checkpoint, inputs)
            values.append(float(checkpoint.probabilities(output.logits)[0, 3]))
        return float(np.mean(values))

    def game(coalitions: np.ndarray) -> np.ndarray:
        return np.array([value(*row) for row in np.atleast_2d(coalitions)])

    exact = shapiq.ExactComputer(n_players=2, game=game)("Moebius")
    found = modality_shares(case)
    assert abs(found.both) > 1e-6
    assert found.voice == pytest.approx(exact[(0,)], abs=1e-6)
    assert found.words == pytest.approx(exact[(1,)], abs=1e-6)
    assert found.both == pytest.approx(exact[(0, 1)], abs=1e-6)


def test_what_a_model_does_not_take_has_no_share(case_of: CaseOf) -> None:
    audio, text = modality_shares(case_of("audio")), modality_shares(case_of("text"))
    assert audio.words == audio.both == text.voice == text.both == 0.0
    assert audio.sd["words"] == text.sd["voice"] == 0.0
    assert audio.sd["voice"] > 0


@pytest.mark.parametrize("without_words", ["background", "none", "masked"])
@pytest.mark.parametrize("without_voice", ["background", "silence"])
def test_other_stand_ins(case_of: CaseOf, without_voice: str, without_words: str) -> None:
    case = case_of("multistage")
    found = modality_shares(case, without_voice, without_words)  # type: ignore[arg-type]
    assert sum(found.to_dict().values()) == pytest.approx(found.value, abs=1e-12)
    assert (found.without_voice, found.without_words) == (without_voice, without_words)
    if without_words == "none":
        alone = case.analyzer.analyze(case.clip, "", models=["multistage"])
        expected = alone.predictions["multistage"].probabilities["angry"]
        assert found.baseline + found.voice == pytest.approx(expected, abs=1e-6)
    if without_voice == "silence" and without_words != "background":
        assert set(found.sd.values()) == {0.0}


def test_without_words_all_is_voice(case_of: CaseOf) -> None:
    for model in ("late", "multistage"):
        found = modality_shares(case_of(model, words=""))
        assert found.words == found.both == 0.0
        assert found.without_words == "none"


def test_neither_is_computed_once_for_all_clips(
    case_of: CaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(case_of("multistage"))
    passes: list[int] = []
    forward = case.analyzer.forward

    def counted(checkpoint: object, inputs: dict[str, torch.Tensor], **more: object) -> object:
        passes.append(len(next(iter(inputs.values()))))
        return forward(checkpoint, inputs, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(case.analyzer, "forward", counted)
    monkeypatch.setattr(module, "_baselines", module.Cache(8))
    modality_shares(case)
    first, passes[:] = sum(passes), []
    modality_shares(case)
    assert first == 1 + 3 * 16
    assert sum(passes) == 1 + 2 * 16
