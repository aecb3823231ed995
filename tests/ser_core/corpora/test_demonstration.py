import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import CLIPS_A_SPLIT, RATE, RATINGS, SPEECH, TEXTS, WRITTEN

from ser_core.corpora.demonstration import (
    DEV_SPEAKERS,
    HEARD,
    SPEECH_FOLDERS,
    TEST_SPEAKERS,
    read_demonstration,
    read_speech,
)
from ser_core.corpora.table import COLUMNS, join
from ser_core.errors import CorpusError
from ser_core.labels import CATEGORIES, DIMENSIONS, category_dimensions

SPLITS = ["train", "dev", "test"]


def speech(root: Path) -> pd.DataFrame:
    return join([read_demonstration(root, name) for name in SPEECH])


# The layout, on corpora of a few seconds


def test_speech_table(micro_corpora: Path) -> None:
    table = speech(micro_corpora)
    assert list(table) == list(COLUMNS)
    assert table["split"].value_counts().to_dict() == dict.fromkeys(SPLITS, CLIPS_A_SPLIT)
    assert set(table["category"]) == {*CATEGORIES, ""}
    assert set(table["corpus"]) == set(SPEECH)
    assert (table["path"].map(lambda path: Path(path).stat().st_size) > RATE // 10).all()
    assert not table.duplicated(["corpus", "id"]).any()
    assert table["duration_s"].between(0.5, 2.0).all()
    assert table["emotion"].isin(["happiness", "happy"]).eq(table["category"] == "happy").all()


def test_dimensions_of_acted_clips_are_norms_scaled_by_intensity(micro_corpora: Path) -> None:
    table = read_speech(micro_corpora, "ravdess").table
    found = table.set_index("emotion")[list(DIMENSIONS)]
    np.testing.assert_allclose(found.loc["happy"].iloc[0], category_dimensions("happy", 1.0))
    np.testing.assert_allclose(found.loc["sad"].iloc[0], category_dimensions("sad", 0.7))
    np.testing.assert_allclose(found.loc["fearful"].iloc[0], category_dimensions("fearful", 0.7))
    other = read_speech(micro_corpora, "emodb").table.set_index("category")[list(DIMENSIONS)]
    np.testing.assert_allclose(other.loc["angry"].iloc[0], category_dimensions("angry", 0.85))


def test_calm_is_nearly_neutral(micro_corpora: Path, tmp_path: Path) -> None:
    shutil.copytree(micro_corpora / "ravdess", tmp_path / "ravdess")
    manifest = tmp_path / "ravdess" / "manifest.csv"
    manifest.write_text(manifest.read_text("utf-8").replace("fearful", "calm"), "utf-8")
    table = read_speech(tmp_path, "ravdess").table.set_index("emotion")
    found = table.loc["calm", list(DIMENSIONS)].iloc[0]
    np.testing.assert_allclose(found, category_dimensions("calm", 0.7 / 3))
    assert 0.5 < found["valence"] < 0.6


def test_crema_d_without_the_errors_of_its_release(micro_corpora: Path) -> None:
    found = read_speech(micro_corpora, "crema_d")
    assert {item.item: item.reason for item in found.skipped} == {
        "crema_1076-1": "the same recording under two labels",
        "crema_1070-2": "what its raters heard was broken",
    }
    assert found.table["split"].value_counts().to_dict() == {"train": 4, "dev": 3, "test": 3}
    assert list(found.table) == [*COLUMNS, *HEARD]


def test_the_shares_of_raters_stay_beside_the_meant_emotion(micro_corpora: Path) -> None:
    table = read_speech(micro_corpora, "crema_d").table
    np.testing.assert_allclose(table[list(HEARD)].sum(axis=1), 1.0)
    angry = table[table["category"] == "angry"].iloc[0]
    assert angry[list(HEARD)].tolist() == [0.5, 0.0, 0.0, 0.5, 0.0]
    assert (table.loc[table["category"] == "neutral", "heard_neutral"] == 1).all()
    joined = join([read_speech(micro_corpora, name) for name in ("emodb", "crema_d")])
    assert joined.groupby("corpus")["heard_sad"].count().to_dict() == {"crema_d": 10, "emodb": 0}


def test_an_unknown_emotion_has_no_dimensions(micro_corpora: Path, tmp_path: Path) -> None:
    shutil.copytree(micro_corpora / "ravdess", tmp_path / "ravdess")
    manifest = tmp_path / "ravdess" / "manifest.csv"
    text = manifest.read_text("utf-8").replace("fearful", "bored")
    manifest.write_text(text, "utf-8")
    table = read_speech(tmp_path, "ravdess").table.set_index("emotion")
    assert table.loc["bored", list(DIMENSIONS)].isna().all(axis=None)
    assert set(table.loc["bored", "category"]) == {""}


def test_texts(micro_corpora: Path) -> None:
    table = read_demonstration(micro_corpora, "goemotions").table
    assert len(table) == 3 * sum(len(sentences) for sentences in TEXTS.values())
    assert set(table["category"]) == set(CATEGORIES)  # the mixed one is left out
    assert table["valence"].isna().all()
    assert table["split"].unique().tolist() == SPLITS


def test_ratings_are_mapped_to_the_unit_interval(micro_corpora: Path) -> None:
    table = read_demonstration(micro_corpora, "emobank").table
    assert table["category"].eq("").all()
    row = table[table["id"] == "dev-angry-0"].iloc[0]
    _, arousal, dominance = RATINGS["angry"]
    assert row["valence"] == 0.0  # 1.9 lies below the range of 2 to 4 that is used
    assert row["arousal"] == pytest.approx((arousal - 2) / 2)
    assert row["dominance"] == pytest.approx((dominance - 2) / 2)
    assert table[list(DIMENSIONS)].stack().between(0, 1).all()


@pytest.mark.parametrize("name", [*SPEECH, *WRITTEN])
def test_a_missing_corpus_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match=r"not found at .*: check the folder given"):
        read_demonstration(tmp_path, name)


def test_an_unknown_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="Unknown corpus 'crema': choose from ravdess, nemo"):
        read_demonstration(tmp_path, "crema")


# Splits


def assert_disjoint_speakers(table: pd.DataFrame) -> None:
    splits = table.groupby("speaker")["split"].nunique()
    assert (splits == 1).all()
    assert set(table["split"]) == set(SPLITS)
    assert set(table["speaker"][table["split"] == "test"]) <= TEST_SPEAKERS
    assert set(table["speaker"][table["split"] == "dev"]) <= DEV_SPEAKERS


def test_no_speaker_is_in_two_splits(micro_corpora: Path) -> None:
    assert not TEST_SPEAKERS & DEV_SPEAKERS
    assert_disjoint_speakers(speech(micro_corpora))


@pytest.mark.corpora
def test_the_real_speech(corpora: Path) -> None:
    table = join([read_speech(corpora, name) for name in SPEECH_FOLDERS])
    assert_disjoint_speakers(table)
    counts = pd.crosstab(table["corpus"], table["split"])
    sizes = {"ravdess": 1440, "nemo": 3076, "emodb": 339, "crema_d": 6612}
    assert counts.sum(axis=1).to_dict() == sizes
    assert (counts > 0).all(axis=None)
    speakers = table.groupby("split")["speaker"].unique()
    assert set(speakers["test"]) == TEST_SPEAKERS
    assert set(speakers["dev"]) == DEV_SPEAKERS
    assert table["speaker"].nunique() == 124
    assert set(table["category"]) == {*CATEGORIES, ""}
    assert table["path"].map(lambda path: Path(path).is_file()).all()
    assert table["duration_s"].sum() / 3600 == pytest.approx(8.6, abs=0.1)
    assert table["transcript"].ne("").all()
    assert table[list(DIMENSIONS)].stack().between(0, 1).all()
    assert table[list(DIMENSIONS)].notna().all(axis=None)
    rated = table["corpus"] == "crema_d"
    np.testing.assert_allclose(table.loc[rated, list(HEARD)].sum(axis=1), 1.0, atol=1e-3)
    assert table.loc[~rated, list(HEARD)].isna().all(axis=None)


@pytest.mark.corpora
@pytest.mark.parametrize("name", WRITTEN)
def test_the_real_texts(corpora: Path, name: str) -> None:
    table = read_demonstration(corpora, name).table
    assert set(table["split"]) == set(SPLITS)
    assert (table["split"] == "train").mean() > 0.7
    assert table["id"].is_unique
    assert table["transcript"].ne("").all()
    if name == "goemotions":
        assert set(table["category"]) == set(CATEGORIES)
        assert table.groupby("split")["category"].nunique().eq(len(CATEGORIES)).all()
    else:
        assert len(table) == 10_062
        assert table[list(DIMENSIONS)].stack().between(0, 1).all()
