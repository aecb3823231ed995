import numpy as np
import pandas as pd
import pytest

from ser_core.corpora.table import COLUMNS, NUMBERS, Corpus, join, make_table, require
from ser_core.errors import CorpusError


def test_a_table_has_exactly_the_columns_in_their_types() -> None:
    rows = [
        {"id": 7, "transcript": "Hello.", "arousal": "0.5", "mood": "left out"},
        {"id": "b", "transcript": None, "arousal": "not rated"},
    ]
    table = make_table(rows)
    assert list(table) == list(COLUMNS)
    assert table["id"].tolist() == ["7", "b"]
    assert table["transcript"].tolist() == ["Hello.", ""]
    assert table["speaker"].tolist() == ["", ""]
    np.testing.assert_array_equal(table["arousal"], [0.5, np.nan])
    for column in COLUMNS:
        assert (table[column].dtype == np.float64) is (column in NUMBERS)


def test_no_rows_make_an_empty_table() -> None:
    assert make_table([]).shape == (0, len(COLUMNS))


def test_rows_of_a_split_and_of_several_corpora() -> None:
    first = Corpus("a", make_table([{"id": i, "split": s} for i, s in enumerate(["dev", "test"])]))
    second = Corpus("b", make_table([{"id": "x", "split": "test"}]))
    both = join([first, second])
    assert both["id"].tolist() == ["0", "1", "x"]
    assert both.index.tolist() == [0, 1, 2]
    of_split = Corpus("both", both).split("test")
    assert of_split["id"].tolist() == ["1", "x"]
    assert of_split.index.tolist() == [0, 1]
    assert isinstance(Corpus("both", both).split("dev2"), pd.DataFrame)


def test_what_is_missing_is_named(tmp_path) -> None:
    assert require(tmp_path, "The folder") == tmp_path
    with pytest.raises(CorpusError, match=r"The manifest not found at .*manifest\.csv: check"):
        require(tmp_path / "manifest.csv", "The manifest")
