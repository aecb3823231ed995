"""Every trap of MSP-Podcast, each in a test that is named after it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trees
from trees import gaps, reasons, row

from ser_core.corpora import msp_podcast
from ser_core.corpora.recognise import recognise
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError
from ser_core.inputs import audio


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return msp_podcast.read(trees.msp_podcast(tmp_path_factory.mktemp("msp")))


def test_all_turns_and_no_other(corpus: Corpus) -> None:
    assert set(corpus.table["id"]) == {*trees.MSP_LABELS, trees.MSP_HIDDEN}
    assert corpus.skipped == ()


def test_columns_are_arousal_valence_dominance_from_1_to_7(corpus: Corpus) -> None:
    turn = row(corpus, "MSP-PODCAST_0001_0019")  # 7.0, 1.0, 5.5
    assert (turn["arousal"], turn["valence"], turn["dominance"]) == (1.0, 0.0, 0.75)


def test_the_splits_of_release_1_10_and_later(corpus: Corpus) -> None:
    splits = dict(zip(corpus.table["id"], corpus.table["split"], strict=True))
    assert splits["MSP-PODCAST_0001_0008"] == "train"
    assert splits["MSP-PODCAST_1234_0123_0001"] == "dev"
    assert splits["MSP-PODCAST_0002_0001"] == "test"
    assert splits["MSP-PODCAST_0004_0001"] == "test2"
    assert splits[trees.MSP_HIDDEN] == "test3"


def test_four_letters_are_categories_and_all_are_kept(corpus: Corpus) -> None:
    pairs = set(zip(corpus.table["emotion"], corpus.table["category"], strict=True))
    assert pairs == {
        ("A", "angry"),
        ("S", "sad"),
        ("H", "happy"),
        ("N", "neutral"),
        *(("X", ""), ("C", ""), ("U", ""), ("", "")),
    }


def test_names_of_three_numbers(corpus: Corpus) -> None:
    turn = row(corpus, "MSP-PODCAST_1234_0123_0001")
    assert turn["session"] == "MSP-PODCAST_1234"
    assert turn["transcript"] == "What was said in 0001."
    assert Path(str(turn["path"])).name == "MSP-PODCAST_1234_0123_0001.wav"


def test_unknown_speakers_are_not_one_speaker(corpus: Corpus) -> None:
    assert row(corpus, "MSP-PODCAST_0001_0008")["speaker"] == "msp_podcast_30"
    for name in ("MSP-PODCAST_0002_0001", "MSP-PODCAST_0003_0001"):
        assert row(corpus, name)["speaker"] == ""
    assert row(corpus, "MSP-PODCAST_0002_0001")["sex"] == ""
    assert row(corpus, "MSP-PODCAST_0003_0001")["sex"] == "female"
    assert corpus.notes == ("3 turns have no known speaker: their speaker is empty.",)


def test_turns_without_a_transcript_are_reported_and_kept(corpus: Corpus) -> None:
    assert gaps(corpus)["MSP-PODCAST_0001_0008"] == "no transcript"
    assert row(corpus, "MSP-PODCAST_0001_0008")["transcript"] == ""


def test_hidden_labels_of_test3_are_empty_and_reported(corpus: Corpus) -> None:
    turn = row(corpus, trees.MSP_HIDDEN)
    assert turn["emotion"] == turn["category"] == turn["speaker"] == ""
    assert turn["valence"] != turn["valence"]
    assert gaps(corpus) == {
        "MSP-PODCAST_0001_0008": "no transcript",
        trees.MSP_HIDDEN: "no label",
    }


def test_the_stereo_outlier_is_a_row_that_the_audio_door_mixes(corpus: Corpus) -> None:
    clip = audio.load(str(row(corpus, "MSP-PODCAST_1023_0235")["path"]))
    assert (clip.source.sample_rate, clip.source.channels) == (44_100, 2)
    assert clip.samples.shape == (3_200,)


def test_release_1_8_misspelt_labels_folder_audio_and_validation(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path, "1.8")
    assert (root / "Labels" / "labels_concensus.csv").is_file()
    corpus = msp_podcast.read(root)
    assert row(corpus, "MSP-PODCAST_1234_0123_0001")["split"] == "dev"
    assert len(corpus.table) == len(trees.MSP_LABELS)
    # No folder of transcripts: one note, not a report for each turn.
    assert corpus.missing == ()
    assert corpus.notes[0] == "There are no transcripts in Transcripts."


def test_json_in_place_of_csv(tmp_path: Path, corpus: Corpus) -> None:
    from_json = msp_podcast.read(trees.msp_podcast(tmp_path, "json"))
    assert from_json.table.drop(columns="path").equals(corpus.table.drop(columns="path"))


def test_csv_counts_before_json(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    trees.msp_podcast(tmp_path / "other", "json")
    other = tmp_path / "other/MSP-PODCAST-json/Labels/labels_consensus.json"
    text = other.read_text().replace('"EmoClass": "A"', '"EmoClass": "S"')
    (root / "Labels/labels_consensus.json").write_text(text)
    assert row(msp_podcast.read(root), "MSP-PODCAST_0001_0019")["emotion"] == "A"
    (root / "Labels/labels_consensus.csv").unlink()
    assert row(msp_podcast.read(root), "MSP-PODCAST_0001_0019")["emotion"] == "S"


def test_the_misspelt_json_of_release_1_8(tmp_path: Path) -> None:
    labels = trees.msp_podcast(tmp_path, "json") / "Labels"
    (labels / "labels_consensus.json").rename(labels / "labels_concensus.json")
    assert msp_podcast.matches(labels.parent)
    assert row(msp_podcast.read(labels.parent), "MSP-PODCAST_0001_0019")["emotion"] == "A"


def edit_json(root: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    file = root / "Labels/labels_consensus.json"
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(json.dumps(content))


def test_nothing_in_json_is_nothing_and_not_the_word_none(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path, "json")
    (root / "Partition.txt").unlink()
    nothing = {"EmoClass": "A", **dict.fromkeys(("EmoAct", "SpkrID", "Gender", "Split_Set"))}
    edit_json(root, lambda content: content["MSP-PODCAST_0001_0019.wav"].update(nothing))
    corpus = msp_podcast.read(root)
    turn = row(corpus, "MSP-PODCAST_0001_0019")
    assert (turn["speaker"], turn["sex"], turn["split"]) == ("", "", "")
    assert turn["arousal"] != turn["arousal"]
    assert turn["valence"] == 0.0
    reported = [item.reason for item in corpus.missing if item.item == "MSP-PODCAST_0001_0019"]
    assert reported == ["no arousal", "no split"]


def test_a_field_that_one_entry_of_json_lacks_is_empty_there(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path, "json")
    edit_json(root, lambda content: content["MSP-PODCAST_0001_0008.wav"].pop("Gender"))
    corpus = msp_podcast.read(root)
    assert row(corpus, "MSP-PODCAST_0001_0008")["sex"] == ""
    assert row(corpus, "MSP-PODCAST_0001_0019")["sex"] == "male"
    edit_json(root, lambda content: [label.pop("EmoVal") for label in content.values()])
    with pytest.raises(CorpusError, match="no column EmoVal"):
        msp_podcast.read(root)


def test_an_entry_of_json_without_labels_is_reported_by_name(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path, "json")
    entries = {"MSP-PODCAST_0001_0008.wav": None, "MSP-PODCAST_0001_0019.wav": [1, 2]}
    edit_json(root, lambda content: content.update(entries))
    corpus = msp_podcast.read(root)
    assert reasons(corpus) == dict.fromkeys(entries, "no labels in labels_consensus.json")
    assert gaps(corpus)["MSP-PODCAST_0001_0019"] == "no label"  # kept, as the partition lists it


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1, 2]", "it should hold labels by name of file"),
        ("null", "it should hold labels by name of file"),
        ("{}", "no rows"),
        ("[" * 100_000, "is damaged"),
    ],
)
def test_json_of_another_kind_is_refused(tmp_path: Path, content: str, message: str) -> None:
    root = trees.msp_podcast(tmp_path, "json")
    (root / "Labels/labels_consensus.json").write_text(content)
    with pytest.raises(CorpusError, match=message):
        msp_podcast.read(root)


def test_a_labelled_turn_without_a_rating_is_reported(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    labels = root / "Labels/labels_consensus.csv"
    labels.write_text(labels.read_text().replace("0019.wav,A,7.0,1.0,5.5", "0019.wav,A,7.0,,"))
    corpus = msp_podcast.read(root)
    reported = [item.reason for item in corpus.missing if item.item == "MSP-PODCAST_0001_0019"]
    assert reported == ["no valence", "no dominance"]


@pytest.mark.parametrize("folder", ["Labels/Labels", "."])
def test_labels_in_other_places(tmp_path: Path, folder: str) -> None:
    root = trees.msp_podcast(tmp_path)
    (root / "Labels").rename(root / "old")
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "old/labels_consensus.csv").rename(root / folder / "labels_consensus.csv")
    shutil.rmtree(root / "old")
    assert msp_podcast.matches(root)
    assert row(msp_podcast.read(root), "MSP-PODCAST_0001_0019")["emotion"] == "A"


def test_folders_in_lower_case(tmp_path: Path, corpus: Corpus) -> None:
    root = trees.msp_podcast(tmp_path)
    for folder in ("Labels", "Audios", "Transcripts"):
        (root / folder).rename(root / "moving")
        (root / "moving").rename(root / folder.lower())
    other = trees.wav(root / "elsewhere" / "MSP-PODCAST_0001_0008.wav")
    reader, found = recognise(root)
    assert (reader.name, found) == ("msp_podcast", root)
    lower = reader.read(found)
    assert lower.table.drop(columns="path").equals(corpus.table.drop(columns="path"))
    assert str(other) not in set(lower.table["path"])


@pytest.mark.parametrize(("release", "folder"), [("1.11", "Audios"), ("1.8", "Audio")])
def test_only_the_folder_of_audio_is_looked_at(tmp_path: Path, release: str, folder: str) -> None:
    root = trees.msp_podcast(tmp_path, release)
    trees.wav(root / "MSP-PODCAST_0001_0008.wav")
    trees.wav(root / "A" / "MSP-PODCAST_0001_0008.wav")
    corpus = msp_podcast.read(root)
    path = Path(str(row(corpus, "MSP-PODCAST_0001_0008")["path"]))
    assert path.parent == root / folder
    assert corpus.skipped == ()


def test_audios_counts_before_audio(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    trees.wav(root / "Audio" / "MSP-PODCAST_0001_0008.wav")
    path = Path(str(row(msp_podcast.read(root), "MSP-PODCAST_0001_0008")["path"]))
    assert path.parent.name == "Audios"


def test_a_second_copy_of_a_clip_is_reported(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    trees.wav(root / "Audios/again/MSP-PODCAST_0001_0008.wav")
    assert reasons(msp_podcast.read(root)) == {
        "again/MSP-PODCAST_0001_0008.wav": "another file has the same name"
    }


def test_macos_files_are_no_transcripts(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    shutil.rmtree(root / "Transcripts")
    trees.text(root / "Transcripts/._MSP-PODCAST_0001_0019.txt", "\x00\x05\x16\x07")
    corpus = msp_podcast.read(root)
    assert not corpus.table["transcript"].any()
    assert corpus.notes[0] == "There are no transcripts in Transcripts."


def test_all_classes_are_known(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    names = [f"MSP-PODCAST_0050_{number:04d}" for number in range(len("ASHUFDCNOX"))]
    trees.text(
        root / "Labels/labels_consensus.csv",
        trees.msp_csv(
            {
                name: (letter, "4.0", "4.0", "4.0", "7", "Male", "Train")
                for name, letter in zip(names, "ASHUFDCNOX", strict=True)
            }
        ),
    )
    for name in names:
        trees.wav(root / "Audios" / f"{name}.wav")
        trees.text(root / "Transcripts" / f"{name}.txt", "Words.")
    corpus = msp_podcast.read(root)
    assert "".join(row(corpus, name)["emotion"] for name in names) == "ASHUFDCNOX"
    assert not set(names) & set(gaps(corpus))


def test_both_names_of_the_partition_file_fill_an_empty_split(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    text = (root / "Labels/labels_consensus.csv").read_text()
    (root / "Labels/labels_consensus.csv").write_text(text.replace(",Test2", ","))
    assert row(msp_podcast.read(root), "MSP-PODCAST_0004_0001")["split"] == "test2"
    (root / "Partition.txt").rename(root / "Partitions.txt")
    assert row(msp_podcast.read(root), "MSP-PODCAST_0004_0001")["split"] == "test2"
    (root / "Partitions.txt").unlink()
    assert gaps(msp_podcast.read(root))["MSP-PODCAST_0004_0001"] == "no split"


def test_a_partition_file_in_labels(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    (root / "Partition.txt").rename(root / "Labels/Partition.txt")
    assert row(msp_podcast.read(root), trees.MSP_HIDDEN)["split"] == "test3"


def test_of_two_partition_files_one_counts_and_the_other_is_reported(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    trees.text(root / "Partitions.txt", f"Test2; {trees.MSP_HIDDEN}.wav\n")
    corpus = msp_podcast.read(root)
    assert row(corpus, trees.MSP_HIDDEN)["split"] == "test2"
    assert reasons(corpus) == {"Partition.txt": "not read: another partition file counts"}


def test_of_two_splits_of_a_turn_the_first_counts(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    text = (root / "Partition.txt").read_text()
    again = f"Test3; {trees.MSP_HIDDEN}.wav\nTrain; {trees.MSP_HIDDEN}.wav\n"
    (root / "Partition.txt").write_text(text + again)
    corpus = msp_podcast.read(root)
    assert row(corpus, trees.MSP_HIDDEN)["split"] == "test3"
    assert [(item.item, item.reason) for item in corpus.skipped] == [
        (f"{trees.MSP_HIDDEN}.wav", "listed before in Partition.txt, in another split")
    ]


def test_another_split_in_the_partition_file_is_noted(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    text = (root / "Partition.txt").read_text()
    (root / "Partition.txt").write_text(
        text.replace("Train; MSP-PODCAST_0001_0008", "Test1; MSP-PODCAST_0001_0008") + "garbage\n"
    )
    corpus = msp_podcast.read(root)
    assert row(corpus, "MSP-PODCAST_0001_0008")["split"] == "train"
    assert "1 turns have another split" in corpus.notes[1]
    assert "MSP-PODCAST_0001_0008.wav" in corpus.notes[1]
    assert reasons(corpus) == {"Partition.txt line 9": "line not understood"}


def test_missing_broken_and_unlisted_files_are_reported_by_name(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    (root / "Audios/MSP-PODCAST_0001_0008.wav").unlink()
    (root / "Audios/MSP-PODCAST_0001_0019.wav").write_bytes(b"")
    trees.wav(root / "Audios/MSP-PODCAST_0777_0001.wav")
    trees.wav(root / "Audios/._MSP-PODCAST_0001_0008.wav")
    labels = root / "Labels/labels_consensus.csv"
    labels.write_text(
        labels.read_text()
        + "MSP-PODCAST_0001_0001.wav,N,2.2\n"
        + "other.wav,N,2.2,4.0,2.6,30,Male,Train\n"
        + "MSP-PODCAST_0002_0001.wav,N,2.2,4.0,2.6,30,Male,Train\n"
    )
    corpus = msp_podcast.read(root)
    assert reasons(corpus) == {
        "labels_consensus.csv line 9": "a wrong number of fields",
        "MSP-PODCAST_0002_0001.wav": "listed before in the labels file",
        "MSP-PODCAST_0001_0008.wav": "no such audio file",
        "MSP-PODCAST_0001_0019.wav": "the file is empty",
        "other.wav": "the name is not one of the corpus",
        "MSP-PODCAST_0777_0001.wav": "audio that neither labels nor partitions list",
    }
    assert row(corpus, "MSP-PODCAST_0002_0001")["emotion"] == "S"  # the first line counts


def test_unknown_classes_and_ratings_off_the_scale_are_reported(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    labels = root / "Labels/labels_consensus.csv"
    labels.write_text(
        labels.read_text()
        .replace("0019.wav,A,", "0019.wav,Q,")
        .replace("0004_0001.wav,C,4.8,", "0004_0001.wav,C,high,")
        .replace("1023_0235.wav,U,5.0,", "1023_0235.wav,U,7.5,")
    )
    corpus = msp_podcast.read(root)
    assert gaps(corpus)["MSP-PODCAST_0001_0019"] == "the emotion class is not known"
    assert row(corpus, "MSP-PODCAST_0001_0019")["emotion"] == "Q"
    for name in ("MSP-PODCAST_0004_0001", "MSP-PODCAST_1023_0235"):
        assert gaps(corpus)[name] == "arousal is no number from 1 to 7"
        assert row(corpus, name)["dominance"] in (0.5, 2 / 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("FileName,EmoClass\na.wav,N\n", "no column EmoAct, EmoVal"),
        (trees.MSP_HEADER + "\n", "no rows"),
        (trees.msp_csv() + '"MSP-PODCAST_0001,N', "line 9 is damaged"),
    ],
)
def test_a_damaged_labels_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    root = trees.msp_podcast(tmp_path)
    (root / "Labels/labels_consensus.csv").write_text(content)
    with pytest.raises(CorpusError, match=message):
        msp_podcast.read(root)


def test_damaged_json_and_no_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"looked for Labels/labels_consensus\.csv"):
        msp_podcast.read(tmp_path)
    root = trees.msp_podcast(tmp_path, "json")
    (root / "Labels/labels_consensus.json").write_text('{"a.wav": {"EmoClass": "N"')
    with pytest.raises(CorpusError, match="damaged"):
        msp_podcast.read(root)
