"""How the outputs of each fusion go with those of the words' and of the voice's model."""

from collections.abc import Iterator, Sequence

import numpy as np

from ser_core.behaviour.finding import Finding
from ser_core.behaviour.roles import Roles
from ser_core.behaviour.statistics import (
    DRAWS,
    Entry,
    Measured,
    correlation,
    drawn_units,
    listed,
    measure,
)
from ser_core.evaluation.measures import Statistic, mean_of
from ser_core.evaluation.predictions import Predictions
from ser_core.labels import CATEGORIES, DIMENSIONS

LEAST_PROBABILITY = 1e-3  # differences of smaller ones are no differences of opinion
ALL_CATEGORIES, ALL_DIMENSIONS = "all categories", "all dimensions"
MEASURE = "Pearson's r of the outputs"
_BOTH = "both"
_WITH = {"text": "with the words", "audio": "with the voice"}


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """log p / (1 - p) of posteriors, which are held off 0 and 1 by `LEAST_PROBABILITY`.

    Posteriors themselves lie near 0 and 1, so that their correlation would be one of decisions.
    """
    held = np.clip(probabilities, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    result: np.ndarray = np.log(held / (1 - held))
    return result


def findings(
    part: Predictions,
    roles: Roles,
    where: str,
    unit: str = "speakers",
    draws: int = DRAWS,
    seed: int = 0,
) -> Iterator[Finding]:
    """Of the mean over categories and dimensions, of each category, and of each dimension.

    Args:
        part: rows that all models of `roles` have answered.
        where: what the rows are, within a sentence.
    """
    drawn, notes = drawn_units(part, unit)
    statistics = {
        (fusion, side): _statistics(part, fusion, getattr(roles, side))
        for fusion in roles.fusions
        for side in _WITH
    }
    for key, outputs, question in (
        (
            "overall",
            (ALL_CATEGORIES, ALL_DIMENSIONS),
            "Do the outputs of each fusion go with the words or with the voice?",
        ),
        ("by_category", CATEGORIES, "In which category do they go with the words?"),
        ("by_dimension", DIMENSIONS, "In which dimension do they go with the words?"),
    ):
        entries = [
            Entry(fusion, f"{output}, {_WITH[side]}", found[output], len(part), {"output": output})
            for (fusion, side), found in statistics.items()
            for output in outputs
            if output in found
        ]
        if not entries:
            continue
        measured = measure(entries, drawn, draws, seed)
        yield Finding(
            key=f"correlation_{key}",
            part="follow",
            question=question,
            shows=f"On {where}, {_sentence(measured, roles.fusions, outputs)}.",
            not_shown="A correlation is not an effect: the model of the voice alone may agree with "
            "a fusion by hearing the same, and what both have in common is counted twice.",
            measure=MEASURE,
            table=measured.table,
            notes=notes,
        )


def _statistics(part: Predictions, one: str, other: str) -> dict[str, Statistic]:
    """Correlation of two models by output, and the mean of those of a head."""
    a, b = part.scores[one], part.scores[other]
    found: dict[str, Statistic] = {}
    for names, together, x, y in (
        (CATEGORIES, ALL_CATEGORIES, a.probabilities, b.probabilities),
        (DIMENSIONS, ALL_DIMENSIONS, a.dimensions, b.dimensions),
    ):
        if not (x.shape[1] and y.shape[1]):
            continue
        scale = log_odds if names is CATEGORIES else np.asarray
        each = {name: correlation(scale(x[:, k]), scale(y[:, k])) for k, name in enumerate(names)}
        found |= {**each, together: mean_of(list(each.values()))}
    return found


def _sentence(measured: Measured, fusions: Sequence[str], outputs: Sequence[str]) -> str:
    """Outputs together in which the same fusions go with the same side."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for output in outputs:
        sides = tuple((fusion, _lead(measured, fusion, output)) for fusion in fusions)
        alike.setdefault(sides, []).append(output)
    said = []
    for sides, together in alike.items():
        of_side: dict[str, list[str]] = {}
        for fusion, side in sides:
            of_side.setdefault(side, []).append(fusion)
        parts = [_going(measured, who, side, together) for side, who in of_side.items()]
        said.append(f"in {listed(together)} {listed(parts)}")
    return "; ".join(said)


def _going(measured: Measured, who: Sequence[str], side: str, outputs: Sequence[str]) -> str:
    """With whom some fusions go in some outputs, and the range of their correlations."""
    if not side:
        return f"{listed(who)} can't be told, as an output is constant"
    verb = "goes" if len(who) == 1 else "go"
    voice, words = (
        _range([measured.figures[f, f"{o}, {_WITH[of]}"].value for f in who for o in outputs])
        for of in ("audio", "text")
    )
    if side == _BOTH:
        return f"{listed(who)} {verb} with both alike (r {voice} with the voice, {words} the words)"
    near, far = (voice, words) if side == "voice" else (words, voice)
    other = "words" if side == "voice" else "voice"
    return f"{listed(who)} {verb} more with the {side} (r {near}) than with the {other} ({far})"


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"


def _lead(measured: Measured, fusion: str, output: str) -> str:
    """`voice`, `words`, both where the difference is not sure, or "" where it can't be told."""
    voice, words = (fusion, f"{output}, {_WITH['audio']}"), (fusion, f"{output}, {_WITH['text']}")
    known = [measured.figures[key].value for key in (voice, words) if key in measured.figures]
    if len(known) < 2 or not np.isfinite(known).all():
        return ""
    difference = measured.difference(voice, words)
    if not np.isfinite(difference.low) or difference.low <= 0 <= difference.high:
        return _BOTH
    return "voice" if difference.value > 0 else "words"
