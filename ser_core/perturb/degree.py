"""Stronger and weaker words: degree adverbs in front of what can have a degree."""

from ser_core.perturb.english import BASES, PAST, SUBJECTS, THIRD, vocabulary
from ser_core.perturb.sentences import edit, pieces, with_capital_of

_ADJECTIVES = vocabulary("""
    afraid alone amazed amazing angry annoyed annoying anxious ashamed awful bad beautiful bitter
    bored boring brave bright brilliant broken calm careful cheerful clear clever cold comfortable
    confident confused crazy cruel curious dangerous dark depressed desperate difficult
    disappointed disappointing disgusted disgusting easy embarrassed embarrassing excited exciting
    exhausted fair fast fine foolish friendly frightened funny furious generous gentle glad good
    grateful great guilty happy hard heartbroken helpful helpless hopeful hopeless horrible hungry
    hurt important impressed interested interesting jealous kind late lonely long loud lovely lucky
    mad mean miserable nervous nice old painful patient peaceful pleasant pleased polite poor proud
    quiet rare ready relaxed relieved rich rude sad safe satisfied scared selfish serious shocked
    shy sick silly slow small smart sorry special strange stressed strong stupid sure surprised
    surprising sweet tense terrible terrified thankful thrilled tired ugly unfair unhappy upset
    useful useless warm weak weird wise wonderful worried worse wrong young
    """)
_FEELINGS = vocabulary(
    "agree believe care enjoy fear hate hope hurt like love mean miss need prefer regret respect "
    "scare suffer surprise trust want wish worry"
)
DEGREES = vocabulary(
    "very really so too extremely quite rather slightly somewhat pretty fairly totally absolutely "
    "completely utterly incredibly deeply barely hardly"
)
_A = {"a": "an", "an": "a"}


def intensify(text: str, sentence: int | None = None) -> str:
    """Feelings made stronger: `really` before an adjective or a verb.

    Args:
        text: in English.
        sentence: which one, from 0; None for every one with such a word.

    Raises:
        SerError: no word was found that has a degree, or there is no such sentence.

    >>> intensify("I am happy. I miss her so much.")
    'I am really happy. I really miss her so much.'
    """
    return _scale(text, sentence, "really", "really", "stronger")


def reduce(text: str, sentence: int | None = None) -> str:
    """Feelings made weaker: `slightly` before an adjective, `somewhat` before a verb.

    A degree that is there already gives way to it. Arguments and errors as `intensify`.

    >>> reduce("I am so happy. What an awful day.")
    'I am slightly happy. What a slightly awful day.'
    """
    return _scale(text, sentence, "slightly", "somewhat", "weaker")


def plain(text: str) -> str:
    """Without the degree adverbs before words that have a degree: undoes the two above."""
    return "".join(_replace(pieces(text), ""))


def _scale(text: str, sentence: int | None, adjective: str, verb: str, how: str) -> str:
    def change(found: str) -> str | None:
        parts = pieces(found)
        new = _replace(parts, adjective, verb)
        return "".join(new) if new != parts else None

    failed = f"No word was found that the rules can make {how}: edit the words by hand."
    return edit(text, sentence, change, failed)


def _replace(parts: list[str], adjective: str, verb: str | None = None) -> list[str]:
    """Pieces of a sentence with this adverb, or none for "", before each word with a degree."""
    result = list(parts)
    for place in range(1, len(parts), 2):
        word, before = parts[place].lower(), parts[place - 2].lower() if place > 2 else ""
        degree = before in DEGREES and parts[place - 1].isspace()
        subject = parts[place - 4].lower() if degree and place > 4 else before
        if word in _ADJECTIVES and not (_base(word) in _FEELINGS and _is_subject(subject)):
            adverb = adjective
        elif _base(word) in _FEELINGS and _is_subject(subject):
            adverb = adjective if verb is None else verb
        else:
            continue
        if degree:
            _drop(result, place - 2)
        if adverb:
            _insert(result, place, adverb)
    return result


def _is_subject(word: str) -> bool:
    return word in SUBJECTS


def _base(word: str) -> str:
    return word if word in BASES else THIRD.get(word) or PAST.get(word) or ""


def _drop(result: list[str], place: int) -> None:
    """Without the adverb at a place and the blank after it."""
    adverb = result[place]
    result[place] = result[place + 1] = ""
    result[place + 2] = with_capital_of(result[place + 2], adverb)
    _fix_article(result, place - 2, result[place + 2])


def _insert(result: list[str], place: int, adverb: str) -> None:
    word = result[place]
    low = word[:1].lower() + word[1:]
    result[place] = f"{with_capital_of(adverb, word)} {low}"
    article = place - 2 if result[place - 2] else place - 4
    _fix_article(result, article, result[place])


def _fix_article(result: list[str], place: int, following: str) -> None:
    """`an awful day`, but `a really awful day`."""
    if place < 1 or result[place].lower() not in _A:
        return
    right = "an" if following[:1].lower() in "aeio" or following.lower().startswith("u") else "a"
    if following.lower().startswith(("use", "uni")):
        right = "a"
    result[place] = with_capital_of(right, result[place])
