"""CREMA-D: 91 actors, 12 sentences, six acted emotions (Cao et al. 2014).

    CREMA-D/AudioWAV/1001_DFA_ANG_XX.wav    actor, sentence, emotion, level (LO, MD, HI, XX)
            AudioMP3/…                      what the raters heard; read only without AudioWAV
            VideoDemographics.csv           ActorID, Age, Sex, Race, Ethnicity
            SentenceFilenames.csv           the 7,442 names

Layout, sentences and the four damaged clips after the README of CheyneyComputerScience/CREMA-D.
The label is the acted emotion, not the raters' vote; there are no ratings of dimensions and no
split. A clone without Git LFS has text in place of the audio, which is reported.
"""

import re
from pathlib import Path

from ser_core.corpora.acted import Row, read_names
from ser_core.corpora.files import NO_FILE, names_match
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of, sex_of
from ser_core.corpora.text_files import read_rows, require_columns

NAME = "crema_d"
LOOKS_FOR = "AudioWAV with names like 1001_DFA_ANG_XX.wav"
EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
SENTENCES = {
    "IEO": "It's eleven o'clock.",
    "TIE": "That is exactly what happened.",
    "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.",
    "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.",
    "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.",
    "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
# The authors' list: no or hardly any sound, and one that holds every emotion in a minute.
DAMAGED = frozenset({"1076_MTI_NEU_XX", "1076_MTI_SAD_XX", "1064_TIE_SAD_XX", "1064_IEO_DIS_MD"})

# 1040_ITH_SAD_XX was published as ..._X for years.
_CLIP = re.compile(rf"(\d{{4}})_({'|'.join(SENTENCES)})_({'|'.join(EMOTIONS)})_(LO|MD|HI|XX?)")


def _audio_folder(root: Path) -> Path:
    folders = (root / name for name in ("AudioWAV", "AudioMP3"))
    return next((folder for folder in folders if folder.is_dir()), root)


def matches(root: Path) -> bool:
    """Whether `root` looks like CREMA-D."""
    return names_match(_audio_folder(root), _CLIP, deep=False)


def read(root: Path) -> Corpus:
    """Read CREMA-D at `root`, or a folder with its clips.

    Raises:
        CorpusError: no folder is there, or a table is damaged.
    """
    notes = []
    sexes: dict[str, str] = {}
    demographics = root / "VideoDemographics.csv"
    skipped: list[Skipped] = []
    if demographics.is_file():
        actors, skipped = read_rows(demographics)
        require_columns(demographics, actors, ("ActorID", "Sex"))
        sexes = {actor["ActorID"]: sex_of(actor["Sex"]) for actor in actors}
    else:
        notes.append("There is no VideoDemographics.csv: the sex of the actors is empty.")

    def describe(match: re.Match[str]) -> Row | str:
        actor, sentence, emotion, level = match.groups()
        clip = f"{actor}_{sentence}_{emotion}_{'XX' if level == 'X' else level}"
        if clip in DAMAGED:
            return "known to be damaged"
        return {
            "id": clip,
            "speaker": f"{NAME}_{actor}",
            "sex": sexes.get(actor, ""),
            "language": "en",
            "session": sentence,
            "transcript": SENTENCES[sentence],
            "emotion": EMOTIONS[emotion],
            "category": category_of(EMOTIONS[emotion]),
        }

    rows, left_out = read_names(_audio_folder(root), _CLIP, describe)
    seen = {str(row["id"]) for row in rows} | {Path(str(row["path"])).stem for row in rows}
    seen |= {Path(item.item).stem for item in left_out}
    absent = []
    names = root / "SentenceFilenames.csv"
    if names.is_file():
        listed, problems = read_rows(names)
        require_columns(names, listed, ("Filename",))
        clips = dict.fromkeys(line["Filename"] for line in listed)
        absent = [Skipped(clip, NO_FILE) for clip in clips if clip and clip not in seen]
        skipped += problems
    else:
        notes.append("There is no SentenceFilenames.csv: clips that are missing are not known.")
    missing = [
        Skipped(str(row["id"]), "the sex of the actor is not known")
        for row in rows
        if sexes and not row["sex"]
    ]
    skipped += [*left_out, *absent]
    return assemble(NAME, rows, skipped=skipped, missing=missing, notes=notes)
