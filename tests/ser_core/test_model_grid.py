import re
from dataclasses import replace
from pathlib import Path

import pytest
from html_tree import Node, cell, line, parsed

from ser_core.analysis import Prediction
from ser_core.figures.grid_cells import ink, signed
from ser_core.figures.model_grid import MODEL_GRID_CSS, Slider
from ser_core.figures.model_notes import make_notes, model_note, subscripts
from ser_core.figures.rows import Row
from ser_core.figures.style import CATEGORY_COLOURS, model_style
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.registry import discover

TITLES = {"text": "Text", "audio": "Audio", "late": "Late fusion", "multi": "Multistage fusion"}


def prediction(decision: str | None, p: float = 0.7, valence: float = 0.6) -> Prediction:
    rest = (1.0 - p) / 3.0
    probabilities = {c: p if c == decision else rest for c in CATEGORIES} if decision else {}
    dimensions = {"arousal": 0.4, "valence": valence, "dominance": 0.55}
    return Prediction("m", probabilities, dimensions, used_text=True)


def row(name: str, now: Prediction | None, other: Prediction | None = None, **kw: bool) -> Row:
    reference = kw.get("reference", False)
    position = list(TITLES).index(name) if name in TITLES else 0
    style = model_style(position, reference)
    return Row(name, TITLES.get(name, name), now, other, reference, style)


@pytest.fixture
def rows() -> list[Row]:
    return [
        row("text", prediction("angry", 0.9), prediction("happy", 0.6, valence=0.9)),
        row("audio", prediction("happy", 0.45), prediction("happy", 0.45)),
        row("late", prediction("happy", 0.55), prediction("happy", 0.8)),
        row("multi", prediction("happy", 0.8), prediction("sad", 0.8, valence=0.1)),
    ]


def test_one_table_with_a_row_a_model_and_a_column_an_output(rows: list[Row]) -> None:
    grid = parsed(rows)
    table = grid.one("table")
    assert table.children[0].tag == "caption"
    columns = [(h.all("button") or [h])[0].text for h in table.one("heads").all("th")]
    assert columns == ["model", "decision", *CATEGORIES, *DIMENSIONS]
    assert {head.attrs["scope"] for head in table.one("heads").all("th")} == {"col"}
    body = table.one("tbody").all("tr")
    assert [r.all("th")[0].text for r in body] == list(TITLES.values())
    assert {r.all("th")[0].attrs["scope"] for r in body} == {"row"}
    assert {len(r.all("td")) for r in body} == {8}


def test_every_cell_knows_its_value(rows: list[Row]) -> None:
    grid = parsed(rows)
    for r in rows:
        assert r.prediction is not None
        for name, value in (r.prediction.probabilities | r.prediction.dimensions).items():
            found = cell(grid, r.title, name)
            assert f"--v:{value:.4g}" in found.attrs["style"]
            assert re.fullmatch(rf"{name} {value:.3f}(;.*)?", found.one("tip").text)
            assert found.one("n").text.endswith(f"{value:.2f}")


def test_the_decision_is_printed_on_its_bar(rows: list[Row]) -> None:
    grid = parsed(rows)
    decided = [c.text for c in grid.all("decided")]
    assert len(decided) == 4
    assert cell(grid, "Text", "angry").one("bar").text == "✓0.90"
    weak = cell(grid, "Audio", "happy")  # no room on the bar: beside it
    assert weak.one("bar").text == "✓"
    assert weak.one("n").text == "0.45"
    assert "decided" in weak.one("tip").text
    others = [c for c in grid.all("cat") if c.tag == "td" and "decided" not in c.classes]
    assert all("quiet" in c.one("n").classes and "✓" not in c.text for c in others)
    assert [line(grid, title).one("says").text for title in ("Audio", "Late")] == ["happy"] * 2


def test_a_row_that_differs_from_the_majority_says_so(rows: list[Row]) -> None:
    grid = parsed(rows)
    assert [r.all("th")[0].text for r in grid.all("differs")] == ["Text"]
    assert line(grid, "Text").one("says").text == "≠ differs from most: angry"
    divided = parsed([*rows[:2], row("late", prediction("sad"))])
    assert not divided.all("differs")


def test_a_dimension_is_a_mark_joined_to_neutral(rows: list[Row]) -> None:
    found = cell(parsed(rows), "Text", "arousal")
    assert found.one("from").attrs["style"] == "--a:0.4;--w:0.1"
    assert len(found.all("mark")) == 1
    assert found.all("path")[0].attrs["fill"] == model_style(0).colour
    assert cell(parsed(rows), "Text", "valence").one("n").text == "0.60"


def test_the_other_analysis_is_hollow_with_a_signed_difference(rows: list[Row]) -> None:
    grid = parsed(rows, compared="pinned")
    assert cell(grid, "Text", "angry").one("was").attrs["style"] == "--o:0.1333"
    assert cell(grid, "Text", "angry").one("tip").text.endswith("; pinned 0.133 (+0.767)")
    valence = cell(grid, "Text", "valence")
    assert [p.attrs["fill"] for p in valence.all("path")] == ["none", model_style(0).colour]
    assert valence.one("tip").text == "valence 0.600; pinned 0.900 (−0.300)"
    assert not line(grid, "Audio").all("was")  # it is alike
    assert "pinned" in grid.one("legend").text
    alone = parsed([replace(r, other=None) for r in rows])
    assert not alone.all("was")
    assert "before" not in alone.one("legend").text


def test_a_model_that_could_not_answer_says_why(rows: list[Row]) -> None:
    why = "It reads only the words, and there are none."
    grid = parsed([replace(rows[0], prediction=None), *rows[1:]], skipped={"text": why})
    (only,) = line(grid, "Text").all("td")
    assert (only.text, only.attrs["colspan"]) == (why, "8")
    assert "3 of 4 vote" in grid.one("legend").text


def test_a_sound_unlike_training_is_told(rows: list[Row]) -> None:
    strange = replace(prediction("happy"), rarity=0.004)
    grid = parsed([*rows[1:], replace(rows[0], prediction=strange)])
    assert line(grid, "Text").one("th").one("below").text == "? unlike training"
    assert "? unlike training" in grid.one("legend").text
    usual = parsed([replace(rows[0], prediction=replace(prediction("happy"), rarity=0.4))])
    assert "unlike" not in usual.text


def test_a_model_without_a_head_has_dashes(rows: list[Row]) -> None:
    grid = parsed([*rows, row("dims", prediction(None))])
    assert line(grid, "dims").one("says").text == "–"
    assert "no such output" in cell(grid, "dims", "sad").text
    assert cell(grid, "dims", "valence").one("n").text == "0.60"


def test_references_stand_apart(rows: list[Row]) -> None:
    grid = parsed([row("ref", prediction("sad"), reference=True), *rows])
    bodies = grid.one("grid").all("tbody")
    assert [body.classes for body in bodies] == [["compared"], ["references"]]
    assert bodies[1].one("th").text == "refreference"
    assert "4 of 5 vote" in grid.one("legend").text
    assert "reference" not in parsed(rows).one("legend").text


def test_pale_with_a_sentence(rows: list[Row]) -> None:
    grid = parsed(rows, dimmed="There is no speech.")
    assert "dimmed" in grid.children[0].classes
    assert grid.one("why").text == "There is no speech."
    assert not parsed(rows).all("dimmed", "why")


def test_the_slider_stands_in_its_row(rows: list[Row]) -> None:
    two = [*rows, row("mine/late", prediction("happy"))]
    grid = parsed(two, slider=Slider(0.3, ("late", "mine/late")))
    slider = line(grid, "Late fusion").one("input")
    wanted = {"min": "0", "max": "1", "step": "0.05", "value": "0.3", "type": "range"}
    assert wanted.items() <= slider.attrs.items()
    assert "Late fusion: weight of the words" in slider.attrs["aria-label"]
    assert line(grid, "Late fusion").one("output").text == "0.30"
    assert len(grid.all("input")) == 1
    assert line(grid, "mine/late").one("below").text == "words 0.30"
    off = parsed(rows, slider=Slider(0.3, ("late",), enabled=False))
    assert "disabled" in line(off, "Late fusion").one("input").attrs
    assert line(off, "Late fusion").one("below").text == "no words"
    assert not parsed(rows).all("input")


def test_columns_are_what_the_models_have() -> None:
    two = Prediction("m", {"bored": 0.8, "keen": 0.2}, {"valence": 0.3}, used_text=False)
    grid = parsed([row("text", two)])
    heads = [head.text for head in grid.one("heads").all("th")]
    assert heads == ["model", "decision", "bored", "keen", "valencenegative positive"]
    assert grid.children[0].attrs["style"] == "--cats:2;--dims:1"


def test_no_rows_is_a_table() -> None:
    assert not parsed([]).all("tbody")


def test_whatever_is_not_ours_is_escaped(rows: list[Row]) -> None:
    bad = "\"'><img src=x onerror=alert(1)><b>&amp;"
    hostile = Prediction(bad, {bad: 0.8, "b": 0.2}, {bad: 0.3}, used_text=True)
    grid = parsed(
        [
            replace(rows[0], name=bad, title=bad, prediction=hostile, other=prediction("sad")),
            replace(rows[1], prediction=None),
        ],
        compared=bad,
        skipped={"audio": bad},
        dimmed=bad,
        slider=Slider(0.5, (bad,)),
        ident=bad,
    )
    assert not grid.all("img")
    assert {b.text for b in grid.all("b")} == {"✓"}
    assert grid.one("why").text == bad
    assert grid.one("skipped").text == bad
    assert line(grid, bad).all("span")[0].text.startswith(bad)


class TestNotes:
    def test_every_button_opens_one_note(self, rows: list[Row], tiny_checkpoints: Path) -> None:
        notes = make_notes(discover(tiny_checkpoints))
        grid = parsed(rows, notes=notes, slider=Slider(0.5, ("late",)), ident="a")
        ids = [n.attrs["id"] for n in grid.all("note", "input")]
        assert len(set(ids)) == len(ids)
        assert all(i.startswith("a-") for i in ids)
        opened = {b.attrs["popovertarget"] for b in grid.all("ask")}
        assert opened == {n.attrs["id"] for n in grid.all("note")}
        for title in ("Text", "Audio", "Late fusion"):
            assert line(grid, title).one("ask").text == title
        names = {"neutral", "happy", "sad", "angry", *DIMENSIONS, "decision"}
        assert names <= {b.text for b in grid.one("grid").one("thead").all("ask")}

    def test_a_model_is_told_by_its_checkpoint(self, tiny_checkpoints: Path) -> None:
        late = discover(tiny_checkpoints)["late"]
        measured = {"a, no text": {"UAR": 0.8, "ECE": 0.1}, "a, own sentence": {"UAR": 0.3}}
        note = Node(model_note(replace(late, results=measured)))
        assert "p = w pwords + (1 - w) pvoice" in note.one("equation").text
        assert [n.text for n in note.one("tbody").all("td")] == ["0.80", "0.30"]
        assert "falls from 0.80 (no text) to 0.30 (own sentence)" in note.text
        unmeasured = Node(model_note(late))
        assert "has not been measured" in unmeasured.text
        assert "weakness" not in unmeasured.text
        audio = discover(tiny_checkpoints)["audio"]
        assert f"{audio.parameters:,} parameters" in Node(model_note(audio)).text

    def test_calibration_names_the_worst_set(self, tiny_checkpoints: Path) -> None:
        models = discover(tiny_checkpoints)
        results = {"b": {"ECE": 0.31}, "c": {"ECE": 0.2}}
        audio = replace(models["audio"], temperature=1.37, results=results)
        note = Node(make_notes(models | {"audio": audio}).calibration)
        found = {r.all("th")[0].text: [d.text for d in r.all("td")] for r in note.all("tr")}
        assert found["Audio"] == ["1.37", "0.31 (b)"]
        assert found["Text"] == ["1.00", "not measured"]
        assert found["Late fusion"][0] == "–"

    def test_subscripts(self) -> None:
        assert subscripts("x_k = <b> x_{k-1}") == "x<sub>k</sub> = &lt;b&gt; x<sub>k-1</sub>"


def luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(2 * c for c in colour[1:])
    values = [int(full[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", CATEGORY_COLOURS.values())
def test_numbers_on_bars_can_be_read(colour: str) -> None:
    light, dark = sorted((luminance(colour), luminance(ink(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_difference_has_its_sign() -> None:
    assert [signed(0.12), signed(-0.12)] == ["+0.120", "−0.120"]


def test_the_style_touches_nothing_else_and_no_text_is_small() -> None:
    rules = re.sub(r"/\*.*?\*/", "", MODEL_GRID_CSS, flags=re.DOTALL)
    selectors = [s.strip() for s in re.findall(r"(?:^|[{}])([^{}@;]+)\{", rules)]
    assert len(selectors) > 50
    for selector in selectors:
        assert all(
            part.strip().startswith(".ser-grid") for part in re.split(r",(?![^(]*\))", selector)
        )
    sizes = [float(s) for s in re.findall(r"font(?:-size)?: [^;]*?([\d.]+)rem", rules)]
    assert len(sizes) > 8
    assert min(sizes) >= 0.75
    assert not re.findall(r"font-size: [\d.]+px", rules)
