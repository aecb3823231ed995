"""Is it right: recall and precision of each class, concordance and error of each dimension."""

from collections.abc import Iterator
from dataclasses import replace

from ser_core.behaviour.battery.case import (
    PRECISION,
    RECALL,
    UAP,
    UAR,
    absolute_error,
    concordance,
    pearson,
)
from ser_core.behaviour.battery.findings import finding
from ser_core.behaviour.battery.measure import figures
from ser_core.behaviour.battery.table import Asked
from ser_core.behaviour.finding import Finding
from ser_core.labels import DIMENSIONS

_NOT_SHOWN = (
    "A limit says what is good enough for nobody in particular; how hard the examples are differs "
    "between sets."
)


def categories(asked: Asked) -> Iterator[Finding]:
    """UAR, UAP, and each class' recall and precision, all above .5."""
    recall = RECALL.each("recall of {}", labelled_so=True)
    cases = [UAR, UAP, *recall, *PRECISION.each("precision of {}")]
    rows = figures(asked, [replace(case, lower=0.5) for case in cases])
    yield finding(
        asked,
        "correct_categories",
        "Are the categories right?",
        rows,
        "share of clips",
        _NOT_SHOWN,
    )


def dimensions(asked: Asked) -> Iterator[Finding]:
    """CCC and Pearson's correlation above .5, mean absolute error below .1."""
    cases = [
        *(replace(of(name), lower=0.5) for of in (concordance, pearson) for name in DIMENSIONS),
        *(replace(absolute_error(name), upper=0.1) for name in DIMENSIONS),
    ]
    yield finding(
        asked,
        "correct_dimensions",
        "Are the dimensions right?",
        figures(asked, cases),
        "correlation, or error in [0, 1]",
        _NOT_SHOWN,
    )
