import json
from dataclasses import replace
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
    category_grid,
    dimension_grid,
    make_rows,
    model_style,
    plane,
    sound,
)
from ser_core.figures.circumplex import _CHARACTER, _LINE, _label_places, _overlap
from ser_core.figures.rows import majority
from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.features import log_mel, mel_frequencies
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS
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


class TestCategoryGrid:
    def test_every_column_has_the_same_scale_and_all_models(self, rows: list[Row]) -> None:
        figure = category_grid(rows)
        axes = list(figure.select_xaxes())
        assert len(axes) == len(CATEGORIES)
        assert len({tuple(axis.range) for axis in axes}) == 1
        widths = [axis.domain[1] - axis.domain[0] for axis in axes]
        assert np.allclose(widths, widths[0])
        for name in CATEGORIES:
            trace = named(figure, name)
            assert list(trace.y) == [0, 1, 2, 3]
            assert list(trace.x) == [r.prediction.probabilities[name] for r in rows]
            assert trace.marker.color == CATEGORY_COLOURS[name]
        assert all(any(f"<b>{title}</b>" in t for t in texts(figure)) for title in TITLES.values())

    def test_the_decision_is_marked_in_the_cell_and_said_beside_the_name(
        self, rows: list[Row]
    ) -> None:
        figure = category_grid(rows)
        assert list(named(figure, "happy decided").y) == [1, 2, 3]
        assert list(named(figure, "angry decided").y) == [0]
        assert list(named(figure, "sad decided").y) == []
        assert list(named(figure, "happy").marker.opacity) == [0.5, 1.0, 1.0, 1.0]
        assert "<b>Audio</b><br>happy" in texts(figure)

    def test_the_row_that_disagrees_is_tinted_and_says_so(self, rows: list[Row]) -> None:
        figure = category_grid(rows)
        assert "<b>Text</b><br>≠ angry" in texts(figure)
        (band,) = [s for s in figure.layout.shapes if s.xref == "paper"]
        assert band.y0 < 0 < band.y1 < 1
        alike = category_grid([r for r in rows if r.decision == "happy"])
        assert not [s for s in alike.layout.shapes if s.xref == "paper"]
        assert not [t for t in texts(alike) if "≠" in t]

    def test_hover_gives_the_numbers_and_the_change(self, rows: list[Row]) -> None:
        hover = named(category_grid(rows, compared="pinned"), "angry, scale").customdata
        assert hover[0] == "<b>Text</b><br>angry 0.900<br>pinned 0.133 (+0.767)"
        assert hover[1] == "<b>Audio</b><br>angry 0.167"
        assert list(named(category_grid(rows), "angry, scale").x) == [1.0] * 4  # wherever pointed

    def test_the_other_analysis_is_an_empty_bar_only_where_it_differs(
        self, rows: list[Row]
    ) -> None:
        trace = named(category_grid(rows, compared="pinned"), "happy, pinned")
        assert list(trace.y) == [0, 2, 3]
        assert trace.marker.color == "rgba(0,0,0,0)"
        assert trace.marker.line.width > 0
        alone = category_grid([replace(r, other=None) for r in rows])
        assert list(named(alone, "happy, before").x) == []

    def test_a_model_without_words_keeps_an_empty_row(self, rows: list[Row]) -> None:
        figure = category_grid([replace(rows[0], prediction=None), *rows[1:]])
        assert list(named(figure, "happy").y) == [1, 2, 3]
        (note,) = [a for a in figure.layout.annotations if a.text == "<i>needs words</i>"]
        assert note.y == 0

    def test_a_model_without_this_head_says_so(self, rows: list[Row]) -> None:
        figure = category_grid([*rows, row("dims", prediction(None))])
        assert "<i>no such output</i>" in texts(figure)

    def test_references_stand_below_a_rule(self, rows: list[Row]) -> None:
        figure = category_grid([*rows, row("ref", prediction("happy"), reference=True)])
        (rule,) = [s for s in figure.layout.shapes if s.type == "line"]
        last, reference = named(figure, "happy").y[-2:]
        assert last < rule.y0 == rule.y1 < reference
        assert reference - last > 1

    def test_columns_are_what_the_models_have(self) -> None:
        two = Prediction("m", {"bored": 0.8, "keen": 0.2}, {"valence": 0.3}, used_text=False)
        assert texts(category_grid([row("text", two)]))[1:] == [
            "<b>bored</b>",
            "<b>keen</b>",
        ]
        assert len(list(dimension_grid([row("text", two)]).select_xaxes())) == 1

    def test_no_rows_is_a_figure(self) -> None:
        assert category_grid([]).data


class TestDimensionGrid:
    def test_same_scale_rows_and_values(self, rows: list[Row]) -> None:
        figure = dimension_grid(rows)
        assert len({tuple(axis.range) for axis in figure.select_xaxes()}) == 1
        assert figure.layout.height == category_grid(rows).layout.height
        assert tuple(figure.layout.yaxis.range) == tuple(category_grid(rows).layout.yaxis.range)
        for name in DIMENSIONS:
            trace = named(figure, name)
            assert list(trace.x) == [r.prediction.dimensions[name] for r in rows]
            assert list(trace.y) == [0, 1, 2, 3]

    def test_values_are_drawn_from_the_neutral_point(self, rows: list[Row]) -> None:
        lines = [t for t in dimension_grid(rows).data if t.name == "from neutral"]
        assert len(lines) == len(rows) * len(DIMENSIONS)
        assert all(line.x[0] == 0.5 for line in lines)

    def test_models_differ_by_symbol_and_colour_and_before_is_hollow(self, rows: list[Row]) -> None:
        figure = dimension_grid(rows)
        marker = named(figure, "valence").marker
        assert len(set(marker.symbol)) == len(set(marker.color)) == len(rows)
        before = named(figure, "valence, before")
        assert list(before.y) == [0, 3]
        assert all(symbol.endswith("-open") for symbol in before.marker.symbol)
        assert (
            "valence 0.600<br>before 0.900 (-0.300)"
            in named(figure, "valence, scale").customdata[0]
        )

    def test_headers_explain_the_poles(self, rows: list[Row]) -> None:
        assert any("calm–excited" in text for text in texts(dimension_grid(rows)))


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


class TestSound:
    @pytest.fixture(scope="class")
    def figure(self, clip: Clip) -> go.Figure:
        mel = log_mel(clip.samples.copy()).numpy()
        return sound(clip.samples, clip.sample_rate, mel, mel_frequencies(), 100.0)

    def test_both_share_the_time_axis_in_seconds(self, figure: go.Figure, clip: Clip) -> None:
        assert named(figure, "waveform").xaxis is named(figure, "log-Mel").xaxis is None
        assert tuple(figure.layout.xaxis.range) == (0.0, clip.duration_s)
        assert figure.layout.xaxis.title.text == "seconds"
        assert float(np.max(named(figure, "waveform").x)) == pytest.approx(2.0, abs=0.01)

    def test_a_tone_is_found_at_its_frequency_and_level(self, figure: go.Figure) -> None:
        mel = named(figure, "log-Mel")
        z = np.asarray(mel.z)
        band = int(z[:, 100].argmax())
        value, unit = mel.y[band].split()
        assert (
            1000 * float(value) if unit == "kHz" else float(value) == pytest.approx(1000, rel=0.05)
        )
        at = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
        assert at["1k"] == pytest.approx(band, abs=1)
        assert mel.zmax - mel.zmin == 80.0
        assert mel.zmax == z.max()
        assert mel.colorbar.title.text == "dB"

    def test_hertz_ticks_ascend(self, figure: go.Figure) -> None:
        assert list(figure.layout.yaxis.tickvals) == sorted(figure.layout.yaxis.tickvals)
        assert figure.layout.yaxis.title.text == "Hz"

    def test_a_long_clip_stays_small_on_the_wire(self) -> None:
        rng = np.random.default_rng(0)
        minutes = rng.normal(0, 0.1, 16_000 * 300).astype(np.float32)
        mel = rng.normal(-40, 20, (30_001, 64)).astype(np.float32)
        figure = sound(minutes, 16_000, mel, mel_frequencies(), 100.0)
        assert len(figure.to_json()) < 200_000
        trace = named(figure, "log-Mel")
        assert trace.x0 + trace.dx * (np.asarray(trace.z).shape[1] - 1) == pytest.approx(300, abs=1)

    def test_the_waveform_keeps_its_extremes(self) -> None:
        samples = np.zeros(160_000, dtype=np.float32)
        samples[[12_345, 100_001]] = 1.0, -0.5
        mel = np.zeros((1001, 64), dtype=np.float32)
        outline = np.asarray(
            named(sound(samples, 16_000, mel, mel_frequencies(), 100.0), "waveform").y
        )
        assert outline.max() == 1.0
        assert outline.min() == -0.5


def test_figures_are_json_and_stand_on_any_background(rows: list[Row]) -> None:
    for figure in (category_grid(rows), dimension_grid(rows), plane(rows)):
        layout = json.loads(figure.to_json())["layout"]
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert "color" not in layout["font"]  # the page's theme chooses it
        assert not layout["showlegend"]


def test_no_category_has_a_models_colour() -> None:
    models = {model_style(i).colour for i in range(5)}
    assert len(models) == 5
    assert not models & set(CATEGORY_COLOURS.values())
