"""The corpora that the demonstration models are trained on.

Acted speech (RAVDESS, nEMO, EmoDB, CREMA-D) comes as a folder each with `manifest.csv` and 16 kHz
audio, texts (GoEmotions, EmoBank) as one CSV file each; or all of them as their publishers give
them, see `ser_core.corpora.published`. Splits are by speaker and by the text
corpora's own splits. The label of an acted clip is what its actor meant. It has no ratings of the
dimensions: they are norms of the category, scaled by the acted intensity
(`ser_core.labels.category_dimensions`).

For CREMA-D the shares of its raters who heard each emotion in the voice alone are further columns,
`HEARD`: they agree with the actor in about four of ten clips, so that they are what a model may be
compared with. The actors' race and ethnicity are not read.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.corpora import published
from ser_core.corpora.table import Corpus, Skipped, make_table, require
from ser_core.errors import CorpusError
from ser_core.labels import CATEGORY_NORMS, DIMENSIONS, Scale, category_dimensions

SPEECH_FOLDERS = {
    "ravdess": "ravdess",
    "nemo": "nemo_pl_4class",
    "emodb": "emodb_de_4class",
    "crema_d": "crema_d",
}
TEST_SPEAKERS = {
    *(f"ravdess_{actor}" for actor in (21, 22, 23, 24)),
    *(f"crema_{actor}" for actor in range(1076, 1082)),
    "nemo_WR0",
    "emodb_15",
    "emodb_16",
}
DEV_SPEAKERS = {
    "ravdess_19",
    "ravdess_20",
    *(f"crema_{actor}" for actor in range(1070, 1076)),
    "nemo_TP0",
    "emodb_14",
}

# How far an acted portrayal moves from neutral, as a share of the norm of its category (our
# choice): RAVDESS and a fifth of CREMA-D say how strongly it was acted.
INTENSITIES = {
    **{"normal": 0.7, "strong": 1.0},
    **{"low": 0.5, "medium": 0.75, "high": 1.0},
    **dict.fromkeys(("unspecified", ""), 0.85),
}
# RAVDESS's calm is a second baseline, "like neutral, with a mild positive valence" (Livingstone and
# Russo, 2018), and not the norm's "relaxed": a third of it (our choice).
SHARES_OF_NORM = {"calm": 1 / 3}
EMOTION_NAMES = {"anger": "angry", "happiness": "happy", "sadness": "sad", "fear": "fearful"}

# Shares of the raters of a clip's voice, summing to 1; NaN for clips without raters.
HEARD = ("heard_neutral", "heard_happy", "heard_sad", "heard_angry", "heard_other")
_HEARD_OF = {
    "heard_neutral": ("neutral",),
    "heard_happy": ("happiness",),
    "heard_sad": ("sadness",),
    "heard_angry": ("anger",),
    "heard_other": ("disgust", "fear"),
}

# Almost all of EmoBank's mean ratings (a scale of 1 to 5) lie between 2 and 4. Mapping that range
# to [0, 1] gives words a spread like the voice's; the few ratings outside are clipped.
EMOBANK_SCALE = Scale(2.0, 4.0)


def _split(speaker: str) -> str:
    return "test" if speaker in TEST_SPEAKERS else "dev" if speaker in DEV_SPEAKERS else "train"


def read_speech(root: Path, name: str) -> Corpus:
    """Read one of `SPEECH_FOLDERS` below `root`.

    Raises:
        CorpusError: it is not there in either layout.
    """
    folder = root / SPEECH_FOLDERS[name]
    if not (folder / "manifest.csv").is_file() and (found := published.find_speech(root, name)):
        corpus, intensities = published.read_speech(found, name)
        table = corpus.table.assign(split=corpus.table["speaker"].map(_split))
        return replace(corpus, table=_with_norms(table, intensities))
    manifest = require(folder / "manifest.csv", f"The manifest of {name}")
    source = pd.read_csv(manifest, keep_default_na=False)
    skipped: tuple[Skipped, ...] = ()
    if "duplicate_audio_of" in source:
        source, skipped = _without_errors(source)
    table = pd.DataFrame(
        {
            "id": source["file"].map(lambda file: Path(file).stem),
            "corpus": name,
            "path": source["file"].map(lambda file: str(folder / file)),
            "speaker": source["speaker"],
            "sex": source["sex"],
            "language": source["language"],
            "session": source["sentence_id"],
            "split": source["speaker"].map(_split),
            "transcript": source["transcript"],
            "emotion": source["emotion"],
            "category": source["emotion4"],
            "duration_s": source["duration_s"],
        }
    )
    table = _with_norms(make_table(table), source["intensity"])
    if "voice_n" in source:
        table = table.assign(
            **{
                column: source[[f"voice_p_{emotion}" for emotion in of]].astype(float).sum(axis=1)
                for column, of in _HEARD_OF.items()
            }
        )
    return Corpus(name, table, skipped)


def _with_norms(table: pd.DataFrame, intensities: Iterable[str]) -> pd.DataFrame:
    """The table with dimensions by emotion and acted intensity, NaN for emotions without a norm."""
    emotions = table["emotion"].replace(EMOTION_NAMES)
    dimensions = [
        category_dimensions(emotion, SHARES_OF_NORM.get(emotion, 1.0) * INTENSITIES[intensity])
        if emotion in CATEGORY_NORMS
        else [float("nan")] * 3
        for emotion, intensity in zip(emotions, intensities, strict=True)
    ]
    return table.assign(**dict(zip(DIMENSIONS, np.array(dimensions).T, strict=True)))


def _without_errors(source: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Skipped, ...]]:
    """CREMA-D without the clips that its release has twice, or had broken for the raters."""
    reasons = {
        "the same recording under two labels": source["duplicate_audio_of"] != "",
        "what its raters heard was broken": source["voice_rating_ok"] == 0,
    }
    skipped = tuple(
        Skipped(Path(file).stem, reason)
        for reason, wrong in reasons.items()
        for file in source.loc[wrong, "file"]
    )
    wrong = np.logical_or.reduce(list(reasons.values()))
    return source[~wrong].reset_index(drop=True), skipped


def read_goemotions(root: Path) -> Corpus:
    """GoEmotions comments whose labels all fall in one of the four categories."""
    file = root / "text_goemotions" / "goemotions.csv"
    if not file.is_file() and (folder := published.find_goemotions(root)):
        source = published.read_goemotions(folder)
    else:
        source = pd.read_csv(require(file, "GoEmotions"), keep_default_na=False)
    source = source[source["label4_strict"] != ""]
    return Corpus(
        "goemotions",
        make_table(
            pd.DataFrame(
                {
                    "id": source["id"],
                    "corpus": "goemotions",
                    "language": "en",
                    "split": source["split"],
                    "transcript": source["text"],
                    "emotion": source["labels27"],
                    "category": source["label4_strict"],
                }
            )
        ),
    )


def read_emobank(root: Path) -> Corpus:
    """EmoBank sentences with mean ratings of valence, arousal and dominance."""
    file = root / "text_emobank" / "emobank.csv"
    if not file.is_file():
        file = published.find_emobank(root) or file
    source = pd.read_csv(require(file, "EmoBank"), keep_default_na=False)
    return Corpus(
        "emobank",
        make_table(
            pd.DataFrame(
                {
                    "id": source["id"],
                    "corpus": "emobank",
                    "language": "en",
                    "split": source["split"],
                    "transcript": source["text"],
                    "arousal": EMOBANK_SCALE.to_unit(source["A"]),
                    "valence": EMOBANK_SCALE.to_unit(source["V"]),
                    "dominance": EMOBANK_SCALE.to_unit(source["D"]),
                }
            )
        ),
    )


def read_demonstration(root: Path, name: str) -> Corpus:
    """Read any of ravdess, nemo, emodb, crema_d, goemotions, emobank below `root`.

    Raises:
        CorpusError: an unknown name, or the corpus is missing.
    """
    if name == "goemotions":
        return read_goemotions(root)
    if name == "emobank":
        return read_emobank(root)
    if name not in SPEECH_FOLDERS:
        known = ", ".join((*SPEECH_FOLDERS, "goemotions", "emobank"))
        raise CorpusError(f"Unknown corpus '{name}': choose from {known}.")
    return read_speech(root, name)
