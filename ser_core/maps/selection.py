"""Which clips make the reference set of the demonstration models."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.corpora.demonstration import SPEECH_FOLDERS, read_speech
from ser_core.corpora.pairing import joint_category, joint_dimensions, one_hot
from ser_core.corpora.table import require
from ser_core.labels import CATEGORIES, CATEGORY_NORMS, DIMENSIONS, category_dimensions
from ser_core.synthesis.examples import load_examples

SENTENCES = Path(__file__).resolve().parents[2] / "checkpoints" / "background" / "sentences.csv"
MOST_OF_A_CORPUS = 240
PAIRED_CLIPS = 120

# Column -> what it holds; after them come the models' predictions.
COLUMNS = {
    "id": "unique in the set",
    "title": "what people read",
    "kind": "native (a clip as it is), pair (a clip with other words), example, or own",
    "corpus": "short name",
    "speaker": "unique over all corpora",
    "sex": "female, male or ''",
    "language": "of what is heard, ISO 639-1 or ''",
    "emotion": "the corpus' own label",
    "category": "one of the four, or ''; of a pair the joint one",
    "voice": "category of the voice alone, or ''",
    "said": "category of the words alone, or '' where they say nothing of it",
    "arousal": "[0, 1] or NaN",
    "valence": "[0, 1] or NaN",
    "dominance": "[0, 1] or NaN",
    "duration_s": "seconds",
    "words": "what the models read; '' for none",
    "example": "id of the example, or ''",
    "path": "of the sound below the folder of the corpora, or ''",
}
TITLES = {"ravdess": "RAVDESS", "nemo": "nEMO", "emodb": "EmoDB", "crema_d": "CREMA-D"}


def demonstration_rows(
    root: Path, seed: int, most: int = MOST_OF_A_CORPUS, paired: int = PAIRED_CLIPS
) -> pd.DataFrame:
    """Test clips of the demonstration corpora, constructed pairs, and the examples.

    Words that are not English are left out, as the app does: the text encoder cannot read them.

    Args:
        root: folder of the corpora.
        seed: of the choice.
        most: clips of a corpus, spread over its speakers and emotions.
        paired: English clips that are given a sentence of each category.

    Raises:
        CorpusError: a corpus, or the list of sentences, is missing.
    """
    random = np.random.default_rng(seed)
    parts = [_native(root, name, most, random) for name in SPEECH_FOLDERS]
    native = pd.concat(parts, ignore_index=True)
    spoken = native[(native["language"] == "en") & (native["category"] != "")]
    chosen = _spread(spoken, ["corpus", "speaker", "category"], paired, random)
    sentences = pd.read_csv(require(SENTENCES, "The list of sentences"), keep_default_na=False)
    pairs = _pairs(chosen, sentences)
    table = pd.concat([native, pairs, _examples()], ignore_index=True)[list(COLUMNS)]
    texts = table.columns.difference([*DIMENSIONS, "duration_s"])
    table[texts] = table[texts].fillna("").astype(str)
    return table


def _native(root: Path, name: str, most: int, random: np.random.Generator) -> pd.DataFrame:
    clips = read_speech(root, name).split("test")
    clips = _spread(clips, ["speaker", "emotion"], most, random)
    title = TITLES[name] + ", " + clips["emotion"] + ", " + clips["speaker"].map(_actor)
    return clips.assign(
        id=clips["corpus"] + "/" + clips["id"],
        title=title,
        kind="native",
        voice=clips["category"],
        said="",
        words=clips["transcript"].where(clips["language"] == "en", ""),
        path=[Path(path).relative_to(root).as_posix() for path in clips["path"]],
    )


def _actor(speaker: str) -> str:
    return f"speaker {speaker.rpartition('_')[2]}"


def _pairs(clips: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Each clip with a sentence of each category, one after another of its category's."""
    by_category = {name: of["text"].to_list() for name, of in sentences.groupby("category")}
    made = []
    for category in CATEGORIES:
        texts = by_category[category]
        words = [texts[number % len(texts)] for number in range(len(clips))]
        made.append(
            clips.assign(
                id=clips["id"] + "+" + category,
                title=category.capitalize() + " words, " + clips["title"],
                kind="pair",
                said=category,
                words=words,
            )
        )
    pairs = pd.concat(made).sort_index(kind="stable").reset_index(drop=True)  # clip by clip
    joint = joint_category(one_hot(pairs["voice"]), one_hot(pairs["said"]))
    said = np.stack([category_dimensions(name, 0.85) for name in pairs["said"]])
    dimensions = joint_dimensions(pairs[list(DIMENSIONS)].to_numpy(float), said)
    pairs[list(DIMENSIONS)] = dimensions
    return pairs.assign(category=[CATEGORIES[number] for number in joint.argmax(axis=1)])


def _examples() -> pd.DataFrame:
    return pd.DataFrame(list(_example_rows()))


def _example_rows() -> Iterator[dict[str, object]]:
    for example in load_examples():
        joint = example.voice if example.voice == example.words else ""
        norms = category_dimensions(joint, 0.85) if joint in CATEGORY_NORMS else [np.nan] * 3
        yield {
            "id": f"example/{example.id}",
            "title": example.title,
            "kind": "example",
            "corpus": "examples",
            "speaker": "synthetic" if example.transcript else "",
            "language": "en" if example.transcript else "",
            "emotion": example.voice,
            "category": joint,
            "voice": example.voice,
            "said": example.words,
            **dict(zip(DIMENSIONS, norms, strict=True)),
            "duration_s": example.duration_s,
            "words": example.transcript,
            "example": example.id,
        }


def _spread(
    table: pd.DataFrame, by: list[str], most: int, random: np.random.Generator
) -> pd.DataFrame:
    """At most so many rows, in their order, evenly over the groups as far as these reach."""
    table = table.iloc[random.permutation(len(table))]
    turn = table.groupby(by, sort=False).cumcount()
    chosen = turn.sort_values(kind="stable").index[:most]
    return table.loc[chosen].sort_index().reset_index(drop=True)
