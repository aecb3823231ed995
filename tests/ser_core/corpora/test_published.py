"""The demonstration corpora as their publishers give them: what training reads is the same."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import trees
from trees import reasons, row

from ser_core.corpora.demonstration import (
    HEARD,
    SPEECH_FOLDERS,
    read_demonstration,
    read_speech,
)
from ser_core.errors import CorpusError
from ser_core.labels import CATEGORIES, DIMENSIONS, category_dimensions
from ser_core.training.recipe import DataConfig
from ser_core.training.split_data import load_material


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """All four, at several depths, as unpacked archives lie."""
    trees.ravdess(tmp_path / "Audio_Speech_Actors_01-24")
    trees.crema_d(tmp_path)
    trees.nemo(tmp_path / "nEMO-main")
    trees.emodb(tmp_path)
    return tmp_path


def test_ravdess(root: Path) -> None:
    table = read_speech(root, "ravdess").table
    assert len(table) == 120
    assert set(table["speaker"]) == {"ravdess_01", "ravdess_02"}
    by_name = table.set_index("id")[list(DIMENSIONS)]
    for intensity, share in (("01", 0.7), ("02", 1.0)):
        found = by_name.loc[f"03-01-05-{intensity}-01-01-01"]
        np.testing.assert_allclose(found, category_dimensions("angry", share))
    assert table["split"].eq("train").all()
    assert table["duration_s"].eq(0.05).all()


def test_crema_d_with_votes_and_without_errors(root: Path) -> None:
    audio = root / "CREMA-D" / "AudioWAV"
    for name in ("1006_TIE_HAP_XX", "1076_DFA_FEA_LO"):
        trees.wav(audio / f"{name}.wav")
    trees.text(
        root / "CREMA-D" / "processedResults" / "tabulatedVotes.csv",
        '"","A","D","F","H","N","S","fileName","numResponses"\n'
        '"100001",4,2,1,0,1,0,"1001_DFA_ANG_XX",8\n'
        '"200001",0,0,0,9,0,0,"1001_DFA_ANG_XX",9\n',
    )
    corpus = read_speech(root, "crema_d")
    found = row(corpus, "1001_DFA_ANG_XX")
    assert found["speaker"] == "crema_1001"
    assert [found[name] for name in HEARD] == [0.125, 0.0, 0.0, 0.5, 0.375]
    assert reasons(corpus)["1091_WSI_SAD_XX"] == "an actor that the demonstration models do not use"
    assert reasons(corpus)["1006_TIE_HAP_XX"] == "the same recording under two labels"
    low = row(corpus, "1076_DFA_FEA_LO")
    assert low["split"] == "test"
    np.testing.assert_allclose(
        np.array([low[name] for name in DIMENSIONS], float), category_dimensions("fearful", 0.5)
    )


@pytest.mark.parametrize("name", ["nemo", "emodb"])
def test_four_categories_of_nemo_and_emodb(root: Path, name: str) -> None:
    corpus = read_speech(root, name)
    assert set(corpus.table["category"]) <= set(CATEGORIES)
    assert len(corpus.table) == 4
    assert corpus.table[list(DIMENSIONS)].notna().all(axis=None)
    assert "an emotion that is none of the four" in reasons(corpus).values()


def test_a_corpus_that_is_there_twice_is_named(root: Path) -> None:
    shutil.copytree(root / "emodb", root / "copy")
    with pytest.raises(CorpusError, match="emodb is there more than once, keep one of them: "):
        read_speech(root, "emodb")


def test_goemotions(tmp_path: Path) -> None:
    folder = tmp_path / "goemotions" / "data"
    trees.text(folder / "train.tsv", 'I "love it.\t1,17\ta\nWhy?\t7,27\tb\n')
    trees.text(folder / "dev.tsv", "Fine.\t27\tc\n")
    trees.text(folder / "test.tsv", "No!\t2,3\td\n")
    trees.text(tmp_path / "another" / "train.tsv", "a\tb\n")
    table = read_demonstration(tmp_path, "goemotions").table.set_index("id")
    assert table["category"].to_dict() == {"a": "happy", "c": "neutral", "d": "angry"}
    assert table["split"].tolist() == ["train", "dev", "test"]
    assert table.loc["a", "transcript"] == 'I "love it.'
    trees.text(folder / "dev.tsv", "Fine.\t28\tc\n")
    with pytest.raises(CorpusError, match=r"dev\.tsv line 1 is damaged"):
        read_demonstration(tmp_path, "goemotions")


def test_emobank(tmp_path: Path, micro_corpora: Path) -> None:
    (tmp_path / "EmoBank-master" / "corpus").mkdir(parents=True)
    shutil.copy(
        micro_corpora / "text_emobank" / "emobank.csv", tmp_path / "EmoBank-master" / "corpus"
    )
    found = read_demonstration(tmp_path, "emobank").table
    pd.testing.assert_frame_equal(found, read_demonstration(micro_corpora, "emobank").table)


def test_training_reads_them(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    shutil.rmtree(root / "Audio_Speech_Actors_01-24")  # its clips here are too short to be heard
    data = DataConfig(speech=("crema_d", "nemo", "emodb"), texts=())
    material = load_material(data, root, "train")
    assert set(material.clips["corpus"]) == {"crema_d", "nemo", "emodb"}
    assert len(material.log_mels) == len(material.clips)
    assert (material.log_mels.lengths > 10).all()


def test_our_own_layout_counts_first(micro_corpora: Path, tmp_path: Path) -> None:
    shutil.copytree(micro_corpora, tmp_path / "both")
    trees.emodb(tmp_path / "both")
    found = read_speech(tmp_path / "both", "emodb").table
    assert found["id"].str.startswith("emodb_").all()


@pytest.mark.corpora
@pytest.mark.parametrize("name", ["ravdess", "emodb"])
def test_the_same_as_in_our_layout(corpora: Path, tmp_path: Path, name: str) -> None:
    own = read_speech(corpora, name).table
    for path in map(Path, own["path"]):
        folder = f"Actor_{path.stem[-2:]}" if name == "ravdess" else "wav"
        (tmp_path / "x" / name / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name / folder / path.name).symlink_to(path)
    assert not (tmp_path / SPEECH_FOLDERS[name] / "manifest.csv").exists()
    found = read_speech(tmp_path, name).table
    found, own = (
        table.sort_values("id", ignore_index=True).drop(columns="path") for table in (found, own)
    )
    pd.testing.assert_frame_equal(found, own, atol=0.002)
