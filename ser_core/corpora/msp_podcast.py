"""MSP-Podcast 1.7 to 1.12 and 2.0: spontaneous speech from podcasts (Lotfian and Busso 2019).

    MSP-PODCAST-…/
        Labels/labels_consensus.csv            see `ser_core.corpora.msp_labels`
        Audios/MSP-PODCAST_0001_0008.wav       or Audio/; names of three numbers occur too
        Transcripts/MSP-PODCAST_0001_0008.txt  not for every turn
        Partition.txt or Partitions.txt

A turn has one letter for the majority label (A, S, H, U, F, D, C, N; O other; X none) and mean
ratings in the order arousal, valence, dominance on a scale of 1 to 7. Layout after the readme of
the releases and the readers of MSP-UTD, peft-ser and nkululeko. Decisions:

- Train, Validation or Development, Test1, Test2, Test3 become train, dev, test, test2, test3.
- A turn of the partition file without labels (those of Test3 are hidden) is kept without them.
- Speaker "Unknown" becomes "": as a name it would make one speaker of thousands of strangers.
- `session` is the podcast, the first number of the name.
- One clip of release 1.8 is stereo at 44.1 kHz; the audio door mixes and resamples it.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from ser_core.corpora.files import NO_TRANSCRIPT, find_folder, find_media, walk
from ser_core.corpora.msp_labels import find_labels, read_labels, read_partition
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.terms import sex_of
from ser_core.corpora.text_files import read_text
from ser_core.errors import CorpusError
from ser_core.labels import DIMENSIONS, Scale

NAME = "msp_podcast"
LOOKS_FOR = "Labels/labels_consensus.csv (or labels_concensus.csv, or .json)"
SCALE = Scale(1, 7)
CLASSES = frozenset("ASHUFDCNOX")
CATEGORIES = {"A": "angry", "S": "sad", "H": "happy", "N": "neutral"}

_FILE = re.compile(r"(MSP-PODCAST_\d+)(?:_\d+)+\.wav")


def matches(root: Path) -> bool:
    """Whether `root` looks like MSP-Podcast."""
    return find_labels(root) is not None


def read(root: Path) -> Corpus:
    """Read a release of MSP-Podcast at `root`.

    Raises:
        CorpusError: no labels file, or a damaged one.
    """
    file = find_labels(root)
    if file is None:
        raise CorpusError(f"MSP-Podcast not found at {root}: looked for {LOOKS_FOR}.")
    labels, skipped = read_labels(file)
    partition, problems = read_partition(root)
    skipped += problems
    media = find_media(find_folder(root, "Audios", "Audio") or root)
    words = _find_transcripts(root)
    rows: list[dict[str, object]] = []
    missing: list[Skipped] = []
    unusable: list[dict[str, object]] = []
    listed = {**labels, **partition}
    for name in listed:
        stem = name.removesuffix(".wav")
        match = _FILE.fullmatch(name)
        if not match:
            skipped.append(Skipped(name, "the name is not one of the corpus"))
            continue
        label = labels.get(name, {})
        row = {
            "id": stem,
            "path": media.files.get(stem, ""),
            "language": "en",
            "session": match[1],
            "split": label.get("Split_Set") or partition.get(name, ""),
            "transcript": " ".join(read_text(words[stem]).split()) if stem in words else "",
            **_labels(label),
        }
        if not row["path"]:
            skipped.append(Skipped(name, media.problem(stem)))
            unusable.append({**row, "id": name})
            continue
        rows.append(row)
        missing += [Skipped(stem, gap) for gap in _gaps(row, bool(words))]
    skipped += media.copies
    skipped += [
        Skipped(f"{stem}.wav", "audio that neither labels nor partitions list")
        for stem in media.others(name.removesuffix(".wav") for name in listed)
    ]
    notes = _notes(rows, labels, partition, bool(words))
    return assemble(
        NAME,
        rows,
        skipped=skipped,
        missing=missing,
        notes=notes,
        scales=SCALE,
        unusable=unusable,
    )


def _find_transcripts(root: Path) -> dict[str, Path]:
    folder = find_folder(root, "Transcripts")
    return {path.stem: path for path in walk(folder, {".txt"})} if folder else {}


def _labels(label: Mapping[str, str]) -> dict[str, object]:
    """Columns from a row of the labels file; {} where the labels are hidden."""
    emotion = label.get("EmoClass", "").upper()
    speaker = label.get("SpkrID", "")
    return {
        "speaker": "" if speaker.lower() in ("", "unknown") else f"{NAME}_{speaker}",
        "sex": sex_of(label.get("Gender", "")),
        "emotion": emotion,
        "category": CATEGORIES.get(emotion, ""),
        "arousal": label.get("EmoAct", ""),
        "valence": label.get("EmoVal", ""),
        "dominance": label.get("EmoDom", ""),
    }


def _gaps(row: Mapping[str, object], transcribed: bool) -> list[str]:
    """What a turn lacks; transcripts only where the release has any, ratings where a label is."""
    gaps = {
        "no label": not row["emotion"],
        "the emotion class is not known": bool(row["emotion"]) and row["emotion"] not in CLASSES,
        **{f"no {name}": bool(row["emotion"]) and not row[name] for name in DIMENSIONS},
        "no split": not row["split"],
        NO_TRANSCRIPT: transcribed and not row["transcript"],
    }
    return [gap for gap, lacks in gaps.items() if lacks]


def _notes(
    rows: list[dict[str, object]],
    labels: Mapping[str, Mapping[str, str]],
    partition: Mapping[str, str],
    transcribed: bool,
) -> list[str]:
    notes = [] if transcribed else ["There are no transcripts in Transcripts."]
    if unknown := sum(not row["speaker"] for row in rows):
        notes.append(f"{unknown} turns have no known speaker: their speaker is empty.")
    conflicts = [
        name
        for name, split in partition.items()
        if labels.get(name, {}).get("Split_Set") not in (None, "", split)
    ]
    if conflicts:
        notes.append(
            f"{len(conflicts)} turns have another split in the partition file than in the labels "
            f"file, which counts: {', '.join(conflicts[:3])}."
        )
    return notes
