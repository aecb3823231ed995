"""The demonstration corpora in their publishers' layouts, as training needs them.

What the readers of RAVDESS, CREMA-D, nEMO and EmoDB give is brought to what the demonstration
models were trained on: nEMO and EmoDB in the four categories, CREMA-D without ten actors and
without the errors of its release. `processedResults/tabulatedVotes.csv` of CREMA-D gives the shares
of its raters. GoEmotions are `train.tsv`, `dev.tsv` and `test.tsv` (text, numbers of labels, id),
EmoBank is `emobank.csv`.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ser_core.corpora.headers import read_headers
from ser_core.corpora.recognise import READERS, find
from ser_core.corpora.table import Corpus, Skipped
from ser_core.corpora.text_files import read_rows, read_text, require_columns
from ser_core.errors import CorpusError

FOUR_CATEGORIES = ("nemo", "emodb")
LEFT_OUT_ACTORS = frozenset(str(actor) for actor in range(1082, 1092))
# Three recordings of CREMA-D's release under two labels each. The clips whose MP3, which the raters
# heard, was broken are among those that its reader leaves out.
TWICE = frozenset(
    {
        *("1006_TIE_HAP_XX", "1006_TIE_NEU_XX", "1013_WSI_DIS_XX", "1013_WSI_SAD_XX"),
        *("1017_IWW_ANG_XX", "1017_IWW_FEA_XX"),
    }
)
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": "unspecified"}
VOTES = Path("processedResults", "tabulatedVotes.csv")
_HEARD_OF = {
    "heard_neutral": "N",
    "heard_happy": "H",
    "heard_sad": "S",
    "heard_angry": "A",
    "heard_other": "DF",
}
# GoEmotions' 28 labels in the order of their numbers (`emotions.txt` of the release), and the four
# categories of those that have one.
GOEMOTIONS = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion"),
    *("curiosity", "desire", "disappointment", "disapproval", "disgust", "embarrassment"),
    *("excitement", "fear", "gratitude", "grief", "joy", "love", "nervousness", "optimism"),
    *("pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral"),
)
CATEGORY_OF_LABEL = {
    **dict.fromkeys(("anger", "annoyance"), "angry"),
    **dict.fromkeys(("joy", "excitement", "amusement"), "happy"),
    **dict.fromkeys(("sadness", "disappointment", "grief", "remorse"), "sad"),
    "neutral": "neutral",
}
SPLITS = ("train", "dev", "test")


def find_speech(root: Path, name: str) -> Path | None:
    """The folder of a corpus in its publisher's layout, at or below `root`.

    Raises:
        CorpusError: there are several.
    """
    found = find(root, name) if root.is_dir() else []
    if len(found) > 1:
        places = ", ".join(str(folder) for folder in found)
        raise CorpusError(f"{name} is there more than once, keep one of them: {places}.")
    return found[0] if found else None


def read_speech(folder: Path, name: str) -> tuple[Corpus, list[str]]:
    """A corpus and the acted intensity of each of its clips ("" where it has none).

    Durations are of the files' headers; `split` is left to the caller.

    Raises:
        CorpusError: see the reader of that corpus.
    """
    corpus = READERS[name].read(folder)
    skipped = list(corpus.skipped)
    kept = pd.Series(True, index=corpus.table.index)
    for reason, wrong in _exclusions(name, corpus.table).items():
        skipped += [Skipped(item, reason) for item in corpus.table.loc[wrong & kept, "id"]]
        kept &= ~wrong
    table = corpus.table[kept].reset_index(drop=True)
    corpus = read_headers(replace(corpus, table=table, skipped=tuple(skipped))).corpus
    table = corpus.table
    if name == "crema_d":
        table = table.assign(
            speaker=table["speaker"].str.replace("crema_d_", "crema_"),
            emotion=table["emotion"].replace({"happy": "happiness", "sad": "sadness"}),
        )
        if (folder / VOTES).is_file():
            table = table.merge(_votes(folder / VOTES), how="left", on="id")
    intensities = [_intensity(name, item) for item in table["id"]]
    return replace(corpus, table=table), intensities


def _exclusions(name: str, table: pd.DataFrame) -> dict[str, pd.Series]:
    """Why clips are not among those of the demonstration models, and which."""
    if name in FOUR_CATEGORIES:
        return {"an emotion that is none of the four": table["category"] == ""}
    if name == "crema_d":
        actors = table["speaker"].str.removeprefix("crema_d_")
        return {
            "an actor that the demonstration models do not use": actors.isin(LEFT_OUT_ACTORS),
            "the same recording under two labels": table["id"].isin(TWICE),
        }
    return {}


def _intensity(name: str, item: str) -> str:
    if name == "ravdess":
        return "strong" if item.split("-")[3] == "02" else "normal"
    return LEVELS[item.split("_")[3]] if name == "crema_d" else ""


def _votes(file: Path) -> pd.DataFrame:
    """Shares of the raters of each clip's voice: id and `ser_core.corpora.demonstration.HEARD`.

    The numbers of rows begin with the kind: 1 voice, 2 face, 3 both.
    """
    rows, _ = read_rows(file)
    require_columns(file, rows, ("", *"ADFHNS", "fileName"))
    votes = pd.DataFrame([row for row in rows if len(row[""]) == 6 and row[""][0] == "1"])
    counts = votes[list("ADFHNS")].astype(float)
    heard = {name: counts[list(of)].sum(axis=1) for name, of in _HEARD_OF.items()}
    shares = pd.DataFrame(heard).div(counts.sum(axis=1), axis=0)
    return shares.assign(id=votes["fileName"]).drop_duplicates("id")


def find_goemotions(root: Path) -> Path | None:
    """The folder of GoEmotions' three tables at or below `root`."""
    folders = (file.parent for file in sorted(root.glob("**/train.tsv")))
    return next((folder for folder in folders if _is_goemotions(folder)), None)


def _is_goemotions(folder: Path) -> bool:
    if not all((folder / f"{split}.tsv").is_file() for split in SPLITS):
        return False
    first = read_text(folder / "train.tsv").split("\n", 1)[0].split("\t")
    return len(first) == 3 and first[1].replace(",", "").isdecimal()


def read_goemotions(folder: Path) -> pd.DataFrame:
    """Comments with split, id, text, labels27, and label4_strict: the category of all of a
    comment's labels, "" where they have none or several.

    Raises:
        CorpusError: a table is damaged.
    """
    rows = []
    for split in SPLITS:
        file = folder / f"{split}.tsv"
        for number, line in enumerate(read_text(file).split("\n"), 1):
            if not line.strip():
                continue
            try:
                text, numbers, item = line.rstrip("\r").split("\t")
                labels = [GOEMOTIONS[int(label)] for label in numbers.split(",")]
            except (ValueError, IndexError) as error:
                raise CorpusError(f"{file} line {number} is damaged: fetch it again.") from error
            categories = {CATEGORY_OF_LABEL.get(label, "") for label in labels}
            rows.append(
                {
                    "split": split,
                    "id": item,
                    "text": text,
                    "labels27": "|".join(labels),
                    "label4_strict": categories.pop() if len(categories) == 1 else "",
                }
            )
    return pd.DataFrame(rows)


def find_emobank(root: Path) -> Path | None:
    """The table of EmoBank at or below `root`."""
    return next(iter(sorted(root.glob("**/emobank.csv"))), None)
