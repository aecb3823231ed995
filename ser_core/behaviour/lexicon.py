"""Words for emotions, and the sentences that are made of them."""

from functools import lru_cache
from pathlib import Path

import pandas as pd

ALONE, CONTEXT, STRONGER, WEAKER, NEGATED = (
    "alone",
    "in context",
    "intensified",
    "reduced",
    "negated",
)
FORMS = {
    ALONE: "{}.",
    CONTEXT: "I am {}.",
    STRONGER: "I am extremely {}.",
    WEAKER: "I am slightly {}.",
    NEGATED: "I am not {}.",
}
DIRECTIONS = {"happy": 1, "neutral": 0, "sad": -1, "angry": -1}  # of valence


@lru_cache(maxsize=1)
def emotion_words() -> pd.DataFrame:
    """`word` (an adjective), `category`, and `direction` of its valence: 1, 0 or -1.

    The words are this project's own choice: common ones that most speakers would put under one of
    the categories, and as many neutral ones as of each.
    """
    table = pd.read_csv(Path(__file__).with_name("emotion_words.csv"))
    return table.assign(direction=table["category"].map(DIRECTIONS))


def sentences(form: str) -> list[str]:
    """Each word in one of `FORMS`.

    >>> sentences(NEGATED)[0]
    'I am not happy.'
    """
    made = (FORMS[form].format(word) for word in emotion_words()["word"])
    return [text[0].upper() + text[1:] for text in made]
