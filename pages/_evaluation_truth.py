"""Parts of the evaluation page against the labels: confusion, calibration, dimensions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages import _choices as choices
from pages import _frame as frame
from pages._evaluation_question import Question, has_labels, no_labels, two_models
from pages._markdown import escape
from ser_core import figures
from ser_core.labels import CATEGORIES, DIMENSIONS

if TYPE_CHECKING:
    from ser_core.evaluation.calibration import Bin

MOST_DOTS = 2000
Pick = Callable[[list[list[int]]], None]


def confusion(question: Question) -> None:
    """One model's confusion, another's, and their difference."""
    from ser_core.evaluation import confusions

    models = question.part.with_categories()
    if not models or not has_labels(question, "UAR"):
        no_labels()
        return
    a, b = two_models(question, models)
    part, counts = question.part, {}
    columns = st.columns(3 if b else 1, gap="medium")
    for column, name in zip(columns, [n for n in (a, b) if n], strict=False):
        counts[name] = confusions.counts(part, name)

        def picked(cells: list[list[int]], name: str = name) -> None:
            label, decision = cells[0][:2]
            question.pick(
                confusions.cell(part, name, label, decision),
                f"Labelled {CATEGORIES[label]}, called {CATEGORIES[decision]} by "
                f"{question.titles[name]}",
            )

        with column:
            st.markdown(f"**{escape(question.titles[name])}**")
            _confusion(confusions.shares(counts[name]), counts[name], f"confusion_{name}", picked)
    if b:
        difference = confusions.shares(counts[a]) - confusions.shares(counts[b])

        def changed(cells: list[list[int]]) -> None:
            label, decision = cells[0][:2]
            question.pick(
                confusions.changed(part, a, b, label, decision),
                f"Labelled {CATEGORIES[label]}, called {CATEGORIES[decision]} by only one of "
                f"{question.titles[a]} and {question.titles[b]}",
            )

        with columns[2]:
            st.markdown("**Difference**, in points")
            _confusion(difference, None, "confusion_difference", changed)
    st.caption(
        "Shows of each label's clips the share with each decision, and the counts; not how sure "
        "the models were. Click a cell for its clips."
    )


def _confusion(shares: np.ndarray, counts: np.ndarray | None, key: str, picked: Pick) -> None:
    said = "; ".join(
        f"{label} called {decision}: {100 * shares[r, c]:.0f} %"
        for r, label in enumerate(CATEGORIES)
        for c, decision in enumerate(CATEGORIES)
        if np.isfinite(shares[r, c])
    )
    figure = figures.cells(
        shares, CATEGORIES, CATEGORIES, ("label", "decision"), counts, difference=counts is None
    )
    frame.chart(figure, f"evaluation_{key}", said, picked)


def calibration(question: Question) -> None:
    """Reliability of one model, or of two."""
    from ser_core.evaluation.calibration import reliability
    from ser_core.evaluation.confusions import truth
    from ser_core.evaluation.measured import labelled, statistic

    models = question.categorical()
    if not models or not has_labels(question, "UAR"):
        no_labels()
        return
    shown = [name for name in two_models(question, models) if name]
    known = labelled(question.part.examples, "ECE")
    only = question.part.take(known)
    for column, name in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        bins = reliability(truth(question.part), question.part.scores[name].probabilities)
        error = statistic(only.examples, only.scores[name], "ECE").value

        def picked(data: list[list[int]], bins: "list[Bin]" = bins, name: str = name) -> None:
            one = bins[data[0][0]]
            question.pick(
                one.rows,
                f"Confidence of {question.titles[name]} from {one.low:.2f} to {one.high:.2f}",
            )

        with column:
            st.markdown(f"**{escape(question.titles[name])}**: ECE {error:.3f}")
            frame.chart(
                figures.reliability(
                    [(one.low, one.high) for one in bins],
                    [one.accuracy for one in bins],
                    [one.interval for one in bins],
                    [one.confidence for one in bins],
                    [len(one.rows) for one in bins],
                    question.styles[name],
                ),
                f"evaluation_calibration_{name}",
                f"ECE {error:.3f}. "
                + "; ".join(f"confidence {b.confidence:.2f}: {b.accuracy:.2f} right" for b in bins),
                picked,
            )
    st.caption(
        "Shows of clips with like confidence the share that is right: bars below the diagonal mean "
        "too sure. Lines are Wilson's 95 % intervals of single clips. It does not show how the "
        "rest of a probability is shared out. Click a bar for its clips."
    )


def dimensions(question: Question) -> None:
    """Labels against predictions of one dimension, with CCC and RMSE."""
    from ser_core.evaluation.measured import labelled, statistic

    rated = [name for name in DIMENSIONS if has_labels(question, f"CCC {name}")]
    models = question.part.with_dimensions()
    if not rated or not models:
        st.info("No clip of this set has a label of a dimension, or no model gives one.")
        return
    name = choices.choose("evaluation.dimension", "Dimension", rated, str)
    a, b = two_models(question, models)
    known = np.flatnonzero(labelled(question.part.examples, f"CCC {name}"))
    only = question.part.take(known)
    dots = np.arange(len(known))
    if len(dots) > MOST_DOTS:
        dots = np.sort(np.random.default_rng(0).choice(dots, MOST_DOTS, replace=False))
    shown = [model for model in (a, b) if model]
    for column, model in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        of = only.scores[model]
        ccc, rmse = (statistic(only.examples, of, f"{m} {name}").value for m in ("CCC", "RMSE"))

        def picked(data: list[list[int]]) -> None:
            question.pick(np.array([row for (row,) in data]), f"Picked by {name}")

        with column:
            st.markdown(f"**{escape(question.titles[model])}**: CCC {ccc:.3f}, RMSE {rmse:.3f}")
            frame.chart(
                figures.dimension_scatter(
                    only.examples.dimensions[dots, DIMENSIONS.index(name)],
                    of.dimensions[dots, DIMENSIONS.index(name)],
                    known[dots],
                    name,
                    question.styles[model],
                ),
                f"evaluation_scatter_{model}",
                f"Predicted {name} against its label: CCC {ccc:.3f}, RMSE {rmse:.3f}",
                picked,
            )
    cut = f" {MOST_DOTS:,} of {len(known):,} dots are drawn." if len(dots) < len(known) else ""
    st.caption(
        "Shows how far predictions follow the labels; a dot on the line is right. Labels of acted "
        f"clips are norms of their category, no ratings, so they stand in columns.{cut} Click a "
        "dot, or drag a box around some."
    )
