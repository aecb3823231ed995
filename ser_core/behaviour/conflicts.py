"""Whom models follow where words and voice say different things."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ser_core.behaviour.finding import Finding
from ser_core.behaviour.roles import Roles
from ser_core.behaviour.statistics import (
    DRAWS,
    Entry,
    drawn_units,
    listed,
    mean_among,
    measure,
    span_of,
    told,
)
from ser_core.evaluation.predictions import Predictions
from ser_core.labels import CATEGORIES

LEAST = 20  # rows of a case that is told
SIDES = ("with the words", "with the voice", "with neither")
LEAN = "share decided with the words less share with the voice"


@dataclass(frozen=True)
class Conflict:
    """Rows where words and voice differ.

    Attributes:
        key: short name.
        part: the rows [N].
        words, voice: number of the category that each says, int [N].
        said: what the rows are, within a sentence.
        limits: one sentence on what a figure of these rows does not show.
    """

    key: str
    part: Predictions
    words: np.ndarray
    voice: np.ndarray
    said: str
    limits: str


def meant(part: Predictions) -> Conflict | None:
    """Rows whose words and voice were meant for two different emotions, neither of them neutral.

    None where the table has no columns `text` and `voice`, or no such row.
    """
    if not {"text", "voice"} <= set(part.rows):
        return None
    words, voice = (
        part.rows[column]
        .map({name: k for k, name in enumerate(CATEGORIES)})
        .fillna(-1)
        .to_numpy(int)
        for column in ("text", "voice")
    )
    chosen = (words > 0) & (voice > 0) & (words != voice)  # neutral is number 0
    if not chosen.any():
        return None
    return Conflict(
        "meant",
        part.take(chosen),
        words[chosen],
        voice[chosen],
        "pairs whose words and voice were meant for different emotions",
        "Such pairs are constructed, from texts and acted clips that do not belong together: in "
        "them nobody said the words in that voice, and a label may not be what is read or heard.",
    )


def decided(part: Predictions, roles: Roles) -> Conflict | None:
    """Rows that the model of the words and that of the voice decide differently; None without."""
    words, voice = part.decisions(roles.text), part.decisions(roles.audio)
    chosen = words != voice
    if not chosen.any():
        return None
    return Conflict(
        "decided",
        part.take(chosen),
        words[chosen],
        voice[chosen],
        f"examples that {roles.text} and {roles.audio} decide differently",
        f"To go with {roles.text} or {roles.audio} is not to be right, and these rows are those "
        "where at least one of the two is wrong or the words and the voice really differ.",
    )


def findings(
    conflict: Conflict, roles: Roles, unit: str = "speakers", draws: int = DRAWS, seed: int = 0
) -> Iterator[Finding]:
    """Shares by side; the lean by category of words and voice, and by the speakers' sex."""
    part = conflict.part
    drawn, notes = drawn_units(part, unit)
    followed = {
        name: _followed(part.decisions(name), conflict) for name in _models(conflict, roles)
    }
    shares = measure(
        [
            Entry(name, side, mean_among(which == k), len(part))
            for name, which in followed.items()
            for k, side in enumerate(SIDES)
        ],
        drawn,
        draws,
        seed,
    )
    said = [
        f"{name} decides with the words in {told(shares.interval(name, SIDES[0]), percent=True)} "
        f"and with the voice in {told(shares.interval(name, SIDES[1]), percent=True)}"
        for name in roles.fusions
    ]
    yield Finding(
        f"conflict_{conflict.key}",
        "follow",
        f"Whom does each model follow on {conflict.said}?",
        f"On {len(part)} {conflict.said}, {listed(said)}.",
        conflict.limits,
        "share of the decisions",
        shares.table,
        notes,
    )
    for column, masks in {
        "category": {
            f"{name} {side}": codes == k
            for side, codes in (("words", conflict.words), ("voice", conflict.voice))
            for k, name in enumerate(CATEGORIES)
        },
        "sex": {
            f"{sex} voices": (part.rows["sex"] == sex).to_numpy() for sex in ("female", "male")
        },
    }.items():
        found = by_cases(conflict, roles, column, masks, unit, draws, seed)
        if found is not None:
            yield found


def by_cases(
    conflict: Conflict,
    roles: Roles,
    column: str,
    masks: Mapping[str, np.ndarray],
    unit: str = "speakers",
    draws: int = DRAWS,
    seed: int = 0,
    part: str = "follow",
) -> Finding | None:
    """How far models lean to the words by some division of the rows.

    Args:
        column: what divides them, within a sentence and as a part of the key.
        masks: the rows [N] of each case.
        part: of the finding.

    Returns:
        None where fewer than two cases have `LEAST` rows.
    """
    kept = {case: mask for case, mask in masks.items() if mask.sum() >= LEAST}
    if len(kept) < 2:
        return None
    few = [case for case, mask in masks.items() if 0 < mask.sum() < LEAST]
    drawn, notes = drawn_units(conflict.part, unit)
    measured = measure(_leans(conflict, _models(conflict, roles), kept), drawn, draws, seed)
    spans = [span_of(measured, name, list(kept)) for name in roles.fusions]
    return Finding(
        f"conflict_{conflict.key}_by_{column.replace(' ', '_')}",
        part,
        f"Does it depend on the {column}, on {conflict.said}?",
        f"From -1, always with the voice, to 1, always with the words, {'; '.join(spans)}.",
        "The largest and the smallest of several cases differ by chance as well: an interval "
        "is of one difference, not of the search for it.",
        LEAN,
        measured.table,
        (*notes, *([f"Fewer than {LEAST} rows: {listed(few)}."] if few else [])),
    )


def _models(conflict: Conflict, roles: Roles) -> tuple[str, ...]:
    """Beside the fusions the models of one side, where a side is not their own decision."""
    return roles.names if conflict.key == "meant" else roles.fusions


def _followed(decisions: np.ndarray, conflict: Conflict) -> np.ndarray:
    """Number in `SIDES` of each row's decision, int [N]."""
    result: np.ndarray = np.select(
        [decisions == conflict.words, decisions == conflict.voice], [0, 1], 2
    )
    return result


def _leans(
    conflict: Conflict, models: Sequence[str], masks: Mapping[str, np.ndarray]
) -> Iterator[Entry]:
    for name in models:
        which = _followed(conflict.part.decisions(name), conflict)
        lean = (which == 0) * 1.0 - (which == 1)
        for case, mask in masks.items():
            sides = {side: float((which[mask] == k).mean()) for k, side in enumerate(SIDES)}
            yield Entry(name, case, mean_among(lean, mask), int(mask.sum()), sides)
