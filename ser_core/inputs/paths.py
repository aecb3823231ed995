"""Whether a path is a file that can be read, said in a sentence before anything heavy is loaded."""

import os
from pathlib import Path

from ser_core.errors import CorruptAudioError


def display_name(name: str) -> str:
    """The base name of a path or upload, fit to be shown: printable, at most 100 characters."""
    base = name.replace("\\", "/").rstrip("/").rsplit("/", maxsplit=1)[-1].strip()
    printable = "".join(c if c.isprintable() else "_" for c in base)
    return printable[:100] or "recording"


def require_file(path: str | Path) -> None:
    """Check that a path names a regular file that may be read; its content is not looked at.

    Raises:
        CorruptAudioError: no name, standard input ("-"), a missing file, a folder, a device or
            pipe, or no permission; the sentence has the base name, not the folders above it.
    """
    text = os.fspath(path)
    shown = display_name(text)
    try:
        file = Path(path)
        if file.is_file():  # also a file that is named "-"
            if not os.access(file, os.R_OK):
                raise CorruptAudioError(
                    f"The file '{shown}' cannot be read: check its permissions."
                )
            return
        is_folder, exists = file.is_dir(), file.exists()
    except (OSError, ValueError):  # a name that no file can have
        is_folder = exists = False
    if not text.strip():
        raise CorruptAudioError("No file is named: give the name of a recording.")
    if text == "-":
        raise CorruptAudioError(
            "Standard input ('-') is not read: save the recording as a file and give its name."
        )
    if is_folder:
        raise CorruptAudioError(f"The path '{shown}' is a folder: name a recording in it.")
    if exists:
        raise CorruptAudioError(
            f"The path '{shown}' is a device or a pipe: save the recording as a file."
        )
    raise CorruptAudioError(f"There is no such file, '{shown}': check the name and the folder.")
