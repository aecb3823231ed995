"""The parts of the map: which clips and layers, where the user's clips lie, what is near."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages import _choices as choices
from pages import _map_rows as map_rows
from pages import _opening as opening
from pages import _resources as resources
from pages import _selected as selected
from pages import _state as state
from pages import _words as words
from pages._markdown import escape
from pages.components.hover_sound import hover_sound
from pages.components.scatter_maps import MapPanel, Mark, scatter_maps

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.maps.layers import Embedded
    from ser_core.maps.projection import Placed
    from ser_core.maps.reference import Layer, ReferenceSet

MOST_MAPS = 5
KEY = "maps"
PROJECTIONS = {"umap": "UMAP", "pca": "PCA"}

MEANING = """
A point is a clip with its words. Clips are close on a map where the layer gives similar numbers.

- **Distances are meant in the layer**, which has up to 512 numbers; a map has two. The neighbours
  in the table are the nearest in the layer, and so are their distances. Trustworthiness says how
  far neighbours on a map are neighbours in the layer: 1 is all of them.
- **PCA** keeps directions and distances as far as two axes can. **UMAP** keeps neighbourhoods: the
  size of a group, the gaps between groups and the empty space mean nothing.
- **Your clip** is projected by PCA as the others were. UMAP has no place for a clip that it has
  not seen: there it stands at the mean of its ten nearest neighbours' points, weighted by the
  inverse of their distances. The reference points never move.
- **Play on hover** lets you hear the point under the pointer, and the space bar the one that the
  arrow keys chose, where its sound is here.
- **Close is not the same as alike to people.** A layer also holds who speaks, the microphone and
  the language: see what the neighbours share, below.
- **Late fusion** has no layer of its own: its map shows its outputs. The text model and e put all
  clips of one sentence on one point.
- **Pairs** are acted clips with written sentences: a construction, not real speech.
"""


def ask(reference: "ReferenceSet") -> tuple[list[str], str]:
    """Which layers are mapped, and how."""
    known = list(reference.layers)
    usual = [name for name in known if "." not in name][:MOST_MAPS]
    asked = state.option("map.layers", [",".join(usual), *_asked_layers(known)])
    chosen = asked.split(",")
    there = {p for name in chosen for p in reference.layers[name].coordinates}
    ways = [p for p in PROJECTIONS if p in there]
    if st.session_state.get("map_layers") != chosen:
        st.session_state.map_layers = chosen
    st.multiselect(
        "Maps",
        known,
        format_func=lambda name: _short(reference.layers[name]),
        max_selections=MOST_MAPS,
        key="map_layers",
        on_change=_take_layers,
    )
    with st.container(width=120):
        way = choices.choose("map.projection", "Projection", ways, PROJECTIONS.__getitem__)
    return chosen, way


def _asked_layers(known: list[str]) -> list[str]:
    """The layers of the address, where all of them are there."""
    asked = dict(state.view().options).get("map.layers", "").split(",")
    return [",".join(asked)] if asked and set(asked) <= set(known) else []


def _take_layers() -> None:
    if st.session_state.map_layers:
        state.set_option("map.layers", ",".join(st.session_state.map_layers))


def _short(layer: "Layer") -> str:
    """A layer's title without what goes without saying."""
    return layer.title.removesuffix(": last hidden layer").removesuffix(
        ", mean over time and bands"
    )


def locate(
    reference: "ReferenceSet", variants: list[state.Variant], analyzer: "Analyzer"
) -> "list[dict[str, Placed]]":
    """Where each variant lies, by layer; nowhere in layers of models that have changed since."""
    models = analyzer.models
    fitting = set(reference.fits({name: one.digest for name, one in models.items()}))
    fitting = {name for name in fitting if fitting.issuperset(models[name].model.parents)}
    layers = [
        layer
        for name, layer in reference.layers.items()
        if name.partition(".")[0] in fitting or (name == "e" and fitting)
    ]
    return [_place(reference, layers, variant) for variant in variants]


def _place(
    reference: "ReferenceSet", layers: "list[Layer]", variant: state.Variant
) -> "dict[str, Placed]":
    from ser_core.maps.projection import place, place_row

    row = map_rows.row_of(reference, variant)
    if row is not None:
        found = {layer.name: place_row(layer, row) for layer in layers}
        return {name: placed for name, placed in found.items() if placed is not None}
    vectors = _embed(variant).vectors
    return {
        layer.name: place(layer, vectors[layer.name]) for layer in layers if layer.name in vectors
    }


def _embed(variant: state.Variant) -> "Embedded":
    said = words.as_they_stand(variant)
    text = said.text if said.usable(variant.accepted) else None
    return resources.embedder().embed(variant.clip.clip, text, variant.late_weight)


def maps(
    reference: "ReferenceSet",
    names: list[str],
    projection: str,
    places: "list[dict[str, Placed]]",
) -> None:
    """The maps side by side; `places` are the kept variants' and, last, the current clip's."""
    mapped = map_rows.mapped_set(reference)
    options = dict(state.view().options)
    at = {row.id: number for number, row in enumerate(map_rows.clip_rows(reference))}
    chosen = [at[row.id] for row in selected.selected() if row.id in at]
    panels = [_panel(reference.layers[name], projection, places) for name in names]
    scatter_maps(
        mapped,
        panels,
        KEY,
        look={name: options.get(f"map.{name}", "") for name in ("colour", "shape", "hear")},
        selected=chosen,
        on_select=lambda rows: _select(reference, rows),
        on_click=lambda row: opening.open_row(map_rows.clip_rows(reference)[row]),
        on_look=_look,
    )
    hover_sound(
        "map_sound", mapped.id, lambda row: opening.wav_of(map_rows.clip_rows(reference)[row])
    )


def _panel(layer: "Layer", projection: str, places: "list[dict[str, Placed]]") -> MapPanel:
    way = projection if projection in layer.coordinates else "pca"
    marks = []
    for number, placed in enumerate(places, 1):
        if layer.name in placed:
            x, y = placed[layer.name].coordinates[way].tolist()
            last = number == len(places)
            marks.append(Mark((x, y), "●" if last else str(number), current=last))
    trust = f"{PROJECTIONS[way]}, trustworthiness "
    trust += f"{layer.trust[way]:.2f}" if way in layer.trust else "not defined: too few points"
    if places and layer.name in places[-1] and _beyond(layer, way, places[-1][layer.name]):
        trust += "; ● lies beyond the edge"
    tells = ("Category", "Kind", "Speaker", *map_rows.told_of(layer.name))
    return MapPanel(_short(layer), layer.on_map(way), trust, tuple(marks), tells)


def _beyond(layer: "Layer", way: str, placed: "Placed") -> bool:
    """Whether a clip lies outside of the square that holds all points."""
    from ser_core.figures.scatter import frame_of

    frame = frame_of(layer.coordinates[way])
    unit = (placed.coordinates[way] - frame.low) / frame.span
    return bool(((unit < -1e-6) | (unit > 1 + 1e-6)).any())


def _select(reference: "ReferenceSet", rows: list[int]) -> None:
    known = map_rows.clip_rows(reference)
    selected.select(known[row] for row in rows)


def _look(look: dict[str, str]) -> None:
    for name, value in look.items():
        state.set_option(f"map.{name}", value)


def say_places(
    names: list[str], places: "list[dict[str, Placed]]", kept: tuple[state.Variant, ...]
) -> None:
    """What the marks are, and where there are none."""
    current = places[-1]
    missing = [name for name in names if name not in current]
    text = "**●** is the current clip"
    if kept:
        text += "; " + ", ".join(
            f"**{number}** {escape(variant.clip.title)}" for number, variant in enumerate(kept, 1)
        )
        text += ": kept variants, joined by the dashed path"
    if len(missing) == len(names):
        text = (
            "The current clip has no place here: these maps were made with other models, or they "
            "need words and the clip has none."
        )
    elif missing:
        text += ". It has no place where a model needs words and there are none"
    st.caption(f"{text}.")


def neighbours(
    reference: "ReferenceSet", names: list[str], placed: "dict[str, Placed]"
) -> pd.DataFrame:
    """The ten nearest in a layer that the user chooses."""
    able = [name for name in reversed(names) if name in placed]
    name = choices.choose("map.near", "Nearest in", able, lambda one: _short(reference.layers[one]))
    found = placed[name]
    known = map_rows.clip_rows(reference)
    rows = [
        replace(known[row], values={"Distance": float(distance), **known[row].values})
        for row, distance in zip(found.rows, found.distances, strict=True)
    ]
    opening.table(rows, "neighbours")
    layer = reference.layers[name]
    st.caption(
        f"By Euclidean distance in {layer.kept.components} principal components of "
        f"{layer.kept.size} numbers, which keep {layer.kept.variance:.1%} of their variance; of "
        "clips that are the same to this layer the first is shown."
    )
    return pd.DataFrame([{"id": row.id, **row.values} for row in rows])


def quality(reference: "ReferenceSet", names: list[str]) -> None:
    """Trustworthiness of each map, and what neighbours share, beside chance."""
    columns = {column for name in names for column in reference.layers[name].purity}
    untold = [name for name in ("category", "speaker", "corpus") if name not in columns]
    if untold:
        st.caption(
            f"Whether neighbours share their {' or '.join(untold)} cannot be told: the clips have "
            "fewer than two different ones."
        )
    lines = []
    for name in names:
        layer = reference.layers[name]
        line = {"Layer": _short(layer)}
        for way, title in PROJECTIONS.items():
            found = layer.trust.get(way)
            line[f"Trustworthiness, {title}"] = "–" if found is None else f"{found:.2f}"
        for column in sorted(columns):
            one = layer.purity.get(column)
            line[f"Same {column}"] = f"{one.value:.2f} (chance {one.random:.2f})" if one else "–"
        lines.append(line)
    st.dataframe(pd.DataFrame(lines), hide_index=True, alt="Quality of the maps by layer")
    st.caption(
        "“Same …” is the share of a clip's ten nearest neighbours in the layer that have its "
        "label, beside what random neighbours would have; clips as they are, without pairs."
    )
