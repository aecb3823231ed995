"""Rows of a reference set as clips that pages know: what maps and tables show of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pages import _opening as opening
from pages import _own_sets as own_sets
from pages import _resources as resources
from pages import _state as state
from pages._selected import ClipRow, ClipSource, Value
from pages.components.scatter_maps import MappedSet

if TYPE_CHECKING:
    from ser_core.maps.reference import ReferenceSet

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
    sound = [row.source.has_sound for row in clip_rows(reference)]
    return MappedSet(identity, list(rows["title"]), list(rows["words"]), columns, sound)


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
    if ident in own_sets.uploads():
        return ClipSource("recording", ident)
    sound = Path(path) if Path(path).is_absolute() else (root / path if root and path else None)
    return ClipSource("reference", ident, sound)


def row_of(reference: "ReferenceSet", variant: state.Variant) -> int | None:
    """The row that a variant is, sound and words as they came; None where it is no row."""
    if variant.text is not None or not variant.use_words or variant.heard or variant.late_weight:
        return None
    clip = variant.clip
    ident = f"example/{clip.example}" if clip.example else opening.row_of(clip)
    found = reference.rows.index[reference.rows["id"] == ident]
    return int(found[0]) if len(found) else None
