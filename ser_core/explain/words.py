"""From word pieces to words, and from words to their times."""

import re
from collections.abc import Sequence

import numpy as np

from ser_core.inputs.transcript import Transcript

Span = tuple[int, int]
Times = Sequence[tuple[float, float] | None]
"""(start, end) of each word in seconds, None where it is not known."""


def word_spans(text: str) -> list[Span]:
    """(start, end) of each word in characters; words are what blanks separate.

    >>> word_spans("I can't.")
    [(0, 1), (2, 8)]
    """
    return [match.span() for match in re.finditer(r"\S+", text)]


def without_word(text: str, span: Span) -> str:
    """The text with one word left out.

    >>> without_word("I hate this!", (2, 6))
    'I this!'
    """
    return " ".join((text[: span[0]] + text[span[1] :]).split())


def pieces_to_words(values: np.ndarray, offsets: Sequence[Span], spans: Sequence[Span]) -> list:
    """Sums of the values of each word's pieces.

    A piece counts where it begins; special tokens, (0, 0), nowhere.

    >>> pieces_to_words(np.array([9.0, 1.0, 2.0, 3.0]), [(0, 0), (0, 2), (2, 5), (6, 8)],
    ...                 [(0, 5), (6, 8)])
    [3.0, 3.0]
    """
    sums = [0.0] * len(spans)
    for value, (start, end) in zip(values, offsets, strict=True):
        for number, (first, last) in enumerate(spans):
            if start < end and first <= start < last:
                sums[number] += float(value)
    return sums


def recognised_times(transcript: Transcript) -> Times:
    """Times of the text's words by the recogniser's words, None for words that it gave no time.

    Both are compared without blanks: the recogniser may split a word where the text has none.
    """
    spans = word_spans(transcript.text)
    times: list[tuple[float, float] | None] = [None] * len(spans)
    glued = "".join(transcript.text.split())
    if not transcript.words or glued != "".join(w.text.replace(" ", "") for w in transcript.words):
        return times
    ends, place = [], 0
    for word in transcript.words:
        ends.append((place, place := place + len(word.text.replace(" ", ""))))
    place = 0
    for number, (start, end) in enumerate(spans):
        first, place = place, place + end - start
        parts = [
            word
            for word, (low, high) in zip(transcript.words, ends, strict=True)
            if low < place and high > first
        ]
        if parts:
            times[number] = (parts[0].start, parts[-1].end)
    return times
