"""Words that corpora use for the same thing -> the words of the table."""

from collections.abc import Mapping

# "excited" is not here: only IEMOCAP's protocol joins it with "happy".
_CATEGORIES = {
    "neutral": ("neutral", "neutrality"),
    "happy": ("happy", "happiness", "joy", "joyful"),
    "sad": ("sad", "sadness"),
    "angry": ("angry", "anger"),
}
_SEXES = {"female": ("female", "f", "woman"), "male": ("male", "m", "man")}
_SPLITS = {
    "train": ("train", "training"),
    "dev": ("dev", "devel", "develop", "development", "val", "valid", "validation"),
    "test": ("test", "testing", "eval", "evaluation"),
}
# ISO 639-3 (and the older 639-2/B) -> 639-1, for the languages of public emotion corpora.
_LANGUAGES = {
    "en": ("eng", "english"),
    "de": ("deu", "ger", "german"),
    "pl": ("pol", "polish"),
    "fr": ("fra", "fre", "french"),
    "it": ("ita", "italian"),
    "es": ("spa", "spanish"),
    "da": ("dan", "danish"),
    "tr": ("tur", "turkish"),
    "fa": ("fas", "per", "persian"),
    "zh": ("zho", "chi", "cmn", "chinese"),
    "ja": ("jpn", "japanese"),
    "pt": ("por", "portuguese"),
    "nl": ("nld", "dut", "dutch"),
    "ru": ("rus", "russian"),
}


def _inverted(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {synonym: word for word, synonyms in words.items() for synonym in synonyms}


_CATEGORY_OF = _inverted(_CATEGORIES)
_SEX_OF = _inverted(_SEXES)
_SPLIT_OF = _inverted(_SPLITS)
_LANGUAGE_OF = _inverted(_LANGUAGES)


def category_of(emotion: str) -> str:
    """An English emotion word -> one of the four categories, or "".

    >>> category_of("Joy"), category_of("fear")
    ('happy', '')
    """
    return _CATEGORY_OF.get(emotion.strip().lower(), "")


def sex_of(word: str) -> str:
    """female, male, or "" for anything else.

    >>> sex_of("F"), sex_of("Unknown")
    ('female', '')
    """
    return _SEX_OF.get(word.strip().lower(), "")


def split_of(word: str) -> str:
    """train, dev or test; any other name in lower case, so that test sets stay apart.

    >>> split_of("Validation"), split_of("Test2")
    ('dev', 'test2')
    """
    name = word.strip().lower()
    return _SPLIT_OF.get(name, name)


def language_of(word: str) -> str:
    """ISO 639-1 code of a language given as a code or in English, or "".

    >>> language_of("deu"), language_of("en"), language_of("en-GB")
    ('de', 'en', 'en')
    """
    name = word.strip().lower().replace("_", "-").split("-")[0]
    return name if len(name) == 2 else _LANGUAGE_OF.get(name, "")
