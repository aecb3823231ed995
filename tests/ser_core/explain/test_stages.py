from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.case import Case, make_case
from ser_core.explain.stage_report import stage_report
from ser_core.explain.stages import StageFunction, integrate_stages, leave_out_stages
from ser_core.inputs.audio import Clip
from ser_core.inputs.text import DEFAULT_ENCODER, TextEncoder
from ser_core.models.checkpoint import Checkpoint, save
from ser_core.models.cnn14 import OPERATORS
from ser_core.models.config import ModelConfig, build

CaseOf = Callable[..., Case]
STAGES = ("block1", "block3", "pooled")


@pytest.fixture(scope="module")
def operators(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    """A fusion model of each operator, conditioned in three places."""
    root = tmp_path_factory.mktemp("operators")
    torch.manual_seed(1)
    encoder = {"name": DEFAULT_ENCODER, "sha256": TextEncoder().fingerprint}
    for operator in OPERATORS:
        model = ModelConfig("fusion", width=0.125, stages=STAGES, operator=operator)
        network = build(model)
        for weight in network.conditioning.projections.parameters():  # started at zero
            torch.nn.init.normal_(weight, std=0.05)
        save(Checkpoint(root / operator, operator, operator, model, text_encoder=encoder), network)
    return Analyzer(root)


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_report_of_any_stages_and_operator(
    operators: Analyzer, clip: Clip, operator: str
) -> None:
    words = "I hate this!"
    case = make_case(operators, clip, words, operator, "angry")
    report = stage_report(case, steps=17)
    said = operators.analyze(clip, words).predictions[operator].probabilities["angry"]
    unsaid = operators.analyze(clip, "").predictions[operator].probabilities["angry"]
    assert report.value == pytest.approx(said, abs=1e-6)
    assert report.without == pytest.approx(unsaid, abs=1e-6)
    assert [stage.name for stage in report.stages] == list(STAGES)
    shares = sum(stage.share for stage in report.stages)
    assert shares == pytest.approx(said - unsaid + report.gap, abs=1e-6)
    assert report.stages[-1].up_to == pytest.approx(said, abs=1e-6)
    assert report.stages[0].alone == pytest.approx(report.stages[0].up_to - unsaid, abs=1e-6)
    for stage in report.stages:
        assert stage.size > 0
        assert len({channel.number for channel in stage.channels}) == 3
        changes = [channel.change for channel in stage.channels]
        assert changes == sorted(changes, reverse=True)
    frames = len(clip.samples) // 160 + 1
    first = report.stages[0].channels[0]
    seconds = len(first.over_time) / first.frame_rate
    assert seconds == pytest.approx(frames / 100, rel=0.05)
    assert report.stages[-1].channels[0].over_time.shape == (1,)
    assert list(report.to_frame()["stage"]) == list(STAGES)


def test_sizes_are_ratios_of_norms(operators: Analyzer, clip: Clip) -> None:
    """At the pooled vector both can be computed by hand."""
    case = make_case(operators, clip, "I hate this!", "shift", "angry")
    function = StageFunction(case)
    report = stage_report(case, steps=2)
    met: list[torch.Tensor] = []

    def observe(name: str, before: torch.Tensor, after: torch.Tensor) -> None:
        if name == "pooled":
            assert torch.allclose(after - before, function.stages["pooled"], atol=1e-5)
            met.append(before)

    with torch.inference_mode():
        function.network.cnn(function.log_mel, function.stages, "shift", observe)
    ratio = float(function.stages["pooled"].norm() / met[0].norm())
    assert report.stages[-1].size == pytest.approx(ratio, rel=1e-3)
    strongest = int(function.stages["pooled"].abs().argmax())
    assert report.stages[-1].channels[0].number == strongest


def test_scaling_runs_from_none_to_twice(case_of: CaseOf) -> None:
    case = case_of("multistage")
    function = StageFunction(case)
    none = dict.fromkeys(function.names, 0.0)
    silent, given, half, twice = function.scaled(
        [none, {}, {"block2": 0.5}, dict.fromkeys(none, 2.0)]
    )
    voice = case.analyzer.analyze(case.clip, "", models=["multistage"])
    assert silent == pytest.approx(voice.predictions["multistage"].probabilities["angry"], abs=1e-6)
    assert len({round(value, 9) for value in (silent, given, half, twice)}) == 4


def test_leaving_out_and_integrating_agree_on_a_single_stage(case_of: CaseOf) -> None:
    function = StageFunction(case_of("single_stage"))
    left_out = leave_out_stages(function)
    shares, integrated = integrate_stages(function)
    assert shares["pooled"] == pytest.approx(left_out["pooled"], abs=abs(integrated.gap) + 1e-6)


def test_models_without_stages_and_no_words_are_told(case_of: CaseOf) -> None:
    for model in ("audio", "late"):
        with pytest.raises(SerError, match="has no fusion stages: choose a fusion model"):
            stage_report(case_of(model))
    with pytest.raises(SerError, match="Without words no stage is conditioned"):
        stage_report(case_of("multistage", words=""))


def test_observing_changes_nothing(case_of: CaseOf) -> None:
    function = StageFunction(case_of("multistage"))
    with torch.inference_mode():
        plain = function.network.cnn(function.log_mel, function.stages, "shift")
        seen = function.network.cnn(
            function.log_mel, function.stages, "shift", lambda name, before, after: None
        )
    assert torch.equal(plain, seen)
    assert np.isfinite(plain.numpy()).all()


def test_the_shipped_stages(shipped: Analyzer, clip: Clip, tmp_path: Path) -> None:
    case = make_case(shipped, clip, "I have been crying all day.", "multistage", "sad")
    report = stage_report(case)
    assert abs(report.gap) < 0.02
    assert [stage.name for stage in report.stages] == [f"block{k}" for k in range(1, 7)]
