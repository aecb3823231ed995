"""Errors of a recogniser at a given word error rate, as a change along which to sweep."""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ser_core.errors import SerError
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript
from ser_core.perturb.change import Scale

# Shares of the kinds of error; recognisers substitute most (this project's own round numbers).
_SUBSTITUTED, _DELETED, _INSERTED = 0.65, 0.2, 0.15
_INSERTIONS = ("a", "and", "I", "in", "is", "it", "of", "so", "that", "the", "to", "uh", "you")
_CONFUSABLE = 8  # nearest words to draw from
_TRIES = 20
# Spellings of one sound; a crude Metaphone, in which neighbours sound alike more or less.
_SOUNDS = (
    (r"tion|sion", "shn"),
    (r"ph", "f"),
    (r"^kn", "n"),
    (r"^wr", "r"),
    (r"wh", "w"),
    (r"igh", "ai"),
    (r"gh", ""),
    (r"ck|q|c(?![eiyh])", "k"),
    (r"c(?=[eiy])|z", "s"),
    (r"x", "ks"),
    (r"ee|ea|ie|ei|y$", "i"),
    (r"oo|ou|ew", "u"),
    (r"ai|ay|ey", "e"),
    (r"(?<=[^aeiou])e$", ""),
    (r"(.)\1", r"\1"),
)


def normalise(text: str) -> str:
    """Words in lower case without punctuation, one blank between them: what a WER compares."""
    return " ".join(re.findall(r"\w+(?:'\w+)*", text.replace("’", "'").lower()))


def word_error_rate(reference: str, hypothesis: str) -> float:
    """WER: substitutions, deletions and insertions over the words of the reference; 0 or more.

    Raises:
        SerError: the reference has no words.
    """
    return _count(reference, hypothesis) / len(normalise(reference).split())


def _count(reference: str, hypothesis: str) -> int:
    import jiwer

    if not normalise(reference):
        raise SerError("There are no words to compare with: type the transcript first.")
    found = jiwer.process_words(normalise(reference), normalise(hypothesis))
    return int(found.substitutions + found.deletions + found.insertions)


def _sound(word: str) -> str:
    for spelling, sound in _SOUNDS:
        word = re.sub(spelling, sound, word)
    return word


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[list[str], list[str]]:
    """Frequent English words, the most frequent first, and how they sound.

    The file holds the whole words among the first 8,000 entries of the vocabulary of BERT uncased
    (Apache-2.0), without numerals, syllables, pieces of contractions, and coarse words.
    """
    words = Path(__file__).with_name("common_words.txt").read_text("utf-8").split()
    return words, [_sound(word) for word in words]


@lru_cache(maxsize=4096)
def confusable(word: str) -> tuple[str, ...]:
    """Frequent words that sound and look most like this one (lower case), the nearest first."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    words, sounds = _vocabulary()
    scorer = Levenshtein.normalized_similarity
    likeness = cdist([_sound(word)], sounds, scorer=scorer)[0]
    likeness = likeness + 0.5 * cdist([word], words, scorer=scorer)[0]
    nearest = np.argsort(-likeness, kind="stable")[: _CONFUSABLE + 1]
    return tuple(words[i] for i in nearest if words[i] != word)[:_CONFUSABLE]


def corrupt(text: str, wer: float, seed: int = 0) -> str:
    """The text as a recogniser with this word error rate might have heard it.

    The number of errors is WER times the number of words; what is left of a whole number is
    an error in that share of the draws, so that the mean over seeds is the WER asked for. They are
    counted as jiwer counts them: errors that undo each other are drawn again.

    Args:
        text: any words.
        wer: in [0, 1].
        seed: the same one gives the same errors.

    Raises:
        SerError: no words, or a WER outside [0, 1].
    """
    if not 0.0 <= wer <= 1.0:
        raise SerError("The word error rate lies between 0 and 1.")
    words = text.split()
    spoken = [i for i, word in enumerate(words) if normalise(word)]
    if not spoken:
        raise SerError("There are no words to make errors in: type the transcript first.")
    rng = np.random.default_rng(seed)
    wanted = int(wer * len(normalise(text).split()) + rng.uniform())
    if not wanted:
        return text
    drawn = [_draw(words, spoken, wanted, rng)]
    while (found := _count(text, drawn[-1])) != wanted and len(drawn) < _TRIES:
        drawn.append(_draw(words, spoken, wanted, rng))
    if found == wanted:
        return drawn[-1]
    return min(drawn, key=lambda hypothesis: abs(_count(text, hypothesis) - wanted))


def _draw(words: list[str], spoken: list[int], errors: int, rng: np.random.Generator) -> str:
    kinds = rng.choice(3, size=errors, p=(_SUBSTITUTED, _DELETED, _INSERTED))
    changed = rng.choice(spoken, size=min(int((kinds < 2).sum()), len(spoken)), replace=False)
    heard: list[str] = list(words)
    for place, kind in zip(changed, kinds[kinds < 2], strict=False):
        heard[place] = _substitute(words[place], rng) if kind == 0 else ""
    for place in rng.integers(0, len(words), size=int((kinds == 2).sum())):
        heard[place] = f"{rng.choice(_INSERTIONS)} {heard[place]}"
    return " ".join(" ".join(heard).split())


def _substitute(word: str, rng: np.random.Generator) -> str:
    """Another word in its place, with its capital and its punctuation."""
    match = re.search(r"\w+(?:['’]\w+)*", word)
    assert match is not None  # `normalise` found one
    other = str(rng.choice(confusable(normalise(match[0]))))
    if match[0][0].isupper():
        other = other.capitalize()
    return word[: match.start()] + other + word[match.end() :]


class TranscriptErrors(Scale):
    """Errors in the words; the sound stays."""

    def points_for(self, clip: Clip) -> tuple[float, ...]:
        """Default values, ascending, without the neutral one."""
        return self.points

    def apply(self, transcript: Transcript, value: float, seed: int = 0) -> Transcript:
        """The transcript with errors; it is trusted or doubted as before, but has no word times.

        Raises:
            SerError: see `corrupt`.
        """
        self.check(value)
        if value == self.neutral:
            return transcript
        text = corrupt(transcript.text, value, seed)
        rate = word_error_rate(transcript.text, text)
        note = f"Changed: {self.say(value)}; this draw has {rate:.0%}."
        return replace(transcript, text=text, words=(), notes=(*transcript.notes, note))

    def variant(
        self, clip: Clip, transcript: Transcript, value: float, seed: int = 0
    ) -> tuple[Clip, Transcript]:
        """Clip and transcript with the change made: here, of the transcript."""
        return clip, self.apply(transcript, value, seed)


WORD_ERRORS = TranscriptErrors(
    name="wer",
    title="Transcript errors",
    unit="WER",
    phrase="words with a WER of {:g}",
    low=0.0,
    high=1.0,
    neutral=0.0,
    points=(0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0),
    random=True,
    help="Words are replaced by ones that sound alike, lost, or added, at this word error rate.",
)
