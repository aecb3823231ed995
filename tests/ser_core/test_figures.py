import json
from itertools import combinations
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from ser_core.analysis import Analysis, Prediction
from ser_core.figures import (
    CATEGORY_COLOURS,
    Row,
    agreement,
    make_rows,
    model_style,
    plane,
)
from ser_core.figures.circumplex import _CHARACTER, _LINE, _label_places, _overlap
from ser_core.figures.rows import majority
from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.config import ModelConfig

TITLES = {"text": "Text", "audio": "Audio", "late": "Late fusion", "multi": "Multistage fusion"}


def prediction(decision: str | None, p: float = 0.7, valence: float = 0.6) -> Prediction:
    rest = (1.0 - p) / 3.0
    probabilities = {c: p if c == decision else rest for c in CATEGORIES} if decision else {}
    dimensions = {"arousal": 0.4, "valence": valence, "dominance": 0.55}
    return Prediction("m", probabilities, dimensions, used_text=True)


def row(name: str, now: Prediction | None, other: Prediction | None = None, **kw: bool) -> Row:
    reference = kw.get("reference", False)
    position = list(TITLES).index(name) if name in TITLES else 0
    return Row(
        name, TITLES.get(name, name), now, other, reference, model_style(position, reference)
    )


@pytest.fixture
def rows() -> list[Row]:
    return [
        row("text", prediction("angry", 0.9), prediction("happy", 0.6, valence=0.9)),
        row("audio", prediction("happy", 0.5), prediction("happy", 0.5)),
        row("late", prediction("happy", 0.45), prediction("happy", 0.8)),
        row("multi", prediction("happy", 0.8), prediction("sad", 0.8, valence=0.1)),
    ]


def named(figure: go.Figure, name: str) -> go.Figure:
    (trace,) = [t for t in figure.data if t.name == name]
    return trace


def texts(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


@pytest.fixture(scope="module")
def clip() -> Clip:
    time = np.arange(32_000) / 16_000
    return from_samples(0.3 * np.sin(2 * np.pi * 1000 * time), 16_000)


class TestRows:
    def models(self) -> dict[str, Checkpoint]:
        def checkpoint(name: str, title: str, reference: bool = False) -> Checkpoint:
            return Checkpoint(Path(), name, title, ModelConfig("audio"), reference=reference)

        return {
            "ref": checkpoint("ref", "Reference", reference=True),
            "text": checkpoint("text", "Text"),
            "audio": checkpoint("audio", "Audio"),
        }

    def test_skipped_models_keep_their_row_and_references_come_last(self, clip: Clip) -> None:
        analysis = Analysis(
            clip,
            Transcript.none(),
            {"audio": prediction("sad"), "ref": prediction("happy")},
            skipped={"text": "It reads only the words, and there are none."},
        )
        found = make_rows(analysis, self.models())
        assert [r.title for r in found] == ["Text", "Audio", "Reference"]
        assert found[0].prediction is None
        assert [r.decision for r in found] == [None, "sad", "happy"]

    def test_models_that_were_not_asked_have_no_row(self, clip: Clip) -> None:
        analysis = Analysis(clip, Transcript.none(), {"audio": prediction("sad")})
        assert [r.name for r in make_rows(analysis, self.models())] == ["audio"]

    def test_a_style_belongs_to_the_model_whatever_was_skipped(self, clip: Clip) -> None:
        both = {"text": prediction("sad"), "audio": prediction("sad")}
        full = make_rows(Analysis(clip, Transcript.typed("a"), both), self.models())
        less = make_rows(
            Analysis(clip, Transcript.none(), {"audio": prediction("sad")}, {"text": "No words."}),
            self.models(),
        )
        assert [r.style for r in full] == [r.style for r in less]
        assert full[0].style != full[1].style

    def test_alike_values_are_not_a_difference(self) -> None:
        base = prediction("happy", 0.5)
        assert row("audio", base, prediction("happy", 0.5)).other_value("happy") is None
        assert row("audio", base, prediction("happy", 0.6)).other_value("happy") == 0.6


class TestAgreement:
    @pytest.mark.parametrize(
        ("decisions", "sentence"),
        [
            (["happy"] * 4, "All four models say happy."),
            (["angry", "happy", "happy", "happy"], "3 of 4 say happy; Text says angry."),
            (["angry", "angry", "happy", None], "2 of 3 say angry; Late fusion says happy."),
            (
                ["angry", "angry", "happy", "happy"],
                "No majority: Text and Audio say angry; Late fusion and Multistage fusion say "
                "happy.",
            ),
            (
                ["sad", "angry", "happy", "happy"],
                "No majority: Text says sad; Audio says angry; Late fusion and Multistage fusion "
                "say happy.",
            ),
            ([None, "sad", None, None], "Audio says sad."),
            ([None] * 4, "No model gives a category."),
        ],
    )
    def test_sentence(self, decisions: list[str | None], sentence: str) -> None:
        found = [
            row(name, prediction(d) if d else None)
            for name, d in zip(TITLES, decisions, strict=True)
        ]
        assert agreement(found) == sentence

    def test_references_do_not_vote(self) -> None:
        found = [
            row("text", prediction("sad")),
            row("audio", prediction("sad")),
            *(row(f"ref{i}", prediction("happy"), reference=True) for i in range(3)),
        ]
        assert majority(found) == "sad"
        assert agreement(found) == "Both models say sad."


class TestPlane:
    def test_every_model_is_a_labelled_point_on_a_square(self, rows: list[Row]) -> None:
        figure = plane(rows)
        for r in rows:
            trace = named(figure, r.title)
            assert (trace.x[0], trace.y[0]) == (0.6, 0.4)
            assert "valence 0.600, arousal 0.400" in trace.hovertemplate
            assert r.title in texts(figure)
        assert tuple(figure.layout.xaxis.range) == tuple(figure.layout.yaxis.range) == (0, 1)
        assert figure.layout.yaxis.scaleanchor == "x"

    def test_before_is_hollow_with_a_line_to_after_only_where_it_moved(
        self, rows: list[Row]
    ) -> None:
        figure = plane(rows)
        before = [t for t in figure.data if t.name.endswith(", before")]
        assert [t.name for t in before] == ["Text, before", "Multistage fusion, before"]
        assert list(before[0].x) == [0.9, 0.6]
        assert before[0].mode == "lines+markers"
        assert before[0].marker.symbol == "circle-open"
        assert list(before[0].marker.size)[1] == 0  # the line's end is the full point itself

    def test_norms_and_quadrants_are_named(self, rows: list[Row]) -> None:
        figure = plane(rows)
        norms = named(figure, "norms")
        assert list(norms.text) == list(CATEGORIES)
        at = dict(zip(norms.text, zip(norms.x, norms.y, strict=True), strict=True))
        assert at["neutral"] == (0.5, 0.5)
        assert at["angry"][0] < 0.5 < at["angry"][1]
        assert at["sad"][0] < 0.5 > at["sad"][1]
        assert {"<i>tense</i>", "<i>excited</i>", "<i>tired</i>", "<i>relaxed</i>"} <= set(
            texts(figure)
        )

    def test_a_model_without_dimensions_is_left_out(self, rows: list[Row]) -> None:
        figure = plane([*rows, row("x", None), row("y", Prediction("y", {}, {}, False))])
        assert len([t for t in figure.data if t.name != "norms" and "before" not in t.name]) == 4

    def test_labels_of_close_points_do_not_cover_each_other(self) -> None:
        points = [(f"A long model name {i}", (0.5 + 0.01 * i, 0.5)) for i in range(5)]
        places = _label_places(points, [at for _, at in points])
        boxes = []
        for (title, _), (x, y, anchor) in zip(points, places, strict=True):
            width = _CHARACTER * len(title)
            left = x if anchor == "left" else x - width
            half = _LINE / 2
            boxes.append((left, y - half, left + width, y + half))
            assert -0.01 <= left <= left + width <= 1.01
        assert all(_overlap(a, b) < 1e-9 for a, b in combinations(boxes, 2))


def test_figures_are_json_and_stand_on_any_background(rows: list[Row]) -> None:
    layout = json.loads(plane(rows).to_json())["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "color" not in layout["font"]  # the page's theme chooses it


def test_no_category_has_a_models_colour() -> None:
    models = {model_style(i).colour for i in range(5)}
    assert len(models) == 5
    assert not models & set(CATEGORY_COLOURS.values())
