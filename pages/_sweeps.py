"""Curves of the models' outputs while one thing changes: asked, computed, heard, taken away."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import streamlit as st

from pages import _choices as choices
from pages import _explaining as explaining
from pages import _export as export
from pages import _frame as frame
from pages import _jobs as jobs
from pages import _state as state
from pages import _words as words
from ser_core import figures
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.perturb.change import Scale
    from ser_core.perturb.sweep import Point

DRAWS = 4  # of a random change at each value: enough for a band


def show(variant: state.Variant, analyzer: "Analyzer") -> None:
    """One change, its curve, and the sound at any point of it."""
    from ser_core.labels import CATEGORIES, DIMENSIONS
    from ser_core.perturb.sweep import CHANGES, sweep

    columns = st.columns(3, vertical_alignment="bottom")
    with columns[0]:
        name = choices.choose(
            "what_if.change", "What changes", list(CHANGES), lambda key: CHANGES[key].title
        )
    with columns[1]:
        decided = list(words.analyse(variant, analyzer).decisions.values())
        likeliest = sorted(CATEGORIES, key=lambda category: -decided.count(category))
        outputs = [*likeliest, *DIMENSIONS]
        output = explaining.choose_output(outputs)
    change = CHANGES[name]
    said = words.as_they_stand(variant)
    models = words.chosen_models(analyzer)
    job = jobs.job(
        "sweep",
        (explaining.Asked("", "", variant).settings, name, tuple(models or ())),
        lambda report: sweep(
            analyzer,
            variant.clip.clip,
            said,
            change,
            models=models,
            draws=DRAWS if change.random else 1,
            progress=lambda done, of: report(done / of),
            late_weight=variant.late_weight,
            use_doubted_words=variant.accepted,
        ),
        change.title,
    )
    st.caption(change.help)
    jobs.show(job, lambda points: _curves(points, output, change, analyzer))
    if job.results:
        with columns[2]:
            _listen(job.results, change, variant)
        _exports(job.results, output, change, variant, analyzer)


def _curves(points: "Sequence[Point]", output: str, change: "Scale", analyzer: "Analyzer") -> None:
    from ser_core.perturb.flips import flips

    done = next((point for point in points if point.analysis), None)
    if done is None:
        st.info(points[0].problem if points else "…")
        return
    found = [flip for name in _styles(done, analyzer) for flip in flips(points, name)]
    label = _label(change)
    said = "; ".join(str(flip) for flip in found) or "no decision flips"
    frame.chart(
        _figure(points, output, change, analyzer, st.session_state.get("heard_value")),
        "sweep",
        f"{output} of each model by {label}: {said}",
    )
    for flip in found:
        title = analyzer.models[flip.model].title
        st.markdown(f":small[{str(flip).replace(flip.model, title, 1)}]")
    for problem in dict.fromkeys(point.problem for point in points if point.problem):
        st.caption(problem)


def _label(change: "Scale") -> str:
    return f"{change.title} ({change.unit})" if change.unit else change.title


def _styles(point: "Point", analyzer: "Analyzer") -> dict[str, tuple[str, Any]]:
    """Title and style of each model that answers, by name."""
    assert point.analysis is not None
    rows = figures.make_rows(point.analysis, analyzer.models)
    return {row.name: (row.title, row.style) for row in rows if row.prediction}


def _figure(
    points: "Sequence[Point]",
    output: str,
    change: "Scale",
    analyzer: "Analyzer",
    heard: float | None = None,
) -> go.Figure:
    from ser_core.perturb.flips import flips

    styles = _styles(next(point for point in points if point.analysis), analyzer)
    found = [flip for name in styles for flip in flips(points, name)]
    return figures.curves(
        points,
        output,
        styles,
        _label(change),
        logarithmic=change.logarithmic,
        flips=[(flip.model, flip.at) for flip in found if flip.at is not None],
        heard=heard,
    )


def _listen(points: "Sequence[Point]", change: "Scale", variant: state.Variant) -> None:
    """Choose a point to hear its sound in the clip bar."""
    heard = {p.value: p for p in points if p.clip is not None and p.draw == 0}
    values = sorted(heard)
    if len(values) < 2:
        return
    titles = {v: "unchanged" if math.isinf(v) else f"{v:g} {change.unit}".strip() for v in values}
    chosen = st.selectbox(
        "Hear it at",
        values,
        index=None,
        format_func=titles.__getitem__,
        key="heard_value",
        placeholder="choose a value",
    )
    point = heard.get(chosen) if chosen is not None else None
    sound = None if point is None or point.unchanged else (point.clip, change.say(chosen))
    frame.hear(variant, sound)


def _exports(
    points: "Sequence[Point]",
    output: str,
    change: "Scale",
    variant: state.Variant,
    analyzer: "Analyzer",
) -> None:
    from ser_core.perturb.sweep import to_frame

    kind = f"what-if-{change.name}"
    drawn = any(point.analysis for point in points)

    def page() -> str:
        said = f"{explaining.output_title(output).capitalize()} of each model. {change.help}"
        figure = _figure(points, output, change, analyzer)
        return export.figures_html(f"{change.title}: {variant.clip.title}", [(said, figure)])

    export.menu(
        variant.clip.title,
        [
            *([export.Download("Figure, HTML", kind, "html", page)] if drawn else []),
            export.Download("Curve, CSV", kind, "csv", lambda: csv_bytes(to_frame(points))),
            export.Download(
                "Curve, Parquet", kind, "parquet", lambda: export.parquet_bytes(to_frame(points))
            ),
        ],
        axis=False,
    )
