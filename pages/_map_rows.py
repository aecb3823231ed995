"""Rows of a reference set as clips that pages know: shown, played, opened elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages import _clip_table as clip_table
from pages import _resources as resources
from pages import _state as state
from pages._selected import ClipRow, ClipSource, Value
from pages.components.scatter_maps import MappedSet
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.maps.reference import ReferenceSet

PAGES = {"Compare": "pages/compare.py", "Attribution": "pages/attribution.py"}
TITLES = {
    "category": "Category",
    "voice": "Voice category",
    "said": "Words category",
    "kind": "Kind",
    "corpus": "Corpus",
    "speaker": "Speaker",
    "sex": "Sex",
    "language": "Language",
    "emotion": "Acted emotion",
    "arousal": "Arousal",
    "valence": "Valence",
    "dominance": "Dominance",
    "duration_s": "Seconds",
}
_UNSEEN = {"id", "title", "example", "path", "words"}


def heading(column: str) -> str:
    """A column's name for people, such as "multistage: decision"."""
    return TITLES.get(column) or column.replace(".", ": ")


def told_of(layer: str) -> tuple[str, ...]:
    """Columns that belong to a layer: what its model says."""
    model = layer.partition(".")[0]
    return tuple(f"{model}: {what}" for what in ("decision", "confidence", "correct"))


def mapped_set(reference: "ReferenceSet") -> MappedSet:
    """What the maps share; made once for a set."""
    return resources.made_of(reference, _mapped_set)


def _mapped_set(reference: "ReferenceSet") -> MappedSet:
    from ser_core.figures.scatter import pack_column

    rows = reference.rows
    others = [name for name in rows if name not in {*TITLES, *_UNSEEN}]
    names = [name for name in (*TITLES, *others) if name in rows]
    packed = {heading(str(name)): pack_column(rows[name]) for name in names}
    columns = {name: column for name, column in packed.items() if column is not None}
    identity = f"{reference.name} {len(rows)} {pd.util.hash_pandas_object(rows['id']).sum()}"
    return MappedSet(identity, list(rows["title"]), list(rows["words"]), columns)


def clip_rows(reference: "ReferenceSet") -> list[ClipRow]:
    """All rows as clips; made once for a set."""
    return resources.made_of(reference, _clip_rows)


def _clip_rows(reference: "ReferenceSet") -> list[ClipRow]:
    from ser_core.maps.sources import data_folder

    rows, root = reference.rows, data_folder()
    shown = [str(name) for name in rows if name not in _UNSEEN]
    columns = [rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in shown]
    headings = [heading(name) for name in shown]
    found = []
    for number, (ident, title, example, path, words) in enumerate(
        zip(*(rows[name] for name in ("id", "title", "example", "path", "words")), strict=True)
    ):
        values: dict[str, Value] = {"Words": words or None}
        values |= {
            name: column[number] if column[number] != "" else None
            for name, column in zip(headings, columns, strict=True)
        }
        found.append(ClipRow(ident, title, _source(ident, example, path, root), values))
    return found


def _source(ident: str, example: str, path: str, root: Path | None) -> ClipSource:
    if example:
        return ClipSource("example", example)
    if ident in uploads():
        return ClipSource("recording", ident)
    sound = Path(path) if Path(path).is_absolute() else (root / path if root and path else None)
    return ClipSource("reference", ident, sound)


def keep_uploads(files: dict[str, bytes]) -> None:
    """Keep what the user uploads to map, in this session's memory."""
    st.session_state.map_uploads = files


def uploads() -> dict[str, bytes]:
    """The recordings that were uploaded to map, by name."""
    found: dict[str, bytes] = st.session_state.get("map_uploads", {})
    return found


def row_of(reference: "ReferenceSet", variant: state.Variant) -> int | None:
    """The row that a variant is, sound and words as they came; None where it is no row."""
    if variant.text is not None or not variant.use_words or variant.heard or variant.late_weight:
        return None
    clip = variant.clip
    opened = st.session_state.get("map_opened", {})
    ident = f"example/{clip.example}" if clip.example else opened.get(clip.token)
    found = reference.rows.index[reference.rows["id"] == ident]
    return int(found[0]) if len(found) else None


def open_row(row: ClipRow, reference: "ReferenceSet") -> bool:
    """Make a row the current clip, with its words; where it has no sound, say so."""
    if row.source.kind == "example":
        state.open_example(row.source.name)
        return True
    sound = uploads().get(row.source.name) or row.source.path
    if sound is None:
        st.session_state.map_said = (
            f"“{row.title}” cannot be played: only its numbers are kept. Start the app by "
            "`ser app --data FOLDER` with the folder of the corpora to hear it."
        )
        return False
    from ser_core.inputs.audio import load

    try:
        clip = load(sound, name=row.title)
    except SerError as error:
        st.session_state.map_said = f"“{row.title}” cannot be opened: {error}"
        return False
    state.open_made(clip, row.title, str(row.values.get("Words") or ""))
    now = state.view().current
    assert now is not None
    st.session_state.setdefault("map_opened", {})[now.clip.token] = row.id
    return True


def table(rows: Sequence[ClipRow], key: str, reference: "ReferenceSet", empty: str = "") -> None:
    """The clip table, with what it does here."""

    def play(row: ClipRow) -> None:
        if open_row(row, reference):
            now = state.view().current
            st.session_state.play_now = now.clip.clip.digest if now else ""

    def open_in(row: ClipRow, page: str) -> None:
        if open_row(row, reference):
            st.switch_page(PAGES[page])

    clip_table.show(rows, key, play=play, open_in=open_in, pages=list(PAGES), empty=empty)


def say() -> None:
    """What could not be done in the last run."""
    if said := st.session_state.pop("map_said", ""):
        st.toast(said, icon=":material/volume_off:")
