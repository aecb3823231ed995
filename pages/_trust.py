"""Can an attribution be trusted? Checks beside each, as one small figure a check."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import _explaining as explaining
from pages import _frame as frame
from ser_core import figures
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.explain.case import Case
    from ser_core.explain.results import Explanation
    from ser_core.support.jobs import Report


def check(
    cases: "Sequence[Case]", explanations: "Sequence[Explanation]", report: "Report"
) -> Iterator[tuple[int, str, Any]]:
    """(number of the case, kind, check): curves, then randomised layers where there are some.

    A check that cannot be made of a case is its reason, one sentence.
    """
    from ser_core.explain.faithfulness import faithfulness
    from ser_core.explain.sanity import sanity_check

    parts = 2 * len(cases)
    for number, (case, explanation) in enumerate(zip(cases, explanations, strict=True)):
        curves = explaining.part(report, 2 * number, parts)
        layers = explaining.part(report, 2 * number + 1, parts)
        try:
            yield number, "curves", faithfulness(case, explanation, progress=curves)
        except SerError as error:
            yield number, "curves", str(error)
        try:
            yield number, "layers", sanity_check(case, explanation.method, progress=layers)
        except SerError as error:
            yield number, "layers", str(error)


def show(cases: "Sequence[Case]", found: Sequence[tuple[int, str, Any]]) -> None:
    """The checks of each case, side by side."""
    for number, case in enumerate(cases):
        if len(cases) > 1:
            st.markdown(f"**{explaining.title(case)}**")
        checks = {kind: check for at, kind, check in found if at == number}
        left, middle, right = st.columns(3, gap="medium")
        curves = checks.get("curves")
        for column, name, verb in (
            (left, "deletion", "taken away"),
            (middle, "insertion", "given back"),
        ):
            with column:
                _curve(curves, name, verb, case, number)
        with right:
            _layers(checks.get("layers"), number)
        if curves is not None and not isinstance(curves, str):
            st.caption(curves.in_words)


def _curve(found: Any, name: str, verb: str, case: "Case", number: int) -> None:
    st.markdown(f":small[**{name.capitalize()}**: parts {verb}, strongest first]")
    if found is None or isinstance(found, str):
        st.caption(found or "…")
        return
    curve = getattr(found, name)
    frame.chart(
        figures.against_random(found.shares, curve.values, curve.random, case.choice.unit, verb),
        f"{name}_{number}",
        f"Area {curve.area:.3f}; random orders {curve.random_areas.mean():.3f} on average",
    )


def _layers(found: Any, number: int) -> None:
    st.markdown(":small[**Randomised layers**: a map that stays shows the sound, not the model]")
    if found is None or isinstance(found, str):
        st.caption(found or "…")
        return
    said = "; ".join(
        f"{name}: {', '.join(f'{value:.2f}' for value in values)}"
        for name, values in found.similarity.items()
    )
    frame.chart(
        figures.sanity_lines(found.layers, found.similarity),
        f"layers_{number}",
        f"Rank correlation with the trained network's map by layer. {said}",
    )
