"""What the cards say of the training data: sources, licences, speakers, splits."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SpeechSource:
    """A speech corpus as a card names it.

    Attributes:
        language: ISO 639-1 code. title: with language and source.
        speakers: how many there are, in all splits.
        dev, test: the speakers of those splits.
    """

    language: str
    title: str
    speakers: int
    dev: str
    test: str


SPEECH = {
    "ravdess": SpeechSource(
        *("en", "RAVDESS (English, Livingstone and Russo 2018)", 24),
        *("RAVDESS actors 19 and 20", "RAVDESS actors 21-24"),
    ),
    "nemo": SpeechSource("pl", "nEMO (Polish, Christop 2024)", 9, "nEMO TP0", "nEMO WR0"),
    "emodb": SpeechSource(
        "de", "EmoDB (German, Burkhardt et al. 2005)", 10, "EmoDB 14", "EmoDB 15 and 16"
    ),
    "crema_d": SpeechSource(
        *("en", "CREMA-D (English, Cao et al. 2014, a part)", 81),
        *("CREMA-D 1070-1075", "CREMA-D 1076-1081"),
    ),
}
LANGUAGES = {"en": "English", "pl": "Polish", "de": "German"}
TEXTS = "Texts: GoEmotions (Demszky et al. 2020), EmoBank (Buechel and Hahn 2017)."
CREMA_D_NOTICE = (
    "Contains information from CREMA-D, which is made available under the Open Database License "
    "(ODbL) 1.0."
)


def header(speech: Sequence[str]) -> str:
    """The metadata on top of a card."""
    languages = dict.fromkeys([*(SPEECH[name].language for name in speech), "en"])
    return (
        f"---\nlicense: cc-by-nc-sa-4.0\nlanguage: [{', '.join(languages)}]\n"
        "tags: [speech-emotion-recognition]\n---\n"
    )


def limits(speech: Sequence[str]) -> str:
    """What the model is not for, and what it was not made on."""
    lines = [
        "## Limits",
        "",
        "- A demonstration for exploring and teaching. Do not use it to judge, hire, score or "
        "watch people.",
    ]
    if speech:
        speakers = sum(SPEECH[name].speakers for name in speech)
        languages = [LANGUAGES[code] for code in dict.fromkeys(SPEECH[n].language for n in speech)]
        lines.append(
            f"- The voices are actors', {speakers} of them, in {join_words(languages)}; everyday "
            "speech is different.",
        )
    lines += [
        "- The words are English only; recognised transcripts carry recognition errors.",
        "- Test speakers are few, so intervals over utterances understate the doubt.",
    ]
    return "\n".join(lines)


def data(speech: Sequence[str]) -> str:
    """Sources, licence and splits."""
    sources = [SPEECH[name] for name in speech]
    parts = []
    if sources:
        parts.append(f"Speech: {', '.join(source.title for source in sources)}.")
    parts.append(TEXTS)
    parts.append(
        "RAVDESS and nEMO are CC BY-NC-SA 4.0, and so are the weights of all models here: no "
        "commercial use."
    )
    if "crema_d" in speech:
        parts.append(CREMA_D_NOTICE)
    if sources:
        test, dev = ([getattr(s, split) for s in sources] for split in ("test", "dev"))
        parts.append(
            f"Splits are by speaker (test: {', '.join(test)}; dev: {', '.join(dev)}) and by the "
            "text corpora's own splits; no test data was used for any choice."
        )
    return "## Data and licence\n\n" + "\n".join(parts) + "\n"


def join_words(words: Sequence[str]) -> str:
    """
    >>> join_words(["English", "Polish", "German"])
    'English, Polish and German'
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
