"""Every change of the words: errors at a given rate, and single edits of a text."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ser_core.errors import SerError
from ser_core.perturb.degree import intensify, reduce
from ser_core.perturb.negation import negate
from ser_core.perturb.sentences import pieces, with_capital_of
from ser_core.perturb.transcript_errors import WORD_ERRORS, TranscriptErrors

__all__ = ["TEXT_EDITS", "WORD_CHANGES", "TextEdit", "list_words", "replace_word"]

WORD_CHANGES: dict[str, TranscriptErrors] = {WORD_ERRORS.name: WORD_ERRORS}


@dataclass(frozen=True)
class TextEdit:
    """An edit that is made or not.

    Attributes:
        name: slug.
        title: for humans, such as `Negated`.
        apply: text, and which sentence (from 0; None for all that can be) -> text; raises SerError
            where the rules find nothing to change.
    """

    name: str
    title: str
    apply: Callable[[str, int | None], str] = field(repr=False)


TEXT_EDITS: dict[str, TextEdit] = {
    edit.name: edit
    for edit in (
        TextEdit("negated", "Negated", negate),
        TextEdit("stronger", "Made stronger", intensify),
        TextEdit("weaker", "Made weaker", reduce),
    )
}


def list_words(text: str) -> list[str]:
    """The words of a text, without punctuation; their places are those of `replace_word`."""
    return pieces(text)[1::2]


def replace_word(text: str, place: int, word: str) -> str:
    """The text with another word at a place; capital and punctuation stay.

    Args:
        place: from 0, as in `list_words`.
        word: in its place; "" takes the word out.

    Raises:
        SerError: there is no word at that place.

    >>> replace_word("Happy? I am happy!", 3, "sad")
    'Happy? I am sad!'
    """
    parts = pieces(text)
    if not 0 <= place < len(parts) // 2:
        raise SerError(f"There is no word {place + 1} in a text of {len(parts) // 2} words.")
    at = 2 * place + 1
    word = word.strip()
    if word:
        parts[at] = with_capital_of(word, parts[at])
    else:  # the blank before it goes too, or at the start the one after it
        parts[at] = ""
        blank = at - 1 if place else at + 1
        parts[blank] = parts[blank].rstrip() if place else parts[blank].lstrip()
    return "".join(parts)
