"""MSP-Podcast 1.7 to 1.12 and 2.0: spontaneous speech from podcasts (Lotfian and Busso 2019).

    MSP-PODCAST-…/
        Labels/labels_consensus.csv          `labels_concensus.csv` up to 1.8; the same as .json
        Audios/MSP-PODCAST_0001_0008.wav     or Audio/; names of three numbers occur too
        Transcripts/MSP-PODCAST_0001_0008.txt
        Partition.txt or Partitions.txt      `Train; MSP-PODCAST_0001_0008.wav`

Columns FileName, EmoClass, EmoAct, EmoVal, EmoDom, SpkrID, Gender, Split_Set: one letter for the
majority label (A, S, H, U, F, D, C, N; O other; X none), mean ratings in the order arousal,
valence, dominance on a scale of 1 to 7. Layout after the readme of the releases and the readers of
MSP-UTD, peft-ser and nkululeko.

Decisions:
- Train, Validation or Development, Test1, Test2, Test3 become train, dev, test, test2, test3.
- A turn of the partition file without labels (those of Test3 are hidden) is kept without them.
- Speaker "Unknown" becomes "": as a name it would make one speaker of thousands of strangers.
- `session` is the podcast, the first number of the name.
- One clip of release 1.8 is stereo at 44.1 kHz; the audio door mixes and resamples it.
"""

import json
import re
from pathlib import Path

from ser_core.corpora.files import (
    find_media,
    first_file,
    read_rows,
    read_text,
    require_columns,
    walk,
)
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.terms import sex_of, split_of
from ser_core.errors import CorpusError
from ser_core.labels import Scale

NAME = "msp_podcast"
LOOKS_FOR = "Labels/labels_consensus.csv (or labels_concensus.csv, or .json)"
SCALE = Scale(1, 7)
CATEGORIES = {"A": "angry", "S": "sad", "H": "happy", "N": "neutral"}
COLUMNS = ("FileName", "EmoClass", "EmoAct", "EmoVal", "EmoDom", "SpkrID", "Gender", "Split_Set")

_CLASSES = frozenset("ASHUFDCNOX")
_FILE = re.compile(r"MSP-PODCAST_\d+(?:_\d+){1,2}\.wav")
_LABEL_FOLDERS = ("Labels", "Labels/Labels", ".")
_SPELLINGS = ("labels_consensus", "labels_concensus")


def _labels_file(root: Path) -> Path | None:
    return first_file(
        root / folder / f"{stem}{suffix}"
        for suffix in (".csv", ".json")
        for folder in _LABEL_FOLDERS
        for stem in _SPELLINGS
    )


def matches(root: Path) -> bool:
    """Whether `root` looks like MSP-Podcast."""
    return _labels_file(root) is not None


def read(root: Path) -> Corpus:
    """Read a release of MSP-Podcast at `root`.

    Raises:
        CorpusError: no labels file, or a damaged one.
    """
    file = _labels_file(root)
    if file is None:
        raise CorpusError(f"MSP-Podcast not found at {root}: looked for {LOOKS_FOR}.")
    labels, skipped = _read_labels(file)
    partition, problems = _read_partition(root)
    skipped += problems
    audio = next((root / name for name in ("Audios", "Audio") if (root / name).is_dir()), None)
    media = find_media(audio) if audio else find_media(root)
    transcripts = {path.stem: path for path in walk(root / "Transcripts", {".txt"})}
    notes = [] if transcripts else ["There is no folder Transcripts: transcripts are empty."]
    conflicts = [
        name
        for name, label in labels.items()
        if partition.get(name, split := _split(label["Split_Set"])) != split and split
    ]
    if conflicts:
        notes.append(
            f"{len(conflicts)} turns have another split in the partition file than in the labels "
            f"file, which counts: {', '.join(conflicts[:3])}."
        )

    rows: list[dict[str, object]] = []
    missing: list[Skipped] = []
    for name in {**labels, **partition}:
        stem = name.removesuffix(".wav")
        if not _FILE.fullmatch(name):
            skipped.append(Skipped(name, "the name is not one of MSP-Podcast"))
            continue
        if stem not in media.files:
            skipped.append(Skipped(name, media.problem(stem)))
            continue
        row, gaps = _row(labels.get(name, {}), partition.get(name, ""))
        text = read_text(transcripts[stem]).strip() if stem in transcripts else ""
        if transcripts and not text:
            gaps.append("no transcript")
        rows.append(
            {
                **row,
                "id": stem,
                "path": media.files[stem],
                "language": "en",
                "session": "_".join(stem.split("_")[:2]),
                "transcript": " ".join(text.split()),
            }
        )
        missing += [Skipped(name, gap) for gap in gaps]
    listed = {name.removesuffix(".wav") for name in {**labels, **partition}}
    skipped += media.copies
    skipped += [
        Skipped(f"{stem}.wav", "audio that neither labels nor partitions list")
        for stem in {**media.files, **media.damaged}
        if stem not in listed
    ]
    unknown = sum(not row["speaker"] for row in rows)
    if unknown:
        notes.append(f"{unknown} turns have no known speaker: their speaker is empty.")
    return assemble(NAME, rows, skipped=skipped, missing=missing, notes=notes, scales=SCALE)


def _read_labels(file: Path) -> tuple[dict[str, dict[str, str]], list[Skipped]]:
    """File name -> its row of the labels file; and what was not understood."""
    if file.suffix == ".json":
        try:
            source = json.loads(read_text(file))
            rows = [
                {"FileName": name, **{key: str(value) for key, value in label.items()}}
                for name, label in source.items()
            ]
        except (ValueError, AttributeError) as error:
            raise CorpusError(f"{file} is damaged: {error}.") from error
        skipped: list[Skipped] = []
    else:
        rows, skipped = read_rows(file)
    # Split_Set may be in the partition file alone.
    require_columns(file, rows, COLUMNS[:-1])
    labels: dict[str, dict[str, str]] = {}
    for row in rows:
        name = row["FileName"]
        if name in labels:
            skipped.append(Skipped(name, "listed before in the labels file"))
        else:
            labels[name] = {"Split_Set": "", **row}
    return labels, skipped


def _read_partition(root: Path) -> tuple[dict[str, str], list[Skipped]]:
    """File name -> split, from the partition file where there is one."""
    file = first_file(
        root / folder / name
        for folder in (".", "Labels")
        for name in ("Partitions.txt", "Partition.txt")
    )
    partition: dict[str, str] = {}
    skipped = []
    for number, line in enumerate(read_text(file).splitlines() if file else (), 1):
        split, _, name = (part.strip() for part in line.partition(";"))
        if split and name:
            partition[name] = _split(split)
        elif line.strip():
            skipped.append(Skipped(f"{file and file.name} line {number}", "line not understood"))
    return partition, skipped


def _split(name: str) -> str:
    split = split_of(name)
    return "test" if split == "test1" else split


def _row(label: dict[str, str], partition: str) -> tuple[dict[str, object], list[str]]:
    """Columns from one row of the labels file ({} where it is hidden), and what it lacks."""
    emotion = label.get("EmoClass", "").upper()
    speaker = label.get("SpkrID", "")
    split = _split(label.get("Split_Set", "")) or partition
    gaps = [] if emotion in _CLASSES or not emotion else ["emotion class not known"]
    if not emotion:
        gaps.append("no label")
    if not split:
        gaps.append("no split")
    return {
        "speaker": "" if speaker.lower() in ("", "unknown") else f"{NAME}_{speaker}",
        "sex": sex_of(label.get("Gender", "")),
        "split": split,
        "emotion": emotion,
        "category": CATEGORIES.get(emotion, ""),
        "arousal": label.get("EmoAct", ""),
        "valence": label.get("EmoVal", ""),
        "dominance": label.get("EmoDom", ""),
    }, gaps
