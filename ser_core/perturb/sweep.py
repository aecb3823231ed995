"""Every model's answers while one thing changes."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pandas as pd

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript
from ser_core.models.registry import choose
from ser_core.perturb.rows import analysis_rows
from ser_core.perturb.sound import SOUND_CHANGES
from ser_core.perturb.words import WORD_CHANGES
from ser_core.results import Analysis, Prediction


class Sweepable(Protocol):
    """What a sweep needs of a change: `Change` of the sound, `TranscriptErrors` of the words."""

    name: str
    unit: str
    neutral: float
    random: bool

    def check(self, value: float) -> None:
        """Raise SerError for a value outside the range."""

    def points_for(self, clip: Clip) -> tuple[float, ...]:
        """Default values, ascending, without the neutral one."""

    def variant(
        self, clip: Clip, transcript: Transcript, value: float, seed: int = 0
    ) -> tuple[Clip, Transcript]:
        """Clip and transcript with the change made."""


MAX_SECONDS = 3600.0  # of all changed clips together: they are kept, 230 MB
CHANGES: dict[str, Any] = {**SOUND_CHANGES, **WORD_CHANGES}


@dataclass(frozen=True)
class Point:
    """One value of a change, and what the models say there.

    Attributes:
        change: name of the change.
        unit: of the value.
        value: see the change.
        unchanged: whether this is the clip as it was given.
        draw: from 0, of a random change.
        seed: that makes this point again.
        analysis: of the changed clip and words; None where the change can't be made.
        problem: why not, one sentence; "" where it could.
    """

    change: str
    unit: str
    value: float
    unchanged: bool
    draw: int
    seed: int
    analysis: Analysis | None
    problem: str = ""

    @property
    def clip(self) -> Clip | None:
        """The changed sound, to be heard."""
        return self.analysis.clip if self.analysis else None

    @property
    def predictions(self) -> dict[str, Prediction]:
        """By model name; {} where the change can't be made."""
        return self.analysis.predictions if self.analysis else {}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, in which the infinite value of the unchanged clip is null."""
        analysis = self.analysis
        return {
            "value": self.value if math.isfinite(self.value) else None,
            "unchanged": self.unchanged,
            "draw": self.draw,
            "seed": self.seed,
            "problem": self.problem,
            "sha256": analysis.clip.digest if analysis else None,
            "transcript": analysis.transcript.text if analysis else None,
            "notes": list(analysis.notes) if analysis else [],
            "models": {name: p.to_dict() for name, p in self.predictions.items()},
        }


def sweep(
    analyzer: Analyzer,
    clip: Clip,
    transcript: Transcript | str | None,
    change: Sweepable,
    points: Sequence[float] | None = None,
    models: Sequence[str] | None = None,
    draws: int = 1,
    progress: Callable[[int, int], None] | None = None,
    *,
    seed: int = 0,
    recognise_again: bool = False,
    **options: Any,
) -> Iterator[Point]:
    """Points of a curve as they are computed; stop asking for more to cancel.

    The unchanged clip comes first, then both ends, then what lies between, the middle first: so
    the curve has its shape early. Further draws follow when the first is complete. Each point is
    a forward pass of every model through the analyzer.

    Args:
        transcript: the words, the same at every point unless they are what changes; None asks the
            recogniser once, for the unchanged clip.
        change: one of `CHANGES`.
        points: values; default the change's own for this clip. The unchanged one needs no naming.
        models: names; default all.
        draws: of a random change at each value; others have one.
        progress: called with the number of points done and of all.
        seed: of the first draw; draw d has seed + d.
        recognise_again: let the recogniser hear every changed clip, instead of keeping the words.
        options: of `Analyzer.analyze`, the same at every point, such as `late_weight`.

    Raises:
        SerError: at once for a value outside the range, an unknown model, or too much sound
            (`MAX_SECONDS`); with the first point what else `Analyzer.analyze` raises. A change
            that can't be made of this clip is a point with a `problem`.
    """
    choose(analyzer.models, models)
    values = change.points_for(clip) if points is None else points
    for value in values:
        change.check(value)
    if draws < 1:
        raise SerError("A curve needs at least one draw.")
    if recognise_again and change.name in WORD_CHANGES:
        raise SerError("Words that are changed can't be recognised again: choose one of the two.")
    order = sorted({float(value) for value in values} - {change.neutral})
    plan = [(change.neutral, 0)]
    plan += [(v, d) for d in range(draws if change.random else 1) for v in coarse_to_fine(order)]
    if len(plan) * clip.duration_s > MAX_SECONDS:
        raise SerError("The clip is too long for so many points: cut it, or ask for fewer.")

    def run() -> Iterator[Point]:
        words = transcript
        if words is None:
            words = analyzer.transcribe_or_none(clip)
        elif isinstance(words, str):
            words = Transcript.typed(words)
        for done, (value, draw) in enumerate(plan, start=1):
            unchanged = value == change.neutral
            point = Point(change.name, change.unit, value, unchanged, draw, seed + draw, None)
            try:
                heard, read = change.variant(clip, words, value, point.seed)
            except SerError as error:
                point = replace(point, problem=str(error))
            else:
                if recognise_again and not unchanged:
                    read = analyzer.transcribe_or_none(heard)
                analysis = analyzer.analyze(heard, read, models, **options)
                point = replace(point, analysis=analysis)
            if progress:
                progress(done, len(plan))
            yield point

    return run()


def coarse_to_fine(values: Sequence[float]) -> list[float]:
    """Both ends, then the middles of what is between, halving breadth first.

    >>> coarse_to_fine([1, 2, 3, 4, 5])
    [1, 5, 3, 2, 4]
    """
    if len(values) < 3:
        return list(values)
    order, spans = [values[0], values[-1]], [(0, len(values) - 1)]
    while spans:
        low, high = spans.pop(0)
        middle = (low + high) // 2
        if middle not in (low, high):
            order.append(values[middle])
            spans += [(low, middle), (middle, high)]
    return order


def to_frame(points: Sequence[Point]) -> pd.DataFrame:
    """One row a point and model, with what makes it again; ascending by value, draw, model.

    Columns: change, value, unit, unchanged, draw, seed, clip (its name), clip_sha256, transcript,
    model, decision, the categories, the dimensions, model_digest, late_weight, notes, problem.
    Points where the change can't be made have a row without a model.
    """
    rows: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda p: (p.value, p.draw)):
        shared = {
            "change": point.change,
            "value": point.value,
            "unit": point.unit,
            "unchanged": point.unchanged,
            "draw": point.draw,
            "seed": point.seed,
        }
        if point.analysis is None:
            rows.append({**shared, "problem": point.problem})
            continue
        rows += [{**shared, **row, "problem": ""} for row in analysis_rows(point.analysis)]
    return pd.DataFrame(rows)
