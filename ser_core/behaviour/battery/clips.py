"""Labelled clips with sound: which are taken, and what models say of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ser_core.behaviour.battery.disturbances import Disturbance
from ser_core.behaviour.changed_words import Load
from ser_core.corpora.demonstration import SPEECH_FOLDERS, read_speech
from ser_core.corpora.recognise import read
from ser_core.corpora.table import Corpus, join
from ser_core.errors import AudioError, CorpusError
from ser_core.evaluation.answers import as_scores
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import make_rows
from ser_core.inputs.audio import Clip
from ser_core.training.recordings import load_recording, recordings

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.results import Prediction

CLIPS = 60  # that are disturbed
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Heard:
    """Clips that could be read.

    Attributes:
        rows: columns as in `predictions.COLUMNS`, one a clip.
        clips: their sound.
        notes: what was left out.
    """

    rows: pd.DataFrame
    clips: list[Clip]
    notes: tuple[str, ...]


def is_demonstration(root: Path) -> bool:
    """Whether these are the corpora that the shipped models are measured on."""
    return all((root / folder).is_dir() for folder in SPEECH_FOLDERS.values())


def test_clips(root: Path) -> Corpus:
    """The test clips of the demonstration corpora, or of a corpus that is recognised.

    Of a corpus without a split for tests, all.

    Raises:
        CorpusError: none is recognised, or it has no recordings.
    """
    if is_demonstration(root):
        parts = [read_speech(root, name) for name in SPEECH_FOLDERS]
        corpus = Corpus("demonstration corpora", join(parts))
    else:
        corpus = read(root)
    table = corpus.table[corpus.table["path"] != ""]
    notes = corpus.notes
    if (table["split"] == "test").any():
        table = table[table["split"] == "test"]
        notes = (*notes, f"Only clips of the test split of {corpus.name} are taken.")
    if not len(table):
        raise CorpusError(f"{corpus.name} has no recordings: name a folder with sound.")
    return replace(corpus, table=table.reset_index(drop=True), notes=notes)


def choose(corpus: Corpus, most: int, seed: int = 0) -> Corpus:
    """At most so many clips, spread over speakers and labels."""
    if len(corpus.table) <= most:
        return corpus
    table = corpus.table.iloc[np.random.default_rng(seed).permutation(len(corpus.table))]
    # Of each speaker one clip of each label after another; then one of each speaker after another.
    table = table.iloc[_turns(table, ["speaker", "category"])]
    table = table.iloc[_turns(table, ["speaker"])[:most]].sort_index().reset_index(drop=True)
    note = f"{most:,} of {len(corpus.table):,} clips are taken, spread over speakers and labels."
    return replace(corpus, table=table, notes=(*corpus.notes, note))


def _turns(table: pd.DataFrame, by: list[str]) -> np.ndarray:
    """Places of the rows in an order that takes one of each group after another."""
    turn = table.groupby(by, sort=False).cumcount().to_numpy()
    return np.argsort(turn, kind="stable")


def sounds(corpus: Corpus, load: Load = load_recording) -> Iterator[Clip | AudioError]:
    """The sound of each row, or why it cannot be read."""
    for recording in recordings(corpus.table):
        try:
            yield load(recording)
        except AudioError as error:
            yield error


def hear(corpus: Corpus, load: Load = load_recording) -> Heard:
    """Read the sound of all clips; notes name those that cannot be read.

    Raises:
        CorpusError: none can be read.
    """
    clips, kept, broken = [], [], []
    for number, sound in enumerate(sounds(corpus, load)):
        if isinstance(sound, AudioError):
            broken.append(f"{corpus.table['id'].iloc[number]} is left out: {sound}")
        else:
            clips.append(sound)
            kept.append(number)
    if not clips:
        raise CorpusError(f"No clip of {corpus.name} can be read; the first: {broken[0]}")
    rows = corpus.table.iloc[kept].rename(columns={"transcript": "words"})
    rows = rows.assign(clip=rows["id"], set=corpus.name)
    return Heard(make_rows(rows), clips, (*corpus.notes, *broken))


def answers(
    analyzer: "Analyzer",
    heard: Heard,
    models: Sequence[str],
    disturbance: Disturbance | None = None,
    progress: Progress | None = None,
) -> dict[str, Scores]:
    """What models say of every clip, or of every disturbed clip, with the same words.

    Args:
        progress: is told the share of the clips that is done, before each.

    Returns:
        By model; NaN where a clip cannot be disturbed so.
    """
    said: list[dict[str, Prediction]] = []
    words = heard.rows["words"]
    for number, (clip, text) in enumerate(zip(heard.clips, words, strict=True)):
        if progress is not None:
            progress(number / len(heard.clips))
        try:
            changed = clip if disturbance is None else disturbance.apply(clip, number)
        except AudioError:
            said.append({})
        else:
            said.append(analyzer.analyze(changed, text, models).predictions)
    return {model: as_scores(model, said) for model in models}
