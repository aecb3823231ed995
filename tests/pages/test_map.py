"""The map's server side; what is drawn and dragged is tested in Chromium."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import streamlit as st
from fixtures import tone
from reading import component, said, view
from streamlit.testing.v1 import AppTest

from pages import _map_parts as parts
from pages import _map_rows as map_rows
from pages import _opening as opening
from pages import _state as state
from ser_core.analysis import Analyzer
from ser_core.figures.scatter import MISSING, frame_of, pack_column, pack_points
from ser_core.maps.layers import Embedder
from ser_core.maps.making import make_reference
from ser_core.maps.reference import ReferenceSet, save
from ser_core.maps.sources import demonstration
from ser_core.synthesis.examples import load_examples

OpenPage = Callable[..., AppTest]
FIRST, SECOND, *_ = load_examples()


@pytest.fixture(scope="module")
def reference(checkpoints: Path, micro_corpora: Path) -> Iterator[ReferenceSet]:
    """A set beside the small checkpoints, and its corpora where the server knows them."""
    found = make_reference(demonstration(micro_corpora, 0), Embedder(Analyzer(checkpoints)))
    save(found, checkpoints / "reference")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_DATA", str(micro_corpora))
        yield found
    for file in (checkpoints / "reference").rglob("*.*"):
        file.unlink()
    st.cache_resource.clear()


@pytest.fixture
def open_map(open_page: OpenPage, reference: ReferenceSet) -> OpenPage:
    def open_map(**link: str) -> AppTest:
        at = open_page(**link)
        at.switch_page("pages/map.py")
        for key, value in link.items():
            at.query_params[key] = value
        return at.run()

    return open_map


def marks(at: AppTest) -> list[list[dict[str, object]]]:
    return [panel["marked"] for panel in component(at, "scatter_maps")["panels"]]


def unpack(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint16)


def test_five_maps_of_all_rows(open_map: OpenPage, reference: ReferenceSet) -> None:
    at = open_map(example=FIRST.id)
    assert not at.exception
    data = component(at, "scatter_maps")
    assert len(data["panels"]) == 5
    assert data["titles"] == list(reference.rows["title"])
    x = unpack(data["panels"][0]["x"])
    assert ((x == MISSING) == (reference.layers["text"].points < 0)).all()
    assert next(iter(data["columns"])) == "Category"
    assert "multistage: correct" in data["columns"]
    assert "trustworthiness" in data["panels"][1]["trust"]


def test_an_example_stands_on_its_own_point(open_map: OpenPage, reference: ReferenceSet) -> None:
    at = open_map(example=SECOND.id)
    row = list(reference.rows["id"]).index(f"example/{SECOND.id}")
    for panel in component(at, "scatter_maps")["panels"]:
        (mark,) = panel["marked"]
        point = [unpack(panel[axis])[row] / (MISSING - 1) for axis in "xy"]
        assert [mark["x"], mark["y"]] == pytest.approx(point, abs=1e-4)


def test_kept_variants_and_other_words_are_marked(open_map: OpenPage) -> None:
    at = open_map(example=FIRST.id)
    before = marks(at)
    first = view(at).current
    assert first is not None
    at.session_state["view"] = replace(
        view(at), current=replace(first, text="I am so happy for you!"), kept=(first,)
    )
    at.run()
    assert [mark["label"] for mark in marks(at)[0]] == ["1", "●"]
    for panel, old in zip(marks(at), before, strict=True):
        assert panel[0] == {**old[0], "label": "1", "current": False}
    moved = [panel[1]["x"] != panel[0]["x"] for panel in marks(at)]
    assert moved == [True, False, True, True, True]  # the voice has not changed


def test_neighbours_are_of_the_layer_and_the_first_is_the_clip(open_map: OpenPage) -> None:
    at = open_map(example=FIRST.id)
    table = next(frame.value for frame in at.dataframe if "Distance" in frame.value)
    assert len(table) == 10
    assert table["Distance"].iloc[0] == 0
    assert table["Distance"].is_monotonic_increasing
    assert table["Id"].iloc[0] == f"example/{FIRST.id}"


def test_quality_stands_beside_chance(open_map: OpenPage, reference: ReferenceSet) -> None:
    at = open_map(example=FIRST.id)
    table = next(frame.value for frame in at.dataframe if "Layer" in frame.value)
    of = reference.layers["audio"].purity["speaker"]
    row = table[table["Layer"] == "Audio"].iloc[0]
    assert row["Same speaker"] == f"{of.value:.2f} (chance {of.random:.2f})"
    assert "mean of its ten nearest neighbours" in said(at)


def test_a_row_is_opened_with_its_sound_and_words(
    reference: ReferenceSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.session_state.clear()
    rows = map_rows.clip_rows(reference)
    number = next(i for i, kind in enumerate(reference.rows["kind"]) if kind == "pair")
    assert opening.open_row(rows[number])
    now = state.view().current
    assert now is not None
    assert now.clip.script == reference.rows["words"][number]
    assert map_rows.row_of(reference, now) == number
    assert map_rows.row_of(reference, replace(now, text="other")) is None

    monkeypatch.delenv("SER_DATA")
    silent = map_rows._clip_rows(reference)[number]
    assert not silent.source.has_sound
    assert not opening.open_row(silent)
    assert "ser app --data" in st.session_state.not_opened
    assert state.view().current == now


def test_models_that_changed_have_no_places(open_map: OpenPage, reference: ReferenceSet) -> None:
    other = replace(reference, models=dict.fromkeys(reference.models, "changed"))
    first = view(open_map(example=FIRST.id)).current
    assert first is not None
    assert parts.locate(other, [first], Analyzer()) == [{}]


def test_no_reference_set_is_one_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ser_core.maps.reference.find_reference", lambda: tmp_path)
    at = open_page()
    at.switch_page("pages/map.py").run()
    assert not at.exception
    assert "ser map --data" in at.info[0].value


class TestOwnCorpus:
    @pytest.fixture
    def data(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("SER_DATA", str(tmp_path))
        monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
        (tmp_path / "mine").mkdir()
        for number, category in enumerate(["happy", "sad", "angry", "happy"]):
            samples = tone(category, 0.8, number)
            soundfile.write(tmp_path / "mine" / f"clip{number}.wav", samples, 16_000)
        return tmp_path

    def finished(self, at: AppTest) -> AppTest:
        for _ in range(60):
            if any("scatter_maps" in e.proto.component_name for e in at.get("bidi_component")):
                return at
            at.run()
        raise AssertionError("the map did not come")

    def test_a_folder_becomes_a_map(self, open_map: OpenPage, data: Path) -> None:
        (data / "mine" / "broken.wav").write_bytes(b"nonsense " * 20)
        at = self.finished(open_map(example=FIRST.id, **{"map.clips": "mine"}))
        assert component(at, "scatter_maps")["titles"] == [f"clip{n}.wav" for n in range(4)]
        assert "Left out: broken.wav" in said(at)
        assert "cannot be told" in said(at)

    def test_a_folder_without_recordings_is_one_sentence(
        self, open_map: OpenPage, data: Path
    ) -> None:
        (data / "empty").mkdir()
        at = open_map(example=FIRST.id, **{"map.clips": "empty"})
        assert not at.exception
        assert any("recordings" in info.value for info in at.info)

    def test_uploads_become_a_map_that_plays(self, open_map: OpenPage, data: Path) -> None:
        at = open_map(example=FIRST.id, **{"map.clips": "upload"})
        assert any("choose some audio files" in info.value for info in at.info)
        files = {path.name: path.read_bytes() for path in sorted((data / "mine").iterdir())}
        at.session_state["own_uploads"] = files
        at = self.finished(at.run())
        assert component(at, "scatter_maps")["titles"] == list(files)
        near = next(frame.value for frame in at.dataframe if "Distance" in frame.value)
        assert near["Sound"].str.contains("Play").all()


class TestPacking:
    def test_coordinates_keep_their_proportions(self) -> None:
        points = np.array([[0, 0], [10, 0], [0, 5], [np.nan, np.nan]], np.float32)
        frame = frame_of(points)
        x, y = (np.frombuffer(one, np.uint16) for one in pack_points(points, frame))
        assert x.tolist() == [0, 65534, 0, MISSING]
        assert (int(y[2]) - int(y[0])) / 65534 == pytest.approx(0.5, abs=1e-4)
        assert y[3] == MISSING
        assert frame.to_unit(np.array([99.0, -99.0])).tolist() == [1.0, 0.0]

    def test_columns(self) -> None:
        column = pack_column(pd.Series(["sad", "", "neutral", "sad"]))
        assert column is not None
        assert column.values == ("neutral", "sad", "none")
        assert np.frombuffer(column.packed, np.uint16).tolist() == [1, 2, 0, 1]
        assert len(set(column.colours)) == 3
        numbers = pack_column(pd.Series([0.2, np.nan, 0.9]))
        assert numbers is not None
        assert (numbers.low, numbers.high, numbers.values) == (0, 1, None)
        for alike in (["a", "a"], ["", ""], [0.5, 0.5], [str(n) for n in range(99)]):
            assert pack_column(pd.Series(alike)) is None
