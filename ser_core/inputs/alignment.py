"""Times for words that a person typed or a script says, from those that the recogniser heard."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from ser_core.inputs.transcript import Word

MIN_ALIKE = 0.5  # share of the words, of both sides, that must be the same
_SHORTEST_S = 0.05  # of a word, on average, where words stand in a gap between two others


def align(text: str, heard: Sequence[Word], duration_s: float) -> tuple[Word, ...]:
    """The words of a text (split at blanks), with times where the recogniser heard nearly the same.

    A word that was heard has its time and probability. Those in between share the time between
    their neighbours, or of what was heard in their place, by their length; probability 0.

    Args:
        text: what was said, by somebody who knows.
        heard: of the same clip, in order.
        duration_s: of the clip.

    Returns:
        One word for each of the text, in order, none before the end of the one before it, all in
        [0, duration_s]; () where less than `MIN_ALIKE` of the words is the same.
    """
    typed = text.split()
    matcher = SequenceMatcher(
        None, [_plain(word) for word in typed], [_plain(w.text) for w in heard], autojunk=False
    )
    if not typed or matcher.ratio() < MIN_ALIKE:
        return ()
    heard = _in_order(heard, duration_s)
    words: list[Word] = []
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(typed[i:i_end], heard[j:j_end], strict=True)
            words += [replace(word, text=name) for name, word in pairs]
        elif i < i_end:
            start = heard[j - 1].end if j else 0.0
            end = heard[j_end].start if j_end < len(heard) else duration_s
            if j < j_end:  # what was heard in their place
                start, end = heard[j].start, heard[j_end - 1].end
            words += _spread(typed[i:i_end], start, end)
    return tuple(_widened(words))


def _plain(word: str) -> str:
    """Letters and digits alone; of a word without any, the word itself."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word


def _in_order(words: Sequence[Word], duration_s: float) -> list[Word]:
    """The same words, none before the end of the one before it, all in [0, duration_s]."""
    ordered, last = [], 0.0
    for word in words:
        start = min(max(word.start, last), duration_s)
        last = min(max(word.end, start), duration_s)
        ordered.append(replace(word, start=start, end=last))
    return ordered


def _spread(names: Sequence[str], start: float, end: float) -> list[Word]:
    """Words one after the other from start to end, each as long as its letters are many."""
    total = sum(len(name) for name in names)
    edges, done = [start], 0
    for name in names:
        done += len(name)
        edges.append(start + (end - start) * done / total)
    edges[-1] = end
    return [Word(n, edges[i], edges[i + 1], 0.0) for i, n in enumerate(names)]


def _widened(words: list[Word]) -> list[Word]:
    """Words that nothing was heard of, between two without a pause, get time from both."""
    i = 0
    while i < len(words):
        stop = i
        while stop < len(words) and words[stop].probability == 0.0:
            stop += 1
        if stop > i and words[stop - 1].end - words[i].start < _SHORTEST_S * (stop - i):
            first, last = max(i - 1, 0), min(stop + 1, len(words))
            part = words[first:last]
            again = _spread([w.text for w in part], part[0].start, part[-1].end)
            words[first:last] = [
                replace(new, probability=old.probability)
                for new, old in zip(again, part, strict=True)
            ]
        i = stop + 1
    return words
