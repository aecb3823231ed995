"""Every trap of MELD, each in a test that is named after it."""

from pathlib import Path

import pytest
import trees
from trees import reasons, row

from ser_core.corpora import meld
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return meld.read(trees.meld(tmp_path_factory.mktemp("meld")))


def test_dialogue_numbers_begin_anew_in_each_split(corpus: Corpus) -> None:
    splits = dict(zip(corpus.table["id"], corpus.table["split"], strict=True))
    assert splits == {
        "train_dia0_utt0": "train",
        "train_dia0_utt1": "train",
        "train_dia1_utt0": "train",
        "train_dia1_utt1": "train",
        "train_dia1_utt2": "train",
        "dev_dia0_utt0": "dev",
        "test_dia0_utt0": "test",
    }
    assert row(corpus, "dev_dia0_utt0")["session"] == "dev_dia0"


def test_windows_marks_are_repaired_and_do_not_end_a_line(corpus: Corpus) -> None:
    words = "the point person on my company’s transition…"
    assert row(corpus, "train_dia0_utt0")["transcript"] == words


def test_quotation_marks_commas_and_the_word_none(corpus: Corpus) -> None:
    words = 'You must’ve had your hands full, "really".'
    assert row(corpus, "train_dia0_utt1")["transcript"] == words
    assert row(corpus, "train_dia1_utt0")["transcript"] == "None"


def test_joy_is_happy(corpus: Corpus) -> None:
    assert row(corpus, "train_dia1_utt0")["emotion"] == "joy"
    assert row(corpus, "train_dia1_utt0")["category"] == "happy"
    assert row(corpus, "train_dia1_utt1")["category"] == ""


def test_leads_have_names_others_an_episode_and_groups_no_speaker(corpus: Corpus) -> None:
    speakers = dict(zip(corpus.table["id"], corpus.table["speaker"], strict=True))
    assert speakers["train_dia0_utt0"] == "meld_Chandler"
    assert speakers["train_dia0_utt1"] == "meld_The Interviewer_s8e21"
    assert speakers["train_dia1_utt1"] == speakers["train_dia1_utt2"] == ""
    assert row(corpus, "train_dia0_utt0")["sex"] == "male"
    assert row(corpus, "train_dia0_utt1")["sex"] == ""


def test_a_film_is_a_clip(corpus: Corpus) -> None:
    assert Path(str(row(corpus, "dev_dia0_utt0")["path"])).suffix == ".mp4"


def test_clips_of_test_cut_anew_count(corpus: Corpus) -> None:
    path = Path(str(row(corpus, "test_dia0_utt0")["path"]))
    assert path.stem == "final_videos_testdia0_utt0"


def test_missing_damaged_and_unlisted_clips_are_reported(corpus: Corpus) -> None:
    assert reasons(corpus) == {
        "train_dia125_utt3": "known to be damaged",
        "dev_dia110_utt7": "no such audio file",
        "dev_dia66_utt9": "a clip that no table lists",
    }


def test_the_damaged_clip_may_have_been_replaced(tmp_path: Path) -> None:
    root = trees.meld(tmp_path)
    trees.mp4(root / trees.MELD_FOLDERS["train"] / "dia125_utt3.mp4")
    assert row(meld.read(root), "train_dia125_utt3")["emotion"] == "fear"


def test_sound_counts_before_the_film_of_the_same_cut(tmp_path: Path) -> None:
    root = trees.meld(tmp_path)
    trees.wav(root / "audio" / "dev" / "dia0_utt0.wav")
    path = Path(str(row(meld.read(root), "dev_dia0_utt0")["path"]))
    assert path == root / "audio" / "dev" / "dia0_utt0.wav"


def test_tables_in_data_meld_and_a_missing_one(tmp_path: Path) -> None:
    root = trees.meld(tmp_path)
    (root / "data" / "MELD").mkdir(parents=True)
    for split in ("train", "dev"):
        (root / f"{split}_sent_emo.csv").rename(root / "data/MELD" / f"{split}_sent_emo.csv")
    (root / "test_sent_emo.csv").unlink()
    corpus = meld.read(root)
    assert set(corpus.table["split"]) == {"train", "dev"}
    assert reasons(corpus)["test_sent_emo.csv"] == "no such table"
    assert reasons(corpus)["test_dia0_utt0"] == "a clip that no table lists"


def test_other_folders_and_damaged_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"looked for train_sent_emo\.csv"):
        meld.read(tmp_path)
    (tmp_path / "dev_sent_emo.csv").write_text("Utterance,Speaker\nHey.,Joey\n")
    with pytest.raises(CorpusError, match="no column Emotion"):
        meld.read(tmp_path)
