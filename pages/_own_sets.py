"""The user's own sets of clips, known to all pages: corpora of the server's folder, and uploads."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import _choices as choices
from pages import _resources as resources
from ser_core.errors import SerError
from ser_core.inputs.formats import EXTENSIONS

if TYPE_CHECKING:
    from ser_core.corpora.table import Corpus
    from ser_core.inputs.audio import Clip
    from ser_core.maps.sources import RowSource

UPLOAD = "upload"
OPTION = "own.set"  # the one that was chosen last, on any page
_HELP = (
    "Labels come from a table with a column `file`, and any of `category`, `speaker`, `sex`, "
    "`transcript`, `arousal`, … With `speaker`, Evaluation can hear clips relative to their "
    "speaker's others. All of it stays in memory, for Map, Evaluation and Behaviour, and "
    "goes with this session. Of the numbers that the models make of it, a cache keeps those "
    "without names."
)


def data_folder() -> Path | None:
    """The folder of corpora that `ser app --data` names; None where it names none."""
    from ser_core.maps.sources import data_folder

    return data_folder()


def corpora() -> dict[str, Path]:
    """The folders in the one that the server was started with, by name, and itself, "."."""
    root = data_folder()
    if root is None:
        return {}
    folders = (f for f in sorted(root.iterdir()) if f.is_dir() and not f.name.startswith("."))
    return {**{folder.name: folder for folder in folders}, ".": root}


def offered() -> dict[str, str]:
    """What people read of all sets that the user can choose, by name.

    It never changes: Streamlit takes an option with another text for another option.
    """
    return {**{name: folder.name for name, folder in corpora().items()}, UPLOAD: "Your upload"}


def choose(label: str = "Clips of my own") -> str:
    """Which of them a page is about; the choice is that of all pages."""
    titles = offered()
    return choices.choose(OPTION, label, list(titles), titles.__getitem__)


def uploads() -> dict[str, bytes]:
    """The files that were uploaded in this session, by their paths."""
    found: dict[str, bytes] = st.session_state.get("own_uploads", {})
    return found


def ask_upload() -> None:
    """Where files are brought, with what was wrong with the last ones."""
    st.file_uploader(
        "Recordings or a ZIP of them, with a CSV of their labels if you like",
        [*EXTENSIONS, "zip", "csv", "tsv"],
        accept_multiple_files=True,
        key="own_files",
        on_change=_take,
        help=_HELP,
    )
    if uploads():
        st.caption(f"{_count(uploads())}, here and on the other pages of the survey.")
    if said := st.session_state.get("own_problem"):
        st.error(said, icon=":material/error:")


def _count(files: Mapping[str, bytes]) -> str:
    from ser_core.maps.uploads import TABLES

    number = sum(not name.lower().endswith(TABLES) for name in files)
    return "1 recording" if number == 1 else f"{number:,} recordings"


def _take() -> None:
    from ser_core.maps.uploads import unpack

    st.session_state.own_problem = ""
    files = {file.name: file.getvalue() for file in st.session_state.own_files}
    if not files:
        return
    try:
        st.session_state.own_uploads = unpack(files)
    except SerError as error:
        st.session_state.own_problem = str(error)


def rows_of(name: str) -> "RowSource":
    """A set's clips as rows of a reference set.

    Raises:
        CorpusError: there are no recordings, too many, or its table is damaged.
    """
    if name == UPLOAD:
        from ser_core.maps.uploads import uploaded

        return uploaded(uploads())
    from ser_core.maps.sources import own

    return own(corpora()[name])


def corpus_of(name: str, tests_only: bool = False) -> "tuple[Corpus, Callable[[Any], Clip]]":
    """A set as a corpus, and what reads the recordings of its table.

    Args:
        tests_only: see `resources.own_corpus`.

    Raises:
        CorpusError: it is no corpus that is known, has no recordings, or is damaged.
    """
    if name != UPLOAD:
        from ser_core.training.recordings import load_recording

        return resources.own_corpus(corpora()[name], tests_only), load_recording
    from ser_core.inputs.audio import load
    from ser_core.maps.uploads import as_corpus

    files = uploads()
    return as_corpus(rows_of(UPLOAD)), lambda path: load(files[path], name=path)


def key_of(name: str) -> str:
    """Changes with the clips of a set, as far as that is known without reading them."""
    if name != UPLOAD:
        return str(corpora()[name])
    return sha256(
        repr([(path, sha256(data).digest()) for path, data in uploads().items()]).encode()
    ).hexdigest()


def begun(key: str, settings: tuple[object, ...], label: str) -> bool:
    """Whether work on a set was asked for with these settings; where not, a button asks.

    Args:
        key: of the button.
        label: on it.
    """
    asked = f"{key}_asked"
    if st.session_state.get(asked) == settings:
        return True
    st.button(
        label,
        icon=":material/play_arrow:",
        key=key,
        on_click=lambda: st.session_state.update({asked: settings}),
    )
    return False
