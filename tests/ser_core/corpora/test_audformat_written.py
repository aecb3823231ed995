"""Databases that the audformat package itself writes, read by our reader of them.

The package is no reader for us: it runs what pickled tables hold, drops labels that are not in a
scheme, and one table that is missing or damaged ends it.
"""

from pathlib import Path

import pandas as pd
import pytest
import trees
from trees import row

from ser_core.corpora import audformat as ours
from ser_core.corpora.recognise import recognise

audformat = pytest.importorskip("audformat", reason="the package audformat is not installed")


@pytest.fixture
def database() -> "audformat.Database":
    db = audformat.Database("mini", languages=["deu"])
    db.splits["train"] = audformat.Split(audformat.define.SplitType.TRAIN)
    db.raters["gold"] = audformat.Rater(audformat.define.RaterType.VOTE)
    db.schemes["emotion"] = audformat.Scheme(labels=["anger", "happiness"])
    db.schemes["arousal"] = audformat.Scheme("float", minimum=1, maximum=5)
    db.schemes["speaker"] = audformat.Scheme(labels={"s1": {"gender": "female"}, "s2": {}})
    files = audformat.filewise_index(["a.wav", "b.wav"])
    db["files"] = audformat.Table(files)
    db["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    db["files"]["speaker"].set(["s1", "s2"])
    segments = audformat.segmented_index(
        ["a.wav", "a.wav", "b.wav"], ["0s", "1.5s", "0s"], ["1.5s", "2.25s", pd.NaT]
    )
    db["emotion"] = audformat.Table(segments, split_id="train")
    db["emotion"]["emotion"] = audformat.Column(scheme_id="emotion", rater_id="gold")
    db["emotion"]["emotion"].set(["anger", "happiness", "anger"])
    db["emotion"]["arousal"] = audformat.Column(scheme_id="arousal", rater_id="gold")
    db["emotion"]["arousal"].set([1.0, 5.0, 3.0])
    return db


@pytest.mark.parametrize("storage", ["csv", "parquet"])
def test_segments_speakers_and_scales(
    database: "audformat.Database", storage: str, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        trees.wav(tmp_path / f"{name}.wav", 3.0)
    database.save(str(tmp_path), storage_format=storage)
    assert recognise(tmp_path)[0].name == "audformat"
    corpus = ours.read(tmp_path)
    assert not corpus.skipped
    assert sorted(corpus.table["id"]) == ["a#0-1.5", "a#1.5-2.25", "b"]
    first, second, whole = (row(corpus, name) for name in ("a#0-1.5", "a#1.5-2.25", "b"))
    assert (first["emotion"], first["arousal"], first["split"]) == ("anger", 0.0, "train")
    assert (second["category"], second["arousal"], second["sex"]) == ("happy", 1.0, "female")
    assert first["speaker"] == second["speaker"] == "mini_s1"
    assert (whole["span"], whole["speaker"], whole["language"]) == ("", "mini_s2", "de")
