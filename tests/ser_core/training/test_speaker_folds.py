from pathlib import Path

import pandas as pd
import pytest

from ser_core.corpora.demonstration import SPEECH_FOLDERS, read_speech
from ser_core.corpora.table import join
from ser_core.training.speaker_folds import leave_out

FOLDS = 3


@pytest.fixture
def clips() -> pd.DataFrame:
    """Two corpora of five and seven training speakers, each with a dev and a test speaker."""
    speakers = [
        (corpus, f"{corpus}{number}", split)
        for corpus, training in (("a", 5), ("b", 7))
        for number, split in enumerate([*["train"] * training, "dev", "test"])
    ]
    table = pd.DataFrame(speakers, columns=["corpus", "speaker", "split"])
    return pd.concat([table] * 4, ignore_index=True)


def test_each_training_speaker_is_left_out_once(clips: pd.DataFrame) -> None:
    training = set(clips.loc[clips["split"] == "train", "speaker"])
    left_out = [
        set(clips.loc[leave_out(clips, fold, FOLDS) == "dev", "speaker"])
        for fold in range(1, FOLDS + 1)
    ]
    assert sum(len(speakers) for speakers in left_out) == len(set.union(*left_out))
    assert set.union(*left_out) == training


@pytest.mark.parametrize("fold", [1, 2, 3])
def test_a_fold_is_of_speakers_of_every_corpus(clips: pd.DataFrame, fold: int) -> None:
    before = clips.copy()
    split = leave_out(clips, fold, FOLDS)
    pd.testing.assert_frame_equal(clips, before)
    assert (split.groupby(clips["speaker"]).nunique() == 1).all()
    assert set(clips.loc[split == "dev", "corpus"]) == {"a", "b"}
    assert (split[clips["split"] == "test"] == "test").all()
    assert (split[clips["split"] == "dev"] == "").all()
    assert (clips.loc[split == "train", "split"] == "train").all()


@pytest.mark.corpora
def test_every_real_fold_has_every_category_of_every_corpus(corpora: Path) -> None:
    table = join([read_speech(corpora, name) for name in SPEECH_FOLDERS])
    for fold in range(1, 5):
        dev = table[leave_out(table, fold, 4) == "dev"]
        assert (pd.crosstab(dev["corpus"], dev["category"])[["neutral", "angry"]] > 0).all(
            axis=None
        )
