"""Consoles that cannot encode everything: commands as processes, their bytes as written."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ser_core.cli.console import escaped
from ser_core.synthesis.examples import load_examples

CLIP = next(example.path for example in load_examples() if example.transcript)
WORDS = "zażółć – „naïve” 😀"
CONSOLES = ["ascii", "cp1252", "utf-8", "cp437"]


def ser(*arguments: object, console: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of a process with such a console, decoded strictly."""
    result = subprocess.run(
        [sys.executable, "-m", "ser_core.cli", *map(str, arguments)],
        capture_output=True,
        timeout=280,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONIOENCODING": console},
    )
    output, errors = result.stdout.decode(console), result.stderr.decode(console)
    assert "Traceback" not in errors, errors
    assert result.returncode == code, errors
    return output, errors


@pytest.mark.parametrize("console", CONSOLES)
def test_a_whole_table(console: str, tiny_checkpoints: Path, tmp_path: Path) -> None:
    clip = shutil.copy(CLIP, tmp_path / "ż😀.flac")
    output, _ = ser(
        *("predict", clip, CLIP, "--no-text", "--checkpoints", tiny_checkpoints), console=console
    )
    assert len(output.splitlines()) == 11
    assert ("ż😀.flac" if console == "utf-8" else r"\u017c\ud83d\ude00.flac") in output


@pytest.mark.parametrize("console", CONSOLES)
def test_json_loses_nothing(console: str, tiny_checkpoints: Path) -> None:
    output, _ = ser(
        *("predict", CLIP, "--transcript", WORDS, "--json", "--checkpoints", tiny_checkpoints),
        console=console,
    )
    assert json.loads(output)["transcript"]["text"] == WORDS
    assert output.isascii() == (console != "utf-8")


def test_one_recording_on_an_old_console(tiny_checkpoints: Path) -> None:
    output, _ = ser(
        *("predict", CLIP, "--no-text", "--checkpoints", tiny_checkpoints), console="ascii"
    )
    assert "transcript (none): -\n" in output
    assert "multistage" in output


@pytest.mark.parametrize("console", ["ascii", "cp1252"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["predict", "--help"], 0),
        (["corpora", "--help"], 0),
        (["predict", "ż😀.wav"], 2),
        (["predict", "--ż"], 2),
        (["whatif", "--help"], 0),
        (["explain", "--help"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_and_mistakes(arguments: list[str], code: int, console: str) -> None:
    output, errors = ser(*arguments, console=console, code=code)
    assert (errors if code else output).strip()


def test_corpora_are_described(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "text,emotion\nŻółw,happy\nβ → γ,złość\n", encoding="utf-8"
    )
    output, _ = ser("corpora", "inspect", tmp_path, console="ascii")
    assert r"z\u0142o\u015b\u0107" in output
    assert output.rstrip().endswith("Nothing.")


@pytest.mark.parametrize("character", ["ż", "😀", "\udcff", "–"])
def test_escapes_are_those_of_json(character: str) -> None:
    assert json.loads(f'"{escaped(character)}"') == character
