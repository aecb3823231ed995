"""Figures of what is passed and failed, and the marks of models."""

import numpy as np
import pytest

from ser_core import figures
from ser_core.analysis import CHECKPOINTS
from ser_core.figures.model_marks import model_marks
from ser_core.models.registry import discover

LIMITS = np.array([[0.5, np.nan], [-0.1, 0.1]])


def series(title: str, values: list[float]) -> figures.Series:
    of = np.array(values)
    return figures.Series(title, figures.model_style(0), of, of - 0.1, of + 0.1)


def test_limits_chance_and_verdicts_stand_beside_each_mark() -> None:
    of = [series("A", [0.7, 0.3]), series("B", [0.4, np.nan])]
    verdicts = [
        figures.Verdicts(LIMITS, np.array([0.25, np.nan]), [True, False]),
        figures.Verdicts(LIMITS, np.array([0.25, np.nan]), [None, None]),
    ]
    drawn = figures.tested(["one", "two"], of, verdicts, "share")
    marks = {trace.name: trace for trace in drawn.data}
    assert sorted(marks["limit"].x) == [-0.1, -0.1, 0.1, 0.1, 0.5, 0.5]
    assert list(marks["random model"].x) == [0.25, 0.25]
    # In the order of rows, from the top; nothing is said where there is neither value nor verdict.
    said = sorted(drawn.layout.annotations, key=lambda one: -one.y)
    assert [one.text for one in said] == ["✓ pass", "too few", "✗ fail"]
    assert {one.y for one in said} <= set(marks["A"].y) | set(marks["B"].y)


def test_the_overview_counts_what_is_kept_or_not() -> None:
    verdicts = {(0, 0): [True, True], (0, 1): [False, True, False], (1, 0): [None, None]}
    drawn = figures.overview(["first test", "second test"], ["A", "B fusion"], verdicts)
    assert [one.text for one in drawn.layout.annotations] == ["✓ 2/2", "✗ 1/3", "few", ""]
    assert [list(cell) for cell in drawn.data[0].customdata] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    colours = drawn.data[0].marker.color
    assert len(set(colours[:3])) == 3
    assert colours[2] == colours[3]  # no verdict, no fill
    assert list(drawn.layout.xaxis.ticktext) == ["A", "B"]


@pytest.mark.parametrize("names", [["late", "audio"], ["audio", "late", "multistage", "raters"]])
def test_a_model_keeps_its_mark_whatever_stands_beside_it(names: list[str]) -> None:
    models = discover([CHECKPOINTS])
    _, every = model_marks(models, list(models))
    titles, styles = model_marks(models, names, ["raters"])
    assert list(titles) == [name for name in [*models, "raters"] if name in names]
    for name in set(names) & set(models):
        assert styles[name] == every[name]
    if "raters" in names:
        assert styles["raters"].colour == every["foundation"].colour
        assert styles["raters"] != every["foundation"]
