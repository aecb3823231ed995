"""Tables of any names, in CSV, TSV and Parquet."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest
import trees
from trees import gaps, reasons, row

from ser_core.corpora import manifest, recognise
from ser_core.corpora.layout import Layout
from ser_core.errors import CorpusError
from ser_core.labels import Scale

LAYOUT = Layout(
    columns={"path": "Datei", "speaker": "Sprecher", "category": "Gefühl"},
    labels={"Freude": "happy", "Wut": "angry", "Trauer": "sad"},
    scales={"valence": Scale(1, 5)},
)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_columns_labels_and_scales_are_mapped(tmp_path: Path, suffix: str) -> None:
    file = trees.manifest(tmp_path, suffix)
    corpus = manifest.read(file, LAYOUT)
    assert corpus.name == "clips"
    first = row(corpus, "a/eins")
    assert first["path"] == str(tmp_path / "a" / "eins.wav")
    assert first["speaker"] == "clips_1"  # not 1.0, though some speakers are empty
    assert (first["emotion"], first["category"], first["valence"]) == ("Freude", "happy", 1.0)
    assert (first["sex"], first["split"], first["transcript"]) == ("female", "train", "Na, so was")
    second = row(corpus, "a/zwei")
    assert (second["sex"], second["split"], second["valence"]) == ("male", "dev", 0.25)
    assert second["transcript"] == "NA"


def test_a_text_without_audio_is_a_row_and_the_rest_is_reported(tmp_path: Path) -> None:
    corpus = manifest.read(trees.manifest(tmp_path), LAYOUT)
    written = row(corpus, "row_4")
    assert (written["path"], written["transcript"], written["category"]) == ("", "Schade", "sad")
    assert len(corpus.table) == 3
    assert reasons(corpus) == {
        "fehlt.wav": "no such audio file",
        "row_5": "no file and no text",
    }


def test_english_words_and_usual_names_need_no_mapping(tmp_path: Path) -> None:
    trees.wav(tmp_path / "corpus" / "x" / "1.wav")
    trees.text(
        tmp_path / "corpus" / "manifest.csv",
        "File,Label,Gender,lang,duration,arousal,extra\n"
        "x/1.wav,Sadness,Female,deu,0.2,0.75,?\nx\\1.wav,fear,F,en,1,,\n",
    )
    corpus = manifest.read(tmp_path / "corpus")
    assert corpus.name == "corpus"
    clip = row(corpus, "x/1")
    assert (clip["emotion"], clip["category"], clip["language"]) == ("Sadness", "sad", "de")
    assert (clip["duration_s"], clip["arousal"]) == (0.2, 0.75)
    assert reasons(corpus) == {"x/1": "the same id occurs before"}


def test_a_speaker_keeps_a_prefix_that_it_has(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "m.csv", "text,speaker\nYes,m_1\nNo,1\n")
    assert manifest.read(file).table["speaker"].tolist() == ["m_1", "m_1"]


def test_dimensions_beyond_the_unit_range_need_a_scale(tmp_path: Path) -> None:
    file = trees.manifest(tmp_path)
    with pytest.raises(CorpusError, match=r"valence runs from 1 to 5: give its scale"):
        manifest.read(file, Layout(columns={"path": "Datei"}))


def test_a_rating_that_is_no_number_is_reported(tmp_path: Path) -> None:
    file = trees.text(
        tmp_path / "m.csv", "id,text,arousal\na,Yes,0.5\nb,No,high\nc,Well,\nd,Oh,inf\n"
    )
    corpus = manifest.read(file)
    assert gaps(corpus) == dict.fromkeys("bd", "arousal is no number from 0 to 1")
    assert math.isnan(corpus.table["arousal"][1])


def test_a_line_with_a_wrong_number_of_fields_is_reported(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "m.csv", 'text,label\n"a\nb",joy\nc\n')
    corpus = manifest.read(file)
    assert corpus.table["transcript"].tolist() == ["a\nb"]
    assert reasons(corpus) == {"m.csv line 4": "a wrong number of fields"}


def test_semicolons_decimal_commas_and_utf_16_as_spreadsheets_write_them(tmp_path: Path) -> None:
    content = "id;text;arousal;valence\na;Ja;0,5;3,5\nb;Nein;1,0;-\n"
    file = trees.text(tmp_path / "m.csv", content, "utf-16")
    corpus = manifest.read(file, Layout(scales={"valence": Scale(1, 5)}))
    assert corpus.table["arousal"].tolist() == [0.5, 1.0]
    assert corpus.table["valence"][0] == 0.625
    assert gaps(corpus) == {"b": "valence is no number from 1 to 5"}


def test_paths_that_are_no_file_are_reported(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    names = [".", "/", "folder", "a\0.wav", "x" * 300 + ".wav", "folder/../folder/"]
    file = trees.text(tmp_path / "m.csv", "path,id\n" + "".join(f"{name},1\n" for name in names))
    corpus = manifest.read(file)
    assert reasons(corpus) == dict.fromkeys(names, "no such audio file")
    assert corpus.unusable["id"].tolist() == names


def test_words_for_no_value_are_no_speaker_and_no_split(tmp_path: Path) -> None:
    file = trees.text(
        tmp_path / "m.csv",
        "text,speaker,split,session,lang,label\nYes,nan,NA,NaN,NA,none\nNo,NA,test,1,na,joy\n"
        "Well,Nan Goldin,dev,2,en,joy\n",
    )
    corpus = manifest.read(file)
    assert corpus.table["speaker"].tolist() == ["", "", "m_Nan Goldin"]
    assert corpus.table["split"].tolist() == ["", "test", "dev"]
    assert corpus.table["session"].tolist() == ["", "1", "2"]
    assert corpus.table["language"].tolist() == ["", "", "en"]
    assert corpus.table["emotion"].tolist() == ["none", "joy", "joy"]
    assert corpus.notes[0] == "speaker: NA, nan is taken for no value."
    assert len(corpus.notes) == 4


@pytest.mark.parametrize(
    ("content", "layout", "message"),
    [
        ("a,b\n1,2\n", Layout(), "name its column of files, such as path=NAME; it has a, b"),
        ("a,b\n1,2\n", Layout(columns={"path": "c"}), "no column c: it has a, b"),
        ("path\n", Layout(), "no rows"),
        ("path,label\na.wav\n", Layout(), "No line of .* as many fields as its first"),
        ("", Layout(), "no rows"),
    ],
)
def test_tables_that_cannot_be_read(
    tmp_path: Path, content: str, layout: Layout, message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        manifest.read(trees.text(tmp_path / "m.csv", content), layout)


def test_a_damaged_parquet_file_and_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="damaged or is no Parquet"):
        manifest.read(trees.text(tmp_path / "m.parquet", "PAR1"))
    with pytest.raises(CorpusError, match=r"looked for manifest\.csv"):
        manifest.read(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["path"]}, "write a column as path=file"),
        ({"columns": ["pth=file"]}, "There is no column pth: choose from id, path"),
        ({"labels": ["Ekel=disgust"]}, "There is no category disgust: choose from neutral"),
        ({"scales": ["valence=1"]}, "write a scale as valence=1:5"),
        ({"scales": ["valence=5:1"]}, "lower end of a scale first"),
        ({"scales": ["valence=0:inf"]}, "valence has a scale from 0 to inf: write two numbers"),
        ({"scales": ["valence=nan:1"]}, "valence has a scale from nan to 1: write two numbers"),
        ({"scales": ["valence=1:1"]}, "valence has a scale from 1 to 1: write two numbers"),
        ({"scales": ["joy=1:5"]}, "There is no dimension joy"),
    ],
)
def test_wrong_options_say_how_to_write_them(options: dict[str, list[str]], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        Layout.from_options(**options)


def test_a_mapping_that_applies_to_nothing_is_told(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "m.csv", "text,label,arousal\nYes,happy,2\nNo,sad,1\nWell,,\n")
    layout = Layout.from_options(
        labels=["Happy=happy", "sad=sad"], scales=["arousal=1:5", "dominance=1:5"]
    )
    assert manifest.read(file, layout).notes == (
        "No row has the label Happy: the labels are happy, sad.",
        "The scale of dominance applies to nothing: no row has a rating of it.",
    )
    many = "".join(f"Yes,{number:02},1\n" for number in range(20))
    manifest_of_many = trees.text(tmp_path / "n.csv", "text,label,arousal\n" + many)
    (note,) = manifest.read(manifest_of_many, Layout.from_options(labels=["x=happy"])).notes
    assert note.endswith("the labels are 00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11, ….")


def test_columns_that_may_hold_labels_are_named_where_none_is_read(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "m.csv", "id,split,V,A,D,text\n1,train,3.0,3.0,3.2,Remember\n")
    (note,) = manifest.read(file).notes
    assert note == (
        "No column of labels or ratings is known: if one of V, A, D is, name it, such as "
        "emotion=NAME or valence=NAME."
    )
    mapped = Layout.from_options(["valence=V"], scales=["valence=1:5"])
    assert manifest.read(file, mapped).notes == ()
    assert manifest.read(trees.text(tmp_path / "n.csv", "id,text\n1,Yes\n")).notes == ()


def test_columns_that_differ_by_capitals_alone_are_not_guessed_at(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "m.csv", "text,Label,label\nYes,happy,sad\n")
    with pytest.raises(CorpusError, match="columns Label and label: name one of them, such as emo"):
        manifest.read(file)
    corpus = manifest.read(file, Layout(columns={"emotion": "Label"}))
    assert corpus.table["emotion"].tolist() == ["happy"]


def test_options_of_a_command_line_make_the_same_layout() -> None:
    options = Layout.from_options(
        ["path=Datei", "speaker=Sprecher", "category=Gefühl"],
        ["Freude=happy", "Wut=angry", "Trauer=sad"],
        ["valence=1:5"],
    )
    assert options == LAYOUT
    assert Layout.from_options(labels=["Ekel="]).labels == {"Ekel": ""}


def test_a_parquet_file_that_may_not_be_read_is_not_called_damaged(
    open_folder: Path, locked: Callable[[Path, int], AbstractContextManager[None]]
) -> None:
    file = open_folder / "manifest.parquet"
    pd.DataFrame({"path": ["a.wav"]}).to_parquet(file)
    with locked(file, 0), pytest.raises(CorpusError, match=r"parquet cannot be read: check its"):
        recognise.read(file)
