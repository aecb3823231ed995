"""A path that is no readable file is told so by name, before anything heavy is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ser_core.errors import CorruptAudioError
from ser_core.inputs.audio import load
from ser_core.inputs.paths import display_name, require_file


def complaint(path: str | Path) -> str:
    with pytest.raises(CorruptAudioError) as caught:
        require_file(path)
    with pytest.raises(CorruptAudioError) as loaded:
        load(path)
    assert str(loaded.value) == str(caught.value)
    return str(caught.value)


def test_each_has_its_own_sentence_with_the_name(tmp_path: Path) -> None:
    pipe = tmp_path / "a pipe"
    os.mkfifo(pipe)
    folder = tmp_path / "my clips"
    folder.mkdir()
    said = {
        "missing": complaint(tmp_path / "nobody.wav"),
        "folder": complaint(folder),
        "pipe": complaint(pipe),
        "stdin": complaint("-"),
        "nothing": complaint(""),
    }
    assert len(set(said.values())) == len(said)
    assert "no such file, 'nobody.wav'" in said["missing"]
    assert "'my clips' is a folder" in said["folder"]
    assert "'a pipe'" in said["pipe"]
    assert "Standard input ('-')" in said["stdin"]
    assert all(str(tmp_path) not in sentence for sentence in said.values())


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    assert "no such file" in complaint("half\x00.wav")
    assert "no such file" in complaint(tmp_path / ("x" * 5000))
    assert "\n" not in complaint(tmp_path / "two\nlines.wav")


def test_a_file_that_is_called_minus_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(b"x")
    require_file("-")
    require_file(tmp_path / "-")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "locked.wav"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "permissions" in complaint(path)


def test_shown_names() -> None:
    assert display_name("C:\\clips\\a.wav") == "a.wav"
    assert display_name("/clips/folder/") == "folder"
    assert display_name("") == "recording"


@pytest.mark.parametrize("argument", ["-", "nobody.wav"])
def test_the_command_line_says_it_before_it_loads_torch(argument: str) -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from ser_core.cli import app\n"
        f"result = CliRunner().invoke(app, ['predict', {argument!r}])\n"
        "print(result.exit_code, [n for n in ('torch', 'numpy', 'av') if n in sys.modules])\n"
        "print(result.output)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("2 []\n"), result.stdout
    assert f"'{argument}'" in result.stdout
