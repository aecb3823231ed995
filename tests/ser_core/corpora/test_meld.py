"""Every trap of MELD, each in a test that is named after it."""

from pathlib import Path

import pytest
import trees
from trees import gaps, reasons, row

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


def test_a_copy_is_reported_and_counts_less_than_the_published_place(tmp_path: Path) -> None:
    root = trees.meld(tmp_path)
    for copy in ("backup/train/dia0_utt0.wav", "train/again/more/dia0_utt0.wav"):
        trees.wav(root / copy)
    trees.wav(root / "audio" / "dev" / "dia0_utt0.wav")
    corpus = meld.read(root)
    clip = Path(str(row(corpus, "train_dia0_utt0")["path"]))
    assert clip == root / trees.MELD_FOLDERS["train"] / "dia0_utt0.wav"
    assert [item for item, reason in reasons(corpus).items() if reason == meld.COPY] == [
        "dev/dev_splits_complete/dia0_utt0.mp4",
        "train/again/more/dia0_utt0.wav",
        "backup/train/dia0_utt0.wav",
    ]


def test_an_intact_first_cut_counts_before_an_empty_new_one(tmp_path: Path) -> None:
    root = trees.meld(tmp_path)
    first = root / trees.MELD_FOLDERS["test"] / "dia0_utt0.wav"
    new = first.with_name("final_videos_testdia0_utt0.wav")
    assert row(meld.read(root), "test_dia0_utt0")["path"] == str(new)
    new.write_bytes(b"")
    corpus = meld.read(root)
    assert row(corpus, "test_dia0_utt0")["path"] == str(first)
    assert reasons(corpus)[new.relative_to(root).as_posix()] == meld.COPY


@pytest.mark.parametrize(
    ("folders", "split"),
    [
        ("train/train_splits", "train"),
        ("output_repeated_splits_test", "test"),
        ("train/development_copy/clips", "train"),
        ("train/latest_cut", "train"),
        ("train/test_cut", "train"),
        ("TrainAudio/16k", "train"),
        ("audio/DEV", "dev"),
        ("dev16k", "dev"),
        ("latest", ""),
        ("train_dev", ""),
        ("train/test", ""),
        ("train_splits/test_splits", "test"),
        ("trainset", "train"),
        ("DevSplits/16k", "dev"),
        ("train_dev_test_wav/train_splits", "train"),
        ("test_audio/train_splits", "train"),
    ],
)
def test_the_split_is_a_word_in_the_names_of_folders(
    tmp_path: Path, folders: str, split: str
) -> None:
    root = trees.meld(tmp_path)
    clip = f"{folders}/dia7_utt7.wav"
    trees.wav(root / clip)
    found = reasons(meld.read(root))
    if split:
        assert found[f"{split}_dia7_utt7"] == "a clip that no table lists"
    else:
        assert found[clip] == "the name or folder is not one of the corpus"


def test_an_utterance_without_words_is_named(tmp_path: Path) -> None:
    root = trees.meld(tmp_path)
    table = root / "train_sent_emo.csv"
    table.write_text(table.read_text().replace("Hey!", ""))
    assert gaps(meld.read(root)) == {"train_dia1_utt1": "no transcript"}


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
