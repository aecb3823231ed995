"""An explanation in one sentence: which moment and word raised and lowered the output most."""

from typing import NamedTuple

import numpy as np

from ser_core.explain.results import Explanation

WINDOW_S = 0.3  # about a syllable or two
WORTH_TELLING = 0.1  # of the largest part: what is smaller is left out


class Part(NamedTuple):
    """A moment or a word, for people, and what it adds to the output."""

    text: str
    value: float


def strongest(explanation: Explanation) -> tuple[list[Part], list[Part]]:
    """What raised the output and what lowered it: at most a moment and a word each, largest first.

    A moment is the window of 0.3 s whose attributions have the largest, or smallest, sum.
    """
    parts = [*_moments(explanation), *_words(explanation)]
    largest = max((abs(part.value) for part in parts), default=0.0)
    told = [part for part in parts if abs(part.value) >= WORTH_TELLING * largest > 0]
    raised = sorted((p for p in told if p.value > 0), key=lambda p: -p.value)
    lowered = sorted((p for p in told if p.value < 0), key=lambda p: p.value)
    return raised, lowered


def in_a_sentence(explanation: Explanation) -> str:
    """Such as "Raised most by the voice at 0.6–0.9 s (+0.21); lowered most by …".

    Empty attributions are told as such.
    """
    raised, lowered = strongest(explanation)
    said = []
    for verb, parts in (("raised", raised), ("lowered", lowered)):
        if parts:
            listed = " and ".join(f"{text} ({value:+.2g})" for text, value in parts)
            said.append(f"{verb} most by {listed}")
    if not said:
        return "Nothing in the voice or in the words moved this output."
    sentence = "; ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _moments(explanation: Explanation) -> list[Part]:
    over_time = explanation.over_time
    if over_time is None or not len(over_time):
        return []
    width = max(1, min(len(over_time), round(WINDOW_S * explanation.frame_rate)))
    sums = np.convolve(over_time, np.ones(width), mode="valid")
    found = []
    for place in {int(sums.argmax()), int(sums.argmin())}:
        start = place / explanation.frame_rate
        end = (place + width) / explanation.frame_rate
        found.append(Part(f"the voice at {start:.1f}–{end:.1f} s", float(sums[place])))
    return found


def _words(explanation: Explanation) -> list[Part]:
    if not explanation.words:
        return []
    by_value = sorted(explanation.words, key=lambda word: word.value)
    ends = {id(word): word for word in (by_value[0], by_value[-1])}
    return [Part(f"the word “{word.text}”", word.value) for word in ends.values()]
