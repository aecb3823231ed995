"""The negation of an English sentence, and back, by rules.

The rules look for the first verb that they know. They parse nothing: of a sentence with a verb that
is not in `english` they say so instead of guessing.
"""

from ser_core.perturb.english import (
    ADVERBS,
    AUXILIARIES,
    BASES,
    DO,
    HAVE,
    NOBODY,
    PARTICIPLES,
    PAST,
    POSITIVE,
    SUBJECTS,
    THIRD,
    THIRD_PERSON,
    inflect,
    vocabulary,
)
from ser_core.perturb.sentences import edit, pieces, with_capital_of

_CONTRACTED = ("'m", "'re", "'ve", "'ll", "'d")  # and 's, after a pronoun
_IS = SUBJECTS | {"here", "what", "let"}
_NO_SUBJECTS = vocabulary("a an the to of in on at for with by my your his her our their no")

_Edit = tuple[int, int, str]  # from this word to before that one, and what replaces them


def negate(text: str, sentence: int | None = None) -> str:
    """The text with its statements denied, and with its denials made statements.

    A text without negations comes back to the letter when it is negated twice (but for an emphatic
    `do`: `I do love you` comes back as `I love you`).

    Args:
        text: in English.
        sentence: which one, from 0; None for every one where the rules find a verb.

    Raises:
        SerError: no known verb was found, or there is no such sentence.

    >>> negate("I got the job! I am so happy.")
    "I didn't get the job! I am not so happy."
    >>> negate("She doesn't like it, you can't stop her.")
    "She likes it, you can't stop her."
    """
    return edit(
        text,
        sentence,
        _negate,
        "No verb was found that the rules can negate: edit the words by hand.",
    )


def _negate(sentence: str) -> str | None:
    parts = pieces(sentence)
    words = [part.lower().replace("’", "'") for part in parts[1::2]]
    for place in range(len(words)):
        new = _negate_at(place, words)
        if new is None:
            continue
        start, end, text = new
        kept = parts[: 2 * start + 1]
        after = parts[2 * end :]
        return "".join([*kept, with_capital_of(text, parts[2 * start + 1]), *after])
    return None


def _negate_at(place: int, words: list[str]) -> _Edit | None:
    after = [*words[place + 1 :], ""]
    for rule in (_never, _affirm, _contraction, _auxiliary, _with_do):
        found = rule(place, words, after)
        if found is not None:
            return found
    return None


def _never(place: int, words: list[str], after: list[str]) -> _Edit | None:
    word = words[place]
    if word in NOBODY:
        return place, place + 1, NOBODY[word]
    if word in AUXILIARIES and after[0] == "never":
        return place, place + 2, word
    return (place, place + 2, after[0]) if word == "never" and after[0] else None


def _affirm(place: int, words: list[str], after: list[str]) -> _Edit | None:
    """Without `not`; and without `do`, unless it asks a question."""
    word = words[place]
    if word in POSITIVE:
        auxiliary, end = POSITIVE[word], place + 1
    elif word in AUXILIARIES and after[0] == "not":
        auxiliary, end = word, place + 2
    else:
        return None
    verb = words[end] if end < len(words) else ""
    if auxiliary in DO and verb in BASES:
        return place, end + 1, inflect(verb, auxiliary)
    return place, end, auxiliary


def _contraction(place: int, words: list[str], after: list[str]) -> _Edit | None:
    head, _, tail = words[place].rpartition("'")
    if f"'{tail}" not in _CONTRACTED and not (tail == "s" and head in _IS):
        return None
    word = "I" + words[place][1:] if head == "i" else words[place]
    return (place, place + 2, word) if after[0] == "not" else (place, place + 1, f"{word} not")


def _auxiliary(place: int, words: list[str], after: list[str]) -> _Edit | None:
    """Where `not` can follow: `have` and `do` are also verbs of their own (`I have a dog`)."""
    word = words[place]
    verb = next((w for w in after if w not in ADVERBS), "")
    if word in HAVE:
        follows = verb in PARTICIPLES | SUBJECTS
    elif word in DO:
        follows = verb in BASES | SUBJECTS
    else:
        follows = word in AUXILIARIES
    return (place, place + 1, AUXILIARIES[word]) if follows else None


def _with_do(place: int, words: list[str], after: list[str]) -> _Edit | None:
    """A verb without an auxiliary gets one: `I like it`, `my dog likes it`, `Get out`."""
    word = words[place]
    before = [w for w in words[:place] if w not in ADVERBS]
    if not before:
        imperative = word in BASES and place == 0 and after[0] != "you"
        return (0, 1, f"don't {word}") if imperative else None
    subject = before[-1]
    if word in BASES and subject in SUBJECTS - THIRD_PERSON:
        return place, place + 1, f"don't {word}"
    if subject not in _NO_SUBJECTS:
        if word in THIRD:
            return place, place + 1, f"doesn't {THIRD[word]}"
        if word in PAST:
            return place, place + 1, f"didn't {PAST[word]}"
    return None
