"""TESS, Toronto emotional speech set: two actresses, 200 words, seven emotions (Pichora-Fuller and
Dupuis 2020).

    OAF_angry/OAF_back_angry.wav     older and younger actress (OAF, YAF); or one folder for all
    YAF_pleasant_surprised/YAF_back_ps.wav

The spelling of the folders varies (`OAF_Fear`, `OAF_Pleasant_surprise`), so that the name of the
file counts; its archive holds everything twice, and one name lacks a letter
(`OA_bite_neutral.wav`). Every clip says "Say the word …". No ratings, no split.
"""

import re
from pathlib import Path

from ser_core.corpora.acted import Row, read_names
from ser_core.corpora.files import names_match
from ser_core.corpora.table import Corpus, assemble
from ser_core.corpora.terms import category_of

NAME = "tess"
LOOKS_FOR = "names like OAF_back_angry.wav"
EMOTIONS = {
    "angry": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happy",
    "neutral": "neutral",
    "ps": "pleasant surprise",
    "sad": "sad",
}

_CLIP = re.compile(rf"([OY])AF?_([a-z' -]+)_({'|'.join(EMOTIONS)})", re.IGNORECASE)


def matches(root: Path) -> bool:
    """Whether `root` looks like TESS."""
    return names_match(root, _CLIP)


def _describe(match: re.Match[str]) -> Row:
    age, word, code = match[1].upper(), match[2].lower(), match[3].lower()
    return {
        "id": f"{age}AF_{word}_{code}",
        "speaker": f"{NAME}_{age}AF",
        "sex": "female",
        "language": "en",
        "session": word,
        "transcript": f"Say the word {word}.",
        "emotion": EMOTIONS[code],
        "category": category_of(EMOTIONS[code]),
    }


def read(root: Path) -> Corpus:
    """Read TESS below `root`.

    Raises:
        CorpusError: no folder is there.
    """
    rows, skipped = read_names(root, _CLIP, _describe)
    return assemble(NAME, rows, skipped=skipped)
