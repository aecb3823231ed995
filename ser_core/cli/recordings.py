"""Recordings as the command line names them: files, and folders of files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ser_core.errors import SerError
from ser_core.inputs.formats import EXTENSIONS
from ser_core.inputs.paths import require_file

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.inputs.reference import SpeakerReference

_NAMED = 3  # files named in a sentence


def expand(given: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Files in the order given, each once, folders replaced by the recordings in them.

    Returns:
        The files, and sentences about what was passed over in folders. A file that is named
        itself is among the files whatever its name, also where there is none.

    Raises:
        SerError: a folder without recordings, or one that cannot be read.
    """
    files: dict[Path, None] = {}
    notes = []
    for path in given:
        if not path.is_dir():
            files[path] = None
            continue
        found, others = _in_folder(path)
        if not found:
            raise SerError(f"{path} holds no recordings: name a folder with some, or a file.")
        files |= dict.fromkeys(found)
        if others:
            named = ", ".join(other.name for other in others[:_NAMED])
            more = ", …" if len(others) > _NAMED else ""
            notes.append(
                f"{len(others)} of the files in {path} are no recordings by their names and are "
                f"passed over ({named}{more})."
            )
    return list(files), notes


def _in_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """The recordings below a folder by their names, and its other files, without hidden ones."""
    from ser_core.corpora.files import walk

    endings = tuple(f".{extension}" for extension in EXTENSIONS)
    files = list(walk(folder, ("",)))
    found = [path for path in files if path.name.lower().endswith(endings)]
    known = set(found)
    return found, [path for path in files if path not in known]


def require_any(given: Sequence[Path]) -> None:
    """Check what can be checked before the imports that take seconds.

    Raises:
        SerError: the only recording that is named is not there.
    """
    if len(given) == 1 and not given[0].is_dir():
        require_file(given[0])


def speaker_references(analyzer: "Analyzer", folder: Path) -> Callable[[Path], "SpeakerReference"]:
    """What is typical of the speaker of the recordings in a folder, for each clip without itself.

    Raises:
        SerError: no folder, or no recordings in it; the function returned: none beside the clip.
    """
    from ser_core.inputs.audio import load

    if not folder.is_dir():
        raise SerError(f"{folder} is no folder: give one with recordings of the speaker.")
    clips = {path.resolve(): load(path) for path in _in_folder(folder)[0]}

    def reference(clip: Path) -> "SpeakerReference":
        others = [heard for path, heard in clips.items() if path != clip.resolve()]
        if not others:
            raise SerError(f"{folder} holds no other recordings: give ten or more of the speaker.")
        return analyzer.reference(others)

    return reference
