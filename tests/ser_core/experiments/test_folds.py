from pathlib import Path

import pandas as pd
import pytest
import tones

from ser_core.errors import CorpusError
from ser_core.experiments.data import read_corpora
from ser_core.experiments.files import load
from ser_core.experiments.folds import make_folds


def read(name: str, roots: dict[str, Path]) -> pd.DataFrame:
    return pd.concat([c.table for c in read_corpora(load(name), roots)], ignore_index=True)


def test_leave_one_session_out(iemocap: Path) -> None:
    table = read("iemocap_categorical", {"iemocap": iemocap})
    assert len(table) == 48  # those of no category are left out
    folds = make_folds(load("iemocap_categorical"), table)
    assert [fold.name for fold in folds] == ["Session1", "Session2", "Session3"]
    for k, fold in enumerate(folds):
        test = fold.tests["iemocap"]
        parts = [set(table["speaker"].iloc[part]) for part in (fold.train, fold.dev, test)]
        assert [len(part) for part in parts] == [2, 2, 2]
        assert len(set.union(*parts)) == 6
        assert set(table["session"].iloc[test]) == {fold.name}
        assert set(table["session"].iloc[fold.dev]) == {f"Session{(k + 1) % 3 + 1}"}
    assert sorted(row for fold in folds for row in fold.tests["iemocap"]) == list(range(48))


def test_too_few_sessions(iemocap: Path) -> None:
    table = read("iemocap_categorical", {"iemocap": iemocap})
    with pytest.raises(CorpusError, match="needs three, and iemocap has 2: complete the corpus"):
        make_folds(load("iemocap_categorical"), table[table["session"] != "Session3"])


def test_the_corpus_own_split_and_another_corpus(msp_podcast: Path, iemocap: Path) -> None:
    roots = {"msp_podcast": msp_podcast, "iemocap": iemocap}
    table = read("cross_corpus_dimensional", roots)
    (fold,) = make_folds(load("cross_corpus_dimensional"), table)
    assert fold.name == ""
    assert {name: len(rows) for name, rows in fold.tests.items()} == {
        "msp_podcast test": 24,
        "msp_podcast test2": 8,
        "iemocap": 54,  # all are rated
    }
    assert set(table["speaker"].iloc[fold.train]) == {"msp_podcast_11", "msp_podcast_12"}
    assert len(fold.train) + len(fold.dev) == 24
    assert set(table["corpus"].iloc[fold.tests["iemocap"]]) == {"iemocap"}


@pytest.mark.parametrize(
    ("split", "message"), [("train", "to train"), ("dev", "to dev"), ("test", "in test, test2")]
)
def test_a_split_that_is_not_there(msp_podcast: Path, split: str, message: str) -> None:
    table = read("msp_podcast_categorical", {"msp_podcast": msp_podcast})
    with pytest.raises(CorpusError, match=message):
        make_folds(load("msp_podcast_categorical"), table[~table["split"].str.startswith(split)])


def test_tones_have_every_split() -> None:
    assert set(tones.SPEAKERS.values()) == {"Train", "Development", "Test1", "Test2"}
