import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ser_core.cli import app
from ser_core.synthesis.examples import load_examples

EXAMPLE = {example.id: example for example in load_examples()}["sad-words-angry-voice"]
RUN = ["explain", str(EXAMPLE.path), "--transcript", EXAMPLE.transcript]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_json(tiny_checkpoints: Path) -> None:
    options = ["--model", "multistage", "--output", "angry", "--method", "integrated-gradients"]
    options += ["--steps", "9", "--json", "--checkpoints", str(tiny_checkpoints)]
    result = run(*RUN, *options)
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout)
    assert list(values) == [
        "clip", "transcript", "model", "output", "unit", "method", "settings", "value", "shares",
        "words", "stages", "gap", "deletion",
    ]  # fmt: skip
    assert list(values["shares"]) == ["baseline", "voice", "words", "both"]
    assert sum(values["shares"].values()) == pytest.approx(values["value"], abs=1e-9)
    assert values["settings"]["steps"] == 9
    assert len(values["words"]) == len(EXAMPLE.transcript.split())
    assert values["deletion"]["deletion"]["area"] >= 0


def test_text_for_people(tiny_checkpoints: Path) -> None:
    result = run(*RUN, "--model", "late", "--output", "sad", "--checkpoints", str(tiny_checkpoints))
    assert result.exit_code == 0, result.output
    for line in ("late, sad = ", "shares: baseline +", "words, strongest", "gap: The parts of"):
        assert line in result.stdout


def test_one_html_file_that_needs_no_network(tiny_checkpoints: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    result = run(*RUN, "--html", str(page), "--checkpoints", str(tiny_checkpoints))
    assert result.exit_code == 0, result.output
    text = page.read_text("utf-8")
    assert "Where the fusion takes the words in" in text
    assert "crying" in text
    assert "<script src=" not in text
    assert "cdn.plot.ly" not in text.split("</script>")[-1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--no-text"], "Give either --transcript or --no-text"),
        (["--model", "text2"], "Unknown model 'text2'"),
        (["--output", "furious"], "has no output 'furious'"),
        (["--method", "lime"], "cannot be explained by 'lime'"),
        (["--model", "late", "--output", "logit:sad"], "has no output 'logit:sad'"),
    ],
)
def test_errors_are_sentences(tiny_checkpoints: Path, options: list[str], sentence: str) -> None:
    result = run(*RUN, *options, "--checkpoints", str(tiny_checkpoints))
    assert result.exit_code == 2
    assert sentence in result.output


def test_no_words_for_a_model_that_reads_nothing_else(tiny_checkpoints: Path) -> None:
    options = ["--no-text", "--model", "text", "--checkpoints", str(tiny_checkpoints)]
    result = run("explain", str(EXAMPLE.path), *options)
    assert result.exit_code == 2
    assert "there are none: type some" in result.output
