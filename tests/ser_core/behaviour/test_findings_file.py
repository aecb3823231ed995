"""Findings as a file: what is written is what is read, to the bit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ser_core.behaviour.finding import Finding
from ser_core.behaviour.findings_file import made_by, read, write
from ser_core.errors import SerError


def finding(key: str, part: str = "follow", **more: object) -> Finding:
    table = pd.DataFrame(
        {
            "model": ["audio", "late", "multistage"],
            "case": ["all", "all", "angry"],
            "value": [0.1 + 0.2, np.nan, 1 / 3],
            "low": [0.0, np.nan, -1.0],
            "high": [1.0, np.nan, 1.0],
            "n": [12, 0, 7],
            **more,
        }
    )
    return Finding(key, part, "Who?", "Ä “shows” it.", "Not that.", "UAR", table, ("One.", "Two."))


TESTED = {
    "limit": ["> 0.5"] * 3,
    "random": [0.25, np.nan, 0.25],
    "passed": pd.Series([True, None, False], dtype=object),
}


def test_what_is_written_is_read(tmp_path: Path):
    given = (
        finding("follow_all"),
        finding("battery_sex", "battery", **TESTED),
        finding("battery_all", "battery", **(TESTED | {"passed": [True, False, True]})),
        finding("nothing_said", "battery", **(TESTED | {"passed": [None] * 3})),
        finding("words", "words", text=["a", "", "ü"], rate=[0.5, 1.0, np.nan], count=[1, 2, 3]),
    )
    write(given, tmp_path / "found.parquet", {"audio": "ab12"})
    found = read(tmp_path / "found.parquet")
    assert [one.key for one in found] == [one.key for one in given]
    for one, other in zip(found, given, strict=True):
        pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
        texts = ("part", "question", "shows", "not_shown", "measure", "notes", "tested")
        assert [getattr(one, t) for t in texts] == [getattr(other, t) for t in texts]
    assert list(found[1].table["passed"]) == [True, None, False]
    assert made_by(tmp_path / "found.parquet") == {"audio": "ab12"}


def test_it_is_one_table_for_other_programs(tmp_path: Path):
    write([finding("a"), finding("b", words=["x", "y", "z"])], tmp_path / "found.parquet")
    table = pd.read_parquet(tmp_path / "found.parquet")
    assert list(table["key"]) == ["a"] * 3 + ["b"] * 3
    assert table["words"].isna().tolist() == [True] * 3 + [False] * 3


def test_no_findings_are_read_as_none(tmp_path: Path):
    write([], tmp_path / "found.parquet")
    assert read(tmp_path / "found.parquet") == ()


def test_a_key_is_not_used_twice(tmp_path: Path):
    with pytest.raises(ValueError, match="keys of their own"):
        write([finding("a"), finding("a")], tmp_path / "found.parquet")


def test_what_is_no_file_of_findings_is_said_so(tmp_path: Path):
    with pytest.raises(SerError, match="cannot be read"):
        read(tmp_path / "none.parquet")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1, but no more")
    with pytest.raises(SerError, match="no Parquet file"):
        read(broken)
    other = tmp_path / "other.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(other)
    with pytest.raises(SerError, match="holds no findings"):
        read(other)
