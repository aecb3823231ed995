"""Coarse dialogue acts of punctuated English utterances, by rules.

An act is what the speaker does, not the form: a request that is put as a question is a directive,
a question that expects no answer a statement. The rules see words and punctuation only; how often
they agree with a person is measured, see `act_agreement`.

The acts are a coarse grouping of those of Switchboard-DAMSL (Jurafsky, Shriberg and Biasca, 1997).
"""

import re
from collections.abc import Callable

from ser_core.behaviour import act_phrases as phrases
from ser_core.perturb.english import BASES, SUBJECTS, vocabulary

STATEMENT, QUESTION, AGREEMENT, DISAGREEMENT, DIRECTIVE, BACKCHANNEL = ACTS = (
    "statement",
    "question",
    "agreement",
    "disagreement",
    "directive",
    "backchannel",
)

# Verbs that begin an imperative, beside the common ones of `perturb.english`.
_IMPERATIVES = BASES - vocabulary("thank hope do have let guess suppose") | vocabulary(
    """
    add answer ask be book bring buy call carry check choose clean close come cook count cut drink
    drive drop eat enjoy fetch fill find finish fix follow forget get give go grab hand help hold
    hurry imagine join keep lend lift listen lock look lower make mind move open pack park pass pay
    pick press pull push put quit raise read relax remember repeat run save say send shut sign sit
    skip slow speak stand start stay step stop switch take taste tell throw touch trust try turn
    use wait wake walk wash watch wear wipe write breathe
    """
)
_AFTER_A_VERB = vocabulary("it this these those that you there")  # subjects that may be objects
_QUESTION_WORDS = vocabulary("what when where who whom whose which why how")
_AUXILIARIES = vocabulary(
    "is are am was were do does did can could will would should shall have has had isn't aren't "
    "don't doesn't didn't"
)


def classify(utterance: str) -> str:
    """One of `ACTS`; statement where no rule holds.

    >>> classify("Could you open the window?"), classify("Uh-huh.")
    ('directive', 'backchannel')
    """
    text = utterance.replace("’", "'").replace("-", " ").lower()
    asked = text.rstrip(" .!\"')").endswith("?")
    words = " ".join(re.findall(r"\w+(?:'\w+)*", text))
    filler = phrases.FILLERS.match(words)
    core = words[filler.end() :] if filler and filler.end() < len(words) else words
    return next((act for act, holds in _RULES if holds(words, core, asked)), STATEMENT)


def _listens(words: str, core: str, asked: bool) -> bool:
    said = phrases.LISTENING_WORDS.fullmatch(words) or phrases.LISTENING_PHRASES.fullmatch(words)
    return not words or bool(said)


def _is_rhetorical(words: str, core: str, asked: bool) -> bool:
    return bool(phrases.RHETORICAL.match(core))


def _requests(words: str, core: str, asked: bool) -> bool:
    """A request in the form of a question, or an imperative with `will you?` after it."""
    tagged = asked and phrases.REMINDING_TAG.search(words) and _begins_with_imperative(core)
    return bool(phrases.ASKING_TO.match(core) or tagged)


def _rejects(words: str, core: str, asked: bool) -> bool:
    return any(
        pattern.match(part)
        for pattern in (phrases.REJECTING, phrases.AGREEING_BUT)
        for part in (words, core)
    )


def _agrees(words: str, core: str, asked: bool) -> bool:
    return not asked and bool(phrases.AGREEING.match(words) or phrases.AGREEING.match(core))


def _orders(words: str, core: str, asked: bool) -> bool:
    return not asked and any(
        phrases.TELLING_TO.match(part) or _begins_with_imperative(part) for part in (words, core)
    )


def _asks(words: str, core: str, asked: bool) -> bool:
    """A question mark, an inversion (`is it`), or a question word with one (`where did you`)."""
    if asked or phrases.WONDERING.match(core) or phrases.TAG.search(words):
        return True
    first, *rest = core.split() if core else [""]
    if first in _AUXILIARIES and rest and rest[0] in SUBJECTS:
        return True
    inverted = any(word in _AUXILIARIES for word in rest[:2]) and rest[0] not in SUBJECTS
    return first in _QUESTION_WORDS and len(rest) > 1 and inverted


def _begins_with_imperative(core: str) -> bool:
    words = [word for word in core.split() if word not in {"please", "just", "now"}]
    following = words[1] if len(words) > 1 else ""
    return bool(words) and words[0] in _IMPERATIVES and following not in SUBJECTS - _AFTER_A_VERB


_RULES: tuple[tuple[str, Callable[[str, str, bool], bool]], ...] = (  # the first that holds
    (BACKCHANNEL, _listens),
    (STATEMENT, _is_rhetorical),
    (DIRECTIVE, _requests),
    (DISAGREEMENT, _rejects),
    (AGREEMENT, _agrees),
    (DIRECTIVE, _orders),
    (QUESTION, _asks),
)
