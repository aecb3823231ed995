"""Texts as sentences, sentences as words, with everything between them kept."""

import re
from collections.abc import Callable

from ser_core.errors import SerError

WORD = re.compile(r"\w+(?:['’]\w+)*")


def split_sentences(text: str) -> list[str]:
    """Sentences with the blanks that follow them: joined, they are the text."""
    return re.findall(r".+?(?:[.!?…]+[\"”')]*(?:\s+|$)|$)", text, re.DOTALL)


def pieces(sentence: str) -> list[str]:
    """Words at odd places, what is between them at even ones: joined, they are the sentence."""
    return re.split(rf"({WORD.pattern})", sentence)


def with_capital_of(word: str, model: str) -> str:
    """A word with a capital where the other one has one."""
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def edit(text: str, sentence: int | None, change: Callable[[str], str | None], failed: str) -> str:
    """The text with one sentence changed, or every one that can be.

    Args:
        sentence: which one, from 0; None for all.
        change: gives the changed sentence, or None where it knows none.
        failed: for the error, where nothing could be changed.

    Raises:
        SerError: there is no such sentence, or nothing could be changed.
    """
    sentences = split_sentences(text)
    if sentence is not None and not 0 <= sentence < len(sentences):
        raise SerError(f"There is no sentence {sentence + 1} in a text of {len(sentences)}.")
    chosen = range(len(sentences)) if sentence is None else [sentence]
    changed = {i: new for i in chosen if (new := change(sentences[i])) is not None}
    if not changed:
        raise SerError(failed)
    return "".join(changed.get(i, old) for i, old in enumerate(sentences))
