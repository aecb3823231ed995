"""MELD: dialogues of several speakers from the series Friends (Poria et al. 2019).

    MELD.Raw/train_sent_emo.csv, dev_sent_emo.csv, test_sent_emo.csv   (or in train/, data/MELD/, …)
             train/train_splits/dia0_utt0.mp4
             dev/dev_splits_complete/…, test/output_repeated_splits_test/…

Columns Utterance, Speaker, Emotion, Dialogue_ID, Utterance_ID, Season, Episode. Layout after the
repository and issues of declare-lab/MELD. Clips may have been turned into audio files; a folder
named train, dev or test, or with that word in its name, says the split. What is special:

- Dialogue numbers begin anew in each split, so that ids and sessions carry the split.
- The tables hold Windows-1252 marks as control characters, which `read_text` repairs.
- 132 test clips were cut anew as `final_videos_testdia…`: these count. Hidden `._dia…` do not.
- dia125_utt3 of train cannot be opened in the public archive; it is left out unless replaced.
- Some clips of dev and test are in no table, and dia110_utt7 of dev has no clip: both are reported.

Speakers: the six leads by name. Other names ("Woman", "Guy") mean other people in other episodes
and are kept apart by episode; several people at once ("All", "Ross and Rachel") have no speaker.
The splits share speakers. There are no ratings.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from ser_core.corpora.files import (
    AUDIO,
    COPY,
    NO_TRANSCRIPT,
    VIDEO,
    Media,
    damage,
    first_file,
    walk,
)
from ser_core.corpora.headers import read_header
from ser_core.corpora.table import Corpus, Skipped, assemble
from ser_core.corpora.terms import category_of
from ser_core.corpora.text_files import read_rows, require_columns
from ser_core.errors import CorpusError

NAME = "meld"
LOOKS_FOR = "train_sent_emo.csv, dev_sent_emo.csv or test_sent_emo.csv"
SPLITS = ("train", "dev", "test")
LEADS = {
    **dict.fromkeys(("Monica", "Phoebe", "Rachel"), "female"),
    **dict.fromkeys(("Chandler", "Joey", "Ross"), "male"),
}
COLUMNS = ("Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID", "Season", "Episode")
DAMAGED = frozenset({"train_dia125_utt3"})

_CLIP = re.compile(r"(final_videos_test)?dia(\d+)_utt(\d+)")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")  # also of TrainAudio and dev16k
_SPLIT = re.compile(r"(train|dev|test)(set|splits?|wavs?|audio)?")
_GROUP = re.compile(r"all|both|everyone|everybody|.*(\band\b|,|&|/).*", re.IGNORECASE)


def _table(root: Path, split: str) -> Path | None:
    return first_file(
        root / folder / f"{split}_sent_emo.csv" for folder in (".", split, "data/MELD", "data")
    )


def matches(root: Path) -> bool:
    """Whether `root` looks like MELD."""
    return any(_table(root, split) for split in SPLITS)


def read(root: Path) -> Corpus:
    """Read MELD below `root`.

    Raises:
        CorpusError: no csv file is there, or one is damaged.
    """
    tables = {split: file for split in SPLITS if (file := _table(root, split))}
    if not tables:
        raise CorpusError(f"MELD not found at {root}: looked for {LOOKS_FOR}.")
    clips, skipped = _find_clips(root.absolute())
    skipped += clips.copies
    skipped += [
        Skipped(f"{split}_sent_emo.csv", "no such table") for split in SPLITS if split not in tables
    ]
    rows: list[dict[str, object]] = []
    missing, listed = [], set()
    for split, file in tables.items():
        lines, problems = read_rows(file)
        require_columns(file, lines, COLUMNS)
        skipped += problems
        for line in lines:
            name = f"{split}_dia{line['Dialogue_ID']}_utt{line['Utterance_ID']}"
            listed.add(name)
            clip = clips.files.get(name)
            if clip is None:
                skipped.append(Skipped(name, clips.problem(name)))
                continue
            if name in DAMAGED and read_header(clip) is None:
                skipped.append(Skipped(name, "known to be damaged"))
                continue
            if not line["Utterance"]:
                missing.append(Skipped(name, NO_TRANSCRIPT))
            rows.append({**_describe(line, split), "id": name, "path": clip})
    skipped += [Skipped(name, "a clip that no table lists") for name in clips.others(listed)]
    return assemble(NAME, rows, skipped=skipped, missing=missing)


def _describe(line: dict[str, str], split: str) -> dict[str, object]:
    speaker = line["Speaker"]
    if _GROUP.fullmatch(speaker):
        key = ""
    elif speaker in LEADS or not speaker:
        key = speaker
    else:
        key = f"{speaker}_s{line['Season']}e{line['Episode']}"
    return {
        "speaker": key and f"{NAME}_{key}",
        "sex": LEADS.get(speaker, ""),
        "language": "en",
        "session": f"{split}_dia{line['Dialogue_ID']}",
        "split": split,
        "transcript": line["Utterance"],
        "emotion": line["Emotion"],
        "category": category_of(line["Emotion"]),
    }


def _find_clips(root: Path) -> tuple[Media, list[Skipped]]:
    """The clips by names such as `train_dia0_utt0`, and the files that are none.

    A clip that can be used counts first, then one cut anew before the first cut, sound before
    picture, then the one whose split is said by the folder nearest to `root`:
    `train/train_splits/` before `backup/train/`.
    """
    media = Media()
    found: dict[str, list[tuple[tuple[bool, bool, bool, int, int, str], str]]] = {}
    skipped = []
    for path in walk(root, AUDIO | VIDEO):
        item = path.relative_to(root).as_posix()
        match = _CLIP.fullmatch(path.stem)
        split, depth = _split(path.relative_to(root).parts[:-1])
        if not match or not split:
            skipped.append(Skipped(item, "the name or folder is not one of the corpus"))
            continue
        first_cut, film = match[1] is None, path.suffix.lower() in VIDEO
        problem = damage(path)
        rank = (bool(problem), first_cut, film, depth, item.count("/"), item)
        name = f"{split}_dia{int(match[2])}_utt{int(match[3])}"
        found.setdefault(name, []).append((rank, problem))
    for name, files in found.items():
        (best, problem), *others = sorted(files)
        if problem:
            media.damaged[name] = problem
        else:
            media.files[name] = root / best[-1]
        # That a first cut is there beside the new one is how the corpus is published.
        intact_first_cut = (False, True)
        media.copies += [
            Skipped(rank[-1], COPY) for rank, _ in others if best[1] or rank[:2] != intact_first_cut
        ]
    return media, skipped


def _split(folders: Sequence[str]) -> tuple[str, int]:
    """The split that names of folders say, and how many are before the first that says it.

    A folder named `train` says more than those with that word in their names, such as
    `train_splits`, of which the one nearest to the clip counts. A name with several splits says
    none, and so do folders named `train` and `test` one in the other.
    """
    names = [folder.lower() for folder in folders]
    exact = {name for name in names if name in SPLITS}
    words = [
        {match[1] for word in _WORD.findall(folder) if (match := _SPLIT.fullmatch(word.lower()))}
        for folder in folders
    ]
    said = [exact] if exact else [splits for splits in words if splits]
    clear = [splits for splits in said if len(splits) == 1]
    if not clear:
        return "", 0
    (split,) = clear[-1]
    return split, next(depth for depth, splits in enumerate(words) if splits == {split})
