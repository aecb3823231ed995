"""`ser predict` on several recordings: one process, every recording accounted for."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from test_cli import MODELS, one_sentence
from typer.testing import CliRunner, Result

from ser_core.cli import app
from ser_core.labels import CATEGORIES
from ser_core.synthesis.examples import load_examples

SPOKEN = [example.path for example in load_examples() if example.transcript][:2]


def ser(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings, one of them deeper, a broken one, a hidden one, and a table."""
    root = tmp_path / "clips"
    (root / "more").mkdir(parents=True)
    shutil.copy(SPOKEN[0], root / "a.flac")
    shutil.copy(SPOKEN[1], root / "more" / "ż.flac")
    (root / "broken.wav").write_bytes(b"RIFF nothing")
    (root / "._a.flac").write_bytes(b"macOS")
    (root / "labels.csv").write_text("file\n")
    return root


def test_a_folder_as_json_lines(folder: Path, tiny_checkpoints: Path) -> None:
    result = ser("predict", folder, "--no-text", "--json", "--checkpoints", tiny_checkpoints)
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["file"] for line in lines] == [
        str(folder / name) for name in ("a.flac", "broken.wav", "more/ż.flac")
    ]
    assert list(lines[0]["models"]) == list(lines[2]["models"]) == MODELS[1:]
    assert set(lines[1]) == {"file", "error"}
    assert "1 of 3 recordings could not be used" in result.stderr
    assert "labels.csv" in result.stderr


def test_many_say_what_one_says(tiny_checkpoints: Path) -> None:
    options = ("--no-text", "--json", "--checkpoints", tiny_checkpoints)
    together = ser("predict", *SPOKEN, *options)
    assert together.exit_code == 0
    for path, line in zip(SPOKEN, together.stdout.splitlines(), strict=True):
        alone = json.loads(ser("predict", path, *options).stdout)
        assert json.loads(line) == {"file": str(path), **alone}


def test_table(tiny_checkpoints: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.wav"
    result = ser(
        *("predict", SPOKEN[0], missing, SPOKEN[1], "--no-text", "--models", "text,audio"),
        *("--checkpoints", tiny_checkpoints),
    )
    assert result.exit_code == 1
    header, *lines = result.stdout.splitlines()
    assert header.split()[:4] == ["file", "model", "decision", "neutral"]
    of = {
        path: [line for line in lines if line.startswith(str(path))] for path in (*SPOKEN, missing)
    }
    assert [len(of[path]) for path in (*SPOKEN, missing)] == [2, 2, 1]
    assert of[SPOKEN[0]][0].split()[1] == "audio"
    assert of[SPOKEN[0]][0].split()[2] in CATEGORIES
    assert "It reads only the words" in of[SPOKEN[0]][1]
    assert "There is no such file, 'missing.wav'" in of[missing][0]


@pytest.mark.parametrize("place", ["first", "last", "dash", "equals", "named"])
def test_csv_wherever_it_stands(place: str, tiny_checkpoints: Path, tmp_path: Path) -> None:
    table = tmp_path / "out" / "table.csv"
    option = {"named": ["--csv", table], "dash": ["--csv", "-"], "equals": [f"--csv={table}"]}
    chosen = option.get(place, ["--csv"])
    broken = tmp_path / "=broken.wav"
    broken.write_bytes(b"RIFF nothing")
    arguments = [*SPOKEN, broken, "--no-text", "--models", "text,audio"]
    arguments += ["--checkpoints", tiny_checkpoints]
    first = place == "first"
    result = ser("predict", *(chosen if first else ()), *arguments, *(() if first else chosen))
    assert result.exit_code == 1
    data = table.read_bytes() if place in ("named", "equals") else result.stdout_bytes
    found = rows(data)
    assert [row["model"] for row in found] == ["audio", "text", "audio", "text", ""]
    assert sum(float(found[0][category]) for category in CATEGORIES) == pytest.approx(1)
    assert "only the words" in found[1]["problem"]
    assert found[0]["problem"] == ""
    assert found[4]["problem"].endswith(".")
    assert SPOKEN[0].stat().st_size > 1000  # no recording was taken for the table's name


def test_cells_are_safe_in_a_spreadsheet(tiny_checkpoints: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        shutil.copy(SPOKEN[0], "=cmd.flac")
        options = ("--models", "audio", "--checkpoints", tiny_checkpoints, "--csv")
        result = ser("predict", "=cmd.flac", "--transcript", "=1+1", *options)
    assert result.exit_code == 0
    (row,) = rows(result.stdout_bytes)
    assert (row["file"], row["transcript"]) == ("'=cmd.flac", "'=1+1")


def test_speaker_clips_without_the_clip_itself(tiny_checkpoints: Path, tmp_path: Path) -> None:
    paths = [shutil.copy(path, tmp_path / path.name) for path in SPOKEN]
    options = ("--no-text", "--json", "--checkpoints", tiny_checkpoints)
    result = ser("predict", *paths, "--speaker-clips", tmp_path, *options)
    assert result.exit_code == 0, result.stderr
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["speaker"]["clips"] == second["speaker"]["clips"] == 1
    assert first["speaker"]["sha256"] != second["speaker"]["sha256"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--transcript", "Hello"], "is of one recording"),
        (["--json", "--csv"], "not both"),
        (["--csv=table.txt"], "ends in .csv"),
        (["--no-text", "--models", "deep"], "Unknown model 'deep'"),
    ],
    ids=["transcript", "both", "suffix", "model"],
)
def test_mistakes(options: list[str], words: str, tiny_checkpoints: Path) -> None:
    result = ser("predict", *SPOKEN, *options, "--checkpoints", tiny_checkpoints)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert one_sentence(result.stderr)
    assert words in result.stderr


def test_a_name_of_two_lines_is_one_row(tiny_checkpoints: Path, tmp_path: Path) -> None:
    odd = shutil.copy(SPOKEN[0], tmp_path / "a\nb.flac")
    options = ("--no-text", "--models", "audio", "--checkpoints", tiny_checkpoints)
    result = ser("predict", odd, SPOKEN[1], *options)
    assert len(result.stdout.splitlines()) == 3
    assert "a_b.flac" in result.stdout


def test_an_empty_folder(tmp_path: Path) -> None:
    result = ser("predict", tmp_path)
    assert result.exit_code == 2
    assert one_sentence(result.stderr)
    assert "holds no recordings" in result.stderr
