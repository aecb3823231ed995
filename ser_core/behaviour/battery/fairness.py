"""Is every group treated alike: sexes, pitches, languages, accents, or any column."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ser_core.behaviour.battery.answers import answers
from ser_core.behaviour.battery.case import PRECISION, RECALL, UAR, Case, binned, concordance
from ser_core.behaviour.battery.findings import finding
from ser_core.behaviour.battery.measure import by_groups
from ser_core.behaviour.battery.table import LEAST, Asked
from ser_core.behaviour.finding import Finding
from ser_core.errors import SerError
from ser_core.evaluation.slices import UNKNOWN, values
from ser_core.labels import CATEGORIES, DIMENSIONS

PITCHES = {"up to 145 Hz": 145.0, "145 to 190 Hz": 190.0, "above 190 Hz": np.inf}
_MEASURE = "figure of the farthest group less the mean over groups"
_NOT_SHOWN = (
    "Groups differ in more than their name: few speakers, other corpora, other recordings may be "
    "the reason of a difference."
)
_LIMITS = (
    "A limit is the largest distance of 1,000 models that know nothing (each clip gets what the "
    "model says of another one) with groups of these sizes; `published` is that of the public "
    "tests, for larger groups."
)
_ONE_SPEAKER = "Where a group has one speaker only, intervals are over clips."


def _quality(uar: float, precision: float, recall: float, ccc: float, bins: float) -> list[Case]:
    """Figures of how right a model is, with their published limits."""
    return [
        UAR.within(uar),
        PRECISION.within(precision),
        RECALL.within(recall),
        *(concordance(name).within(ccc) for name in DIMENSIONS),
        *(case.within(bins) for name in DIMENSIONS for case in binned(name)),
    ]


def sex(asked: Asked) -> Iterator[Finding]:
    """Female and male speakers."""
    yield _groups(
        asked,
        "sex",
        "Are both sexes recognised alike?",
        asked.part.rows["sex"].to_numpy(str),
        _quality(0.075, 0.075, 0.175, 0.075, 0.1),
    )


def pitch(asked: Asked) -> Iterator[Finding]:
    """Clips by their median F0."""
    if not asked.pitch:
        raise SerError("The pitch of a clip needs its sound: name the corpora with --data.")
    f0 = asked.part.rows["clip"].map(asked.pitch).to_numpy(float)
    names = np.array([*PITCHES, ""])
    group = names[np.where(np.isfinite(f0), np.searchsorted([*PITCHES.values()], f0), -1)]
    notes = ["F0 is the median over voiced frames, by autocorrelation."]
    if lost := int((group == "").sum()):
        notes.append(f"{lost:,} example{'s' if lost > 1 else ''} without a known pitch left out.")
    yield _groups(
        asked,
        "pitch",
        "Are low and high voices recognised alike?",
        group,
        _quality(0.075, 0.1, 0.225, 0.1, 0.125),
        notes,
    )


def language(asked: Asked) -> Iterator[Finding]:
    """Languages of the voice."""
    yield _answered(
        asked,
        "language",
        "Do all languages get the same answers?",
        asked.part.rows["language"].to_numpy(str),
        (0.1, 0.03, 0.1),
    )


def accent(asked: Asked) -> Iterator[Finding]:
    """Accents, where there is such a column."""
    if "accent" not in asked.part.rows:
        raise SerError("There is no column named accent.")
    accents = asked.part.rows["accent"].fillna("").to_numpy(str)
    yield _answered(
        asked, "accent", "Do all accents get the same answers?", accents, (np.nan, 0.075, 0.225)
    )


def by_column(asked: Asked) -> Iterator[Finding]:
    """The column that was asked for, whatever it is."""
    if not asked.by:
        return
    if asked.by not in asked.part.rows:
        raise SerError(
            f"There is no column {asked.by}: it has {', '.join(map(str, asked.part.rows.columns))}."
        )
    named = values(asked.part.rows, asked.by).replace(UNKNOWN, "").to_numpy(str)
    cases = _quality(np.nan, np.nan, np.nan, np.nan, np.nan)
    key = "by_" + "".join(c if c.isalnum() else "_" for c in asked.by)
    yield _groups(asked, key, f"Is every group of {asked.by} recognised alike?", named, cases)


def _groups(
    asked: Asked,
    key: str,
    question: str,
    group: np.ndarray,
    cases: Sequence[Case],
    notes: Sequence[str] = (),
) -> Finding:
    return finding(
        asked,
        key,
        question,
        by_groups(asked, group, cases),
        _MEASURE,
        _NOT_SHOWN,
        (_LIMITS, _ONE_SPEAKER, *notes),
    )


def _answered(
    asked: Asked, key: str, question: str, group: np.ndarray, limits: tuple[float, float, float]
) -> Finding:
    """Answers by group over the labels that all groups have, each label with the same weight."""
    category = asked.part.rows["category"].to_numpy(str)
    counts = {name: int((group == name).sum()) for name in sorted(set(group) - {""})}
    named = [name for name, n in counts.items() if n >= LEAST]
    if len(named) < 2:
        raise SerError(f"There are not two groups of {LEAST} examples to compare.")
    shared = [c for c in CATEGORIES if all(((group == g) & (category == c)).any() for g in named)]
    balanced = bool(shared)
    note = "The labels are not known, so that groups with other emotions get other answers."
    if balanced:
        kept = np.isin(category, shared) & np.isin(group, named)
        asked, group = replace(asked, part=asked.part.take(kept)), group[kept]
        note = f"Each of {', '.join(shared)} counts alike in every group, whatever their numbers."
    return _groups(asked, key, question, group, answers(*limits, balanced), (note,))
