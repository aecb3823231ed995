"""RAVDESS: 24 actors, two sentences, eight acted emotions (Livingstone and Russo 2018).

    Actor_01/03-01-06-01-02-01-01.wav       or all clips in one folder

Seven numbers: modality (01 sound and picture, 02 picture, 03 sound), channel (01 speech, 02 song),
emotion, intensity (01 normal, 02 strong), sentence, repetition, actor (odd: male, even: female).
Naming after the Zenodo record 1188976. An actor has 60 clips of speech. Song and silent pictures
are left out, and so is the film of a performance whose sound is there. No ratings, no split.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ser_core.corpora.acted import Row, read_names
from ser_core.corpora.files import AUDIO, NO_FILE, VIDEO, names_match
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of

NAME = "ravdess"
LOOKS_FOR = "names like Actor_01/03-01-06-01-02-01-01.wav"
EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
SENTENCES = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
ACTORS = frozenset(f"{number:02d}" for number in range(1, 25))

# Only names that exist; neutral is never strong.
_CLIP = re.compile(r"(0[1-3])-(0[12])-(01(?=-01)|0[2-8])-0[12]-(0[12])-0[12]-(0[1-9]|1\d|2[0-4])")


def matches(root: Path) -> bool:
    """Whether `root` looks like RAVDESS."""
    return names_match(root, _CLIP, AUDIO | VIDEO)


def _describe(match: re.Match[str]) -> Row | str:
    modality, channel, emotion, sentence, actor = match.groups()
    if modality == "02":
        return "a picture without sound"
    if channel == "02":
        return "song, not speech"
    return {
        "speaker": f"{NAME}_{actor}",
        "sex": "male" if int(actor) % 2 else "female",
        "language": "en",
        "session": f"S{int(sentence)}",
        "transcript": SENTENCES[sentence],
        "emotion": EMOTIONS[emotion],
        "category": category_of(EMOTIONS[emotion]),
    }


def _performances(actor: str) -> Iterator[str]:
    """Names of an actor's 60 clips of speech, without the modality; neutral is never strong."""
    for emotion in EMOTIONS:
        for intensity in ("01",) if emotion == "01" else ("01", "02"):
            for sentence in SENTENCES:
                for repetition in ("01", "02"):
                    yield f"01-{emotion}-{intensity}-{sentence}-{repetition}-{actor}"


def read(root: Path) -> Corpus:
    """Read the speech of RAVDESS below `root`.

    A clip that an actor lacks is reported by name, and so is an actor without clips.

    Raises:
        CorpusError: no folder is there.
    """
    rows, skipped = read_names(root, _CLIP, _describe, AUDIO | VIDEO)
    sounds = {str(row["id"])[3:] for row in rows if str(row["id"]).startswith("03-")}
    kept = []
    for row in rows:
        name = str(row["id"])
        if name.startswith("01-") and name[3:] in sounds:
            skipped.append(Skipped(name, "the film of a clip whose sound is there"))
        else:
            kept.append(row)
    silent = "02-"  # the picture alone
    stems = [Path(left.item).stem for left in skipped]
    seen = {str(row["id"])[3:] for row in kept}
    seen |= {stem[3:] for stem in stems if not stem.startswith(silent)}
    actors = {str(row["id"])[-2:] for row in kept}
    skipped += [
        Skipped(f"03-{performance}", NO_FILE)
        for actor in sorted(actors)
        for performance in _performances(actor)
        if performance not in seen
    ]
    lacking = sorted(ACTORS - actors)
    notes = [f"There are no clips of actor {', '.join(lacking)}."] if lacking else []
    return assemble(NAME, kept, skipped=skipped, notes=notes)
