"""EmoDB, Berlin database of emotional speech: ten actors, ten sentences, seven emotions
(Burkhardt et al. 2005).

    wav/03a01Fa.wav     speaker, sentence, emotion (by its German word), version

Speakers, sentences and letters after the corpus' documentation, as the audformat documentation
gives them. No ratings, no split.
"""

import re
from pathlib import Path

from ser_core.corpora.acted import Row, read_names
from ser_core.corpora.files import names_match
from ser_core.corpora.table import Corpus, assemble
from ser_core.corpora.terms import category_of

NAME = "emodb"
LOOKS_FOR = "names like wav/03a01Fa.wav"
EMOTIONS = {
    "W": "anger",  # Wut
    "L": "boredom",  # Langeweile
    "E": "disgust",  # Ekel
    "A": "fear",  # Angst
    "F": "happiness",  # Freude
    "T": "sadness",  # Trauer
    "N": "neutral",
}
SEXES = {
    "03": "male",
    "08": "female",
    "09": "female",
    "10": "male",
    "11": "male",
    "12": "male",
    "13": "female",
    "14": "female",
    "15": "male",
    "16": "female",
}
SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}

_CLIP = re.compile(rf"({'|'.join(SEXES)})({'|'.join(SENTENCES)})([{''.join(EMOTIONS)}])[a-z]")


def matches(root: Path) -> bool:
    """Whether `root` looks like EmoDB."""
    return names_match(root, _CLIP)


def _describe(match: re.Match[str]) -> Row:
    speaker, sentence, letter = match.groups()
    return {
        "speaker": f"{NAME}_{speaker}",
        "sex": SEXES[speaker],
        "language": "de",
        "session": sentence,
        "transcript": SENTENCES[sentence],
        "emotion": EMOTIONS[letter],
        "category": category_of(EMOTIONS[letter]),
    }


def read(root: Path) -> Corpus:
    """Read EmoDB below `root`.

    Raises:
        CorpusError: no folder is there.
    """
    rows, skipped = read_names(root, _CLIP, _describe)
    return assemble(NAME, rows, skipped=skipped)
