import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.perturb.sweep import CHANGES
from ser_core.synthesis.examples import load_examples

CLIP = next(example.path for example in load_examples() if example.transcript)
MODELS = ["text", "audio", "late", "single_stage", "multistage"]


@pytest.fixture
def whatif(tiny_checkpoints: Path):
    def run(*arguments: object, code: int = 0) -> str:
        parts = ["whatif", *map(str, arguments), "--checkpoints", str(tiny_checkpoints)]
        result = CliRunner().invoke(app, parts)
        assert result.exit_code == code, result.output
        return result.stderr if code else result.stdout

    return run


def test_list(whatif) -> None:
    output = whatif("--list")
    for name, change in CHANGES.items():
        assert f"{name}: {change.help}" in output
    assert "-5, 0, 5, 10, 15, 20, 30, 40 dB SNR" in output


def test_table(whatif) -> None:
    output = whatif(CLIP, "--change", "noise", "--transcript", "I am glad.", "--points", "30, 0")
    lines = output.splitlines()
    assert lines[0].split() == ["value", *MODELS]
    assert [line.split()[0] for line in lines[1:4]] == ["0", "30", "unchanged"]


def test_draws_and_models(whatif) -> None:
    output = whatif(
        *(CLIP, "--change", "wer", "--transcript", "I am glad.", "--points", "0.5"),
        *("--draws", 3, "--models", "text, late"),
    )
    lines = output.splitlines()
    assert lines[0].split() == ["value", "draw", "text", "late"]
    assert [line.split()[:3] for line in lines[2:5]] == [["0.5", "WER", str(i)] for i in range(3)]


def test_json(whatif) -> None:
    found = json.loads(
        whatif(CLIP, "--change", "length", "--points", "0.5,1", "--no-text", "--json"),
        parse_constant=lambda name: pytest.fail(f"{name} is no JSON"),
    )
    assert (found["change"], found["unit"]) == ("length", "s")
    assert list(found["base"]["models"]) == MODELS[1:]
    points = found["points"]
    assert [(p["value"], p["unchanged"]) for p in points] == [
        (None, True),
        (0.5, False),
        (1.0, False),
    ]
    assert points[0]["models"] == found["base"]["models"]
    assert points[1]["notes"] == ["Changed: first 0.5 s only."]
    assert isinstance(found["flips"], list)


def test_csv(whatif, tmp_path: Path) -> None:
    out = tmp_path / "new" / "curve.csv"
    whatif(CLIP, "--change", "gain", "--points=-6", "--no-text", "--models", "audio", "--csv", out)
    table = pd.read_csv(out)
    assert table["value"].tolist() == [-6.0, 0.0]
    assert table["model"].tolist() == ["audio"] * 2


def test_what_cannot_be_made_is_noted(whatif, tmp_path: Path) -> None:
    output = whatif(CLIP, "--change", "wer", "--no-text", "--points", "0.5")
    assert "note: There are no words to make errors in" in output
    assert "text: It reads only the words, and there are none." in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name a recording"),
        ([CLIP], "There is no change ''; there are noise, "),
        ([CLIP, "--change", "nois"], "There is no change 'nois'"),
        ([CLIP, "--change", "noise", "--points", "loud"], "'loud' are no numbers"),
        ([CLIP, "--change", "noise", "--points", "500"], "from -20 to 80 dB SNR"),
        ([CLIP, "--change", "noise", "--points", "nan"], "from -20 to 80 dB SNR"),
        ([CLIP, "--change", "noise", "--no-text", "--transcript", "x"], "not both"),
        ([CLIP, "--change", "noise", "--no-text", "--recognise-again"], "not both"),
        ([CLIP, "--change", "noise", "--no-text", "--models", "deep"], "Unknown model 'deep'"),
        (["nowhere.wav", "--change", "noise"], "check the name and the folder"),
    ],
)
def test_mistakes_end_in_one_sentence(whatif, arguments: list, words: str) -> None:
    message = whatif(*arguments, code=2)
    assert words in message
    assert message.startswith("ser: ")
    assert message.count("\n") == 1
