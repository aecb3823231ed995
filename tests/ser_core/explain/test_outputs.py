import pytest
import torch

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.outputs import OutputChoice, choices, parse
from ser_core.models.fusion import Output

OUTPUT = Output(
    torch.tensor([[1.0, 2.0, 4.0, 8.0]]), torch.tensor([[0.1, 0.2, 0.3]]), torch.zeros(1, 2)
)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("logit:angry", 8.0, "logit"),
        ("logit:sad-happy", 2.0, "logit"),
        ("valence", 0.2, "of the scale from 0 to 1"),
    ],
)
def test_a_named_output(tiny: Analyzer, name: str, value: float, unit: str) -> None:
    audio = tiny.models["audio"]
    choice = parse(name, tiny.models, audio)
    assert choice.name == name
    assert choice.unit == unit
    assert float(choice.value(audio, OUTPUT)) == pytest.approx(value)


def test_a_probability_is_calibrated(shipped: Analyzer) -> None:
    model = shipped.models["multistage"]
    found = parse(" angry ", shipped.models, model).value(model, OUTPUT)
    expected = torch.softmax(OUTPUT.logits.double() / model.temperature, dim=1)[:, 3]
    assert model.temperature != 1
    assert torch.equal(found, expected)


def test_late_fusion_has_no_logits(tiny: Analyzer) -> None:
    late = tiny.models["late"]
    assert {choice.kind for choice in choices(tiny.models, late)} == {"probability", "dimension"}
    with pytest.raises(SerError, match="has no output 'logit:angry': choose from neutral,"):
        parse("logit:angry", tiny.models, late)


def test_an_unknown_output_names_those_that_there_are(tiny: Analyzer) -> None:
    with pytest.raises(SerError, match=r"no output 'furious': .*angry, arousal.*logit:A-B"):
        parse("furious", tiny.models, tiny.models["audio"])


def test_every_choice_is_read_back(tiny: Analyzer) -> None:
    audio = tiny.models["audio"]
    found = choices(tiny.models, audio)
    assert found[0] == OutputChoice("probability", "neutral")
    assert [parse(choice.name, tiny.models, audio) for choice in found] == found
