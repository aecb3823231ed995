import csv
import io

import numpy as np
import pandas as pd
import pytest

from ser_core.support.csv_safe import csv_bytes, safe_text


def read(data: bytes) -> list[list[str]]:
    """As a spreadsheet program does: the cells, and nothing made of them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_is_a_formula(first: str) -> None:
    text = f'{first}HYPERLINK("http://example.org";"x")'
    (_, (cell, number)) = read(csv_bytes(pd.DataFrame({"text": [text], "number": [-1.5]})))
    assert cell == f"'{text}"
    assert number == "-1.5"


def test_other_texts_stay_as_they_are() -> None:
    for text in ("", "I'm = fine", "a-b", "ü, “quoted”", "'=already", " =1"):
        assert safe_text(text) == text


def test_numbers_stay_numbers_and_what_is_missing_stays_empty() -> None:
    table = pd.DataFrame(
        {
            "float": [-0.25, np.nan],
            "int": [-3, 4],
            "bool": [True, False],
            "mixed": [-2, "-2"],
            "text": ["-x", None],
            "label": pd.Categorical(["=a", "b"]),
            "string": pd.array(["@a", pd.NA], dtype="string"),
        }
    )
    assert read(csv_bytes(table))[1:] == [
        ["-0.25", "-3", "True", "-2", "'-x", "'=a", "'@a"],
        ["", "4", "False", "'-2", "", "b", ""],
    ]
    assert table["text"][0] == "-x", "the table itself is left alone"


def test_headings_are_texts_too() -> None:
    assert read(csv_bytes(pd.DataFrame({"=1+1": ["a"], 3: ["b"]})))[0] == ["'=1+1", "3"]


def test_two_columns_of_one_name() -> None:
    table = pd.DataFrame([["=a", "=b"]], columns=["x", "x"])
    assert read(csv_bytes(table)) == [["x", "x"], ["'=a", "'=b"]]


def test_letters_survive_excel() -> None:
    data = csv_bytes(pd.DataFrame({"text": ["zażółć 😀"]}))
    assert data.startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(io.BytesIO(data))["text"][0] == "zażółć 😀"


def test_nothing_is_a_table_too() -> None:
    assert read(csv_bytes(pd.DataFrame({"a": []}))) == [["a"]]
