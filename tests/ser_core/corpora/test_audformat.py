"""audformat databases, as its documentation describes them."""

import math
from pathlib import Path

import pandas as pd
import pytest
import trees
from trees import gaps, reasons, row

from ser_core.corpora import audformat, audformat_header
from ser_core.corpora.layout import Layout
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return audformat.read(trees.audformat(tmp_path_factory.mktemp("audformat")))


def test_tables_are_joined_by_file(corpus: Corpus) -> None:
    assert corpus.name == "mini"
    assert sorted(corpus.table["id"]) == [
        *("audio/a", "audio/b", "audio/c", "audio/d"),
        *("audio/long#0-0.5", "audio/long#0.5-1"),
    ]
    clip = row(corpus, "audio/a")
    assert (clip["emotion"], clip["category"]) == ("anger", "angry")
    assert (clip["speaker"], clip["language"]) == ("mini_3", "de")
    assert Path(str(clip["path"])).is_file()


def test_the_scale_is_that_of_the_scheme_and_agreed_values_count(corpus: Corpus) -> None:
    assert row(corpus, "audio/a")["arousal"] == 0.5  # 4 of 1 to 7; the raters said 1 and 7
    assert row(corpus, "audio/b")["arousal"] == 0.25
    assert gaps(corpus) == {"audio/c": "arousal is no number from 1 to 7"}
    assert math.isnan(float(str(row(corpus, "audio/d")["arousal"])))


def test_splits_of_one_type_keep_their_names(corpus: Corpus) -> None:
    splits = dict(zip(corpus.table["id"], corpus.table["split"], strict=True))
    assert splits == {
        "audio/a": "dev",
        "audio/b": "test-1",
        "audio/c": "train",
        "audio/d": "train",
        "audio/long#0-0.5": "train",
        "audio/long#0.5-1": "train",
    }


def test_labels_of_schemes_words_by_key_and_a_misc_table(corpus: Corpus) -> None:
    assert row(corpus, "audio/a")["transcript"] == "Der Lappen liegt auf dem Eisschrank."
    assert row(corpus, "audio/c")["transcript"] == ""
    assert row(corpus, "audio/a")["sex"] == "male"
    assert row(corpus, "audio/b")["sex"] == "female"
    assert row(corpus, "audio/d")["speaker"] == row(corpus, "audio/d")["sex"] == ""


def test_segments_are_rows_and_whole_files_stay_so(corpus: Corpus) -> None:
    assert row(corpus, "audio/c")["emotion"] == "happiness"  # no end
    assert row(corpus, "audio/d")["emotion"] == "neutral"  # the end is that of the file
    assert row(corpus, "audio/c")["span"] == row(corpus, "audio/d")["span"] == ""
    first, second = row(corpus, "audio/long#0-0.5"), row(corpus, "audio/long#0.5-1")
    assert (first["emotion"], first["span"], first["split"]) == ("anger", "0-0.5", "train")
    assert (second["emotion"], second["span"], second["duration_s"]) == ("neutral", "0.5-1", 0.5)
    assert first["path"] == second["path"] == row(corpus, "audio/c")["path"].replace("c.", "long.")


def test_what_is_said_of_a_file_holds_for_its_segments(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    frame = pd.read_parquet(root / "db.files.parquet")
    frame.loc[len(frame)] = ["audio/long.wav", 8, None]
    frame.to_parquet(root / "db.files.parquet")
    corpus = audformat.read(root)
    for name in ("audio/long#0-0.5", "audio/long#0.5-1"):
        assert (row(corpus, name)["speaker"], row(corpus, name)["sex"]) == ("mini_8", "female")
    assert "audio/long" not in set(corpus.table["id"])  # it has no label of its own


def test_missing_files_and_pickled_tables_are_reported(corpus: Corpus) -> None:
    assert reasons(corpus)["audio/gone.wav"] == "no such audio file"
    assert reasons(corpus)["db.unused"].startswith("a pickled table is not opened")


def test_tables_that_disagree_about_a_file_are_reported(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    again = "file,emotion\naudio/b.wav,boredom\naudio/a.wav,neutral\naudio/a.wav,anger\n"
    trees.text(root / "db.emotion.test-1.csv", again)
    corpus = audformat.read(root)
    clip = row(corpus, "audio/a")
    assert (clip["split"], clip["emotion"]) == ("dev", "anger")
    for column in ("split", "emotion"):
        assert gaps(corpus)[f"audio/a.wav ({column})"] == audformat.DISAGREE
    assert not [item for item in gaps(corpus) if "audio/b" in item]


def test_a_file_with_two_values_in_one_table_is_reported(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    lines = "audio/a.wav,anger,0.9\naudio/a.wav,neutral,0.9\ngone.wav,anger,1\ngone.wav,boredom,1\n"
    trees.text(root / "db.emotion.dev.csv", "file,emotion,emotion.confidence\n" + lines)
    (root / "db.emotion.train.parquet").unlink()
    trees.text(
        root / "db.emotion.train.csv",
        "file,start,end,emotion\naudio/c.wav,0 days,,happiness\naudio/c.wav,0s,1s,neutral\n",
    )
    disagree = [item for item, reason in gaps(audformat.read(root)).items() if "several" in reason]
    assert disagree == ["audio/a.wav (emotion)", "audio/c.wav (emotion)"]


def test_the_same_written_in_two_ways_is_no_disagreement(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    more = "  files:\n    columns:\n      sex: {}\n      language: {}\n      arousal: {scheme_id: "
    assert "  files:\n    type: filewise\n    columns:\n" in header
    header = header.replace(
        "  files:\n    type: filewise\n    columns:\n", more + "arousal, rater_id: gold}\n"
    )
    (root / "db.yaml").write_text(header)
    frame = pd.read_parquet(root / "db.files.parquet")
    frame["sex"], frame["language"], frame["arousal"] = "M", "eng", "4.00"
    frame.to_parquet(root / "db.files.parquet")
    corpus = audformat.read(root)
    found = [item for item, reason in gaps(corpus).items() if reason == audformat.DISAGREE]
    assert found == ["audio/b.wav (arousal)", "audio/c.wav (arousal)", "audio/b.wav (sex)"]
    assert row(corpus, "audio/a")["language"] == "en"  # of the table, before that of the header


def test_several_raters_without_an_agreed_value_are_not_read(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    (root / "db.yaml").write_text(header.replace("arousal.gold_standard:", "gold.arousal:"))
    (root / "db.arousal.gold_standard.csv").rename(root / "db.gold.arousal.csv")
    assert row(audformat.read(root), "audio/a")["arousal"] == 0.5  # its rater is a vote

    table = "  arousal.gold_standard:" + header.partition("  arousal.gold_standard:")[2]
    table = table.partition("  emotion.dev:")[0]
    (root / "db.yaml").write_text(header.replace(table, ""))
    corpus = audformat.read(root)
    assert corpus.table["arousal"].isna().all()
    assert corpus.notes == ("arousal: several raters and no agreed value: not read.",)
    chosen = audformat.read(root, Layout(columns={"arousal": "two"}))
    assert row(chosen, "audio/a")["arousal"] == 1.0


def test_a_scheme_without_limits_needs_a_scale(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    (root / "db.yaml").write_text(header.replace(", minimum: 1, maximum: 7", ""))
    with pytest.raises(CorpusError, match=r"arousal runs from 2\.5 to 9"):
        audformat.read(root)
    corpus = audformat.read(root, Layout.from_options(scales=["arousal=0:10"]))
    assert row(corpus, "audio/a")["arousal"] == 0.4


def test_agreed_values_count_before_those_of_one_rater(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    for old in ("one: {scheme_id: arousal, rater_id: one}", "two: {scheme_id: arousal"):
        assert old in header
    header = header.replace("      two: {scheme_id: arousal, rater_id: two}\n", "")
    (root / "db.yaml").write_text(header.replace("one: {scheme_id: ar", "arousal: {scheme_id: ar"))
    trees.text(root / "db.arousal.csv", "file,arousal\naudio/a.wav,1\naudio/d.wav,1\n")
    corpus = audformat.read(root)
    assert row(corpus, "audio/a")["arousal"] == 0.5
    assert math.isnan(float(str(row(corpus, "audio/d")["arousal"])))


@pytest.mark.parametrize("content", ["tables: [", "- a\n- list\n", "tables: 5\n", ""])
def test_a_damaged_header_is_refused(tmp_path: Path, content: str) -> None:
    trees.text(tmp_path / "db.yaml", content)
    with pytest.raises(CorpusError, match=r"db\.yaml is damaged"):
        audformat.read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minimum: 1, maximum: 7", "minimum: a, maximum: 7", "scheme arousal: could not convert"),
        ("minimum: 1, maximum: 7", "minimum: [1], maximum: 7", "scheme arousal: "),
        ("minimum: 1, maximum: 7", "minimum: 1, maximum: 1", "a scale from 1 to 1"),
        ("minimum: 1, maximum: 7", "minimum: 1, maximum: .inf", "a scale from 1 to inf"),
        ("      notes:", "      - notes", "columns of unused is no mapping"),
        ("gender: {dtype: str, labels: [female, male]}", "gender: str", "gender is no mapping"),
        ("levels: {speaker: int}", "levels: 5", "levels of speaker is no mapping"),
        ("languages: [deu]", "languages: 5", "languages is no list"),
    ],
)
def test_what_is_damaged_in_a_header_is_named(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    assert old in header
    (root / "db.yaml").write_text(header.replace(old, new))
    with pytest.raises(CorpusError, match=rf"db\.yaml is damaged: .*{message}"):
        audformat.read(root)


def test_limits_left_empty_are_no_scale(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    (root / "db.yaml").write_text(header.replace("maximum: 7", "maximum: null"))
    with pytest.raises(CorpusError, match=r"arousal runs from 2\.5 to 9: give its scale"):
        audformat.read(root)


def test_a_language_of_its_own_is_a_list_of_one(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    (root / "db.yaml").write_text(header.replace("languages: [deu]", "languages: deu"))
    assert row(audformat.read(root), "audio/a")["language"] == "de"


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("labels: speaker}", "labels: speakers}", "db.speakers"),
        ("levels: {speaker: int}", "levels: {id: int}", "db.speaker"),
    ],
)
def test_speakers_of_whom_nothing_is_known_are_reported(
    tmp_path: Path, old: str, new: str, lost: str
) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    assert old in header
    (root / "db.yaml").write_text(header.replace(old, new))
    corpus = audformat.read(root)
    assert row(corpus, "audio/a")["sex"] == ""
    assert reasons(corpus)[lost] in ("no such table", audformat_header.NO_LEVEL)


def test_a_speaker_described_twice_is_reported(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    lines = "3,31,male\n3,31,female\n8,34,female\n8,34,female\n"
    trees.text(root / "db.speaker.csv", "speaker,age,gender\n" + lines)
    corpus = audformat.read(root)
    assert row(corpus, "audio/a")["sex"] == "male"
    twice = [item for item, reason in reasons(corpus).items() if reason == audformat_header.TWICE]
    assert twice == ["db.speaker 3"]


def test_a_misc_table_that_no_scheme_asks_for_may_have_several_levels(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text() + "  pairs: {levels: {a: int, b: int}}\n  lost: {}\n"
    (root / "db.yaml").write_text(header)
    trees.text(root / "db.pairs.csv", "a,b,c\n1,1,x\n1,2,y\n")
    found = reasons(audformat.read(root))
    assert found["db.lost"] == "no such table"
    assert not [item for item in found if "pairs" in item]


def test_levels_may_be_a_list_or_left_out(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    for levels in ("levels: [speaker]", "type: misc"):
        (root / "db.yaml").write_text(header.replace("levels: {speaker: int}", levels))
        assert row(audformat.read(root), "audio/a")["sex"] == "male"


def test_a_missing_header_and_damaged_tables(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"there is no db\.yaml"):
        audformat.read(tmp_path)
    root = trees.audformat(tmp_path)
    (root / "db.emotion.dev.csv").unlink()
    (root / "db.speaker.csv").unlink()
    corpus = audformat.read(root)
    assert reasons(corpus)["db.emotion.dev"] == reasons(corpus)["db.speaker"] == "no such table"
    trees.text(root / "db.emotion.dev.csv", "file,start,emotion\naudio/a.wav,soon,anger\n")
    with pytest.raises(CorpusError, match=r"db\.emotion\.dev in .* is damaged"):
        audformat.read(root)
    trees.text(root / "db.emotion.dev.csv", "name,emotion\naudio/a.wav,anger\n")
    with pytest.raises(CorpusError, match=r"db\.emotion\.dev in .* is damaged: 'file'"):
        audformat.read(root)


def test_a_database_is_recognised_by_its_tables_wherever_they_are(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    header = (root / "db.yaml").read_text()
    start, end = header.index("tables:\n"), header.index("misc_tables:\n")
    tables, before, after = header[start:end], header[:start], header[end:]
    for content in (header, header.replace("\n", "\r\n"), tables + before + after):
        (root / "db.yaml").write_text(content, newline="")
        assert audformat.matches(root)
    (root / "db.yaml").write_text(before + "misc_" + tables + "# tables: none\n")
    assert not audformat.matches(root)


def test_a_mapping_that_applies_to_nothing_is_told_or_refused(tmp_path: Path) -> None:
    root = trees.audformat(tmp_path)
    layout = Layout.from_options(labels=["Anger=angry"], scales=["valence=1:5"])
    labels = "anger, boredom, happiness, neutral"
    assert audformat.read(root, layout).notes == (
        f"No row has the label Anger: the labels are {labels}.",
        "The scale of valence applies to nothing: no row has a rating of it.",
    )
    with pytest.raises(
        CorpusError, match=r"db\.yaml has no column and no scheme mood in its tables"
    ):
        audformat.read(root, Layout.from_options(["emotion=mood"]))
    with pytest.raises(
        CorpusError, match=r"hold no split that could be named: choose from emotion"
    ):
        audformat.read(root, Layout.from_options(["split=set"]))
