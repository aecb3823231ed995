"""What each word does while the voice stays as it is."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.function import VOICE, WORDS, function_of
from ser_core.explain.gradients import integrate
from ser_core.explain.occlusion import leave_out_words
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.results import WordValue
from ser_core.explain.sounds import sound_of
from ser_core.explain.values import Values
from ser_core.explain.words import pieces_to_words, word_spans

WordMethod = Literal["leave-one-out", "integrated-gradients"]


@dataclass(frozen=True, eq=False)
class WordAccount:
    """Attribution of each word with the voice kept.

    Attributes:
        words: in order.
        value: f of the voice and the words.
        any_words: for integrated gradients, f of the voice with words at zero vectors less f of the
            voice without words: the bar of having any words at all. 0 for leave-one-out, and for a
            model that gives nothing without words.
        gap: completeness gap, None for leave-one-out.
        steps: of the quadrature, 0 for leave-one-out.
    """

    words: tuple[WordValue, ...]
    value: float
    any_words: float
    gap: float | None
    steps: int


def attribute_words(
    case: Case,
    method: WordMethod = "leave-one-out",
    steps: int | None = None,
    progress: Progress | None = None,
) -> WordAccount:
    """Attribute one output to the words, the voice kept.

    Raises:
        SerError: no words, or a model that does not read them.
    """
    if case.words is None:
        raise SerError(
            "Without words there is nothing to attribute to them: type some."
            if case.checkpoint.uses_text
            else f"'{case.checkpoint.name}' does not read the words: choose another model."
        )
    if method == "leave-one-out":
        sound = sound_of(case.analyzer, case.clip)
        counter = Steps(progress, 1 + len(word_spans(case.words)))
        values = Values(case.analyzer, case.checkpoint, case.choice, case.late_weight, counter)
        _, losses = leave_out_words(values, sound, case.words)
        return WordAccount(
            _named(case, losses.tolist()), values.one(sound, case.words), 0.0, None, 0
        )
    function = function_of(case)
    given = dict(zip(function.names, function.inputs, strict=True))
    start = dict(zip(function.names, function.baselines, strict=True))

    def of_words(words: Tensor) -> Tensor:
        voice = [given[VOICE].expand(len(words), -1, -1)] if VOICE in given else []
        return function(*voice, words)

    found = integrate(of_words, [given[WORDS]], [start[WORDS]], function.batch, steps, progress)
    assert function.tokens is not None
    pieces = found.values[0].double().sum(dim=1).numpy()
    sums = pieces_to_words(pieces, function.tokens.offsets, word_spans(case.words))
    any_words = 0.0
    if VOICE in given:
        values = Values(case.analyzer, case.checkpoint, case.choice, case.late_weight)
        any_words = found.start - values.one(sound_of(case.analyzer, case.clip), None)
    return WordAccount(_named(case, sums), found.end, any_words, found.gap, found.steps)


def _named(case: Case, values: list[float]) -> tuple[WordValue, ...]:
    words = (case.words or "").split()
    return tuple(
        WordValue(word, time and time[0], time and time[1], value)
        for word, time, value in zip(words, case.times, values, strict=True)
    )
