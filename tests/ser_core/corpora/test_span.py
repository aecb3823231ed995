"""Rows that are parts of files: read as parts, or refused; never as the whole file."""

import math
from pathlib import Path

import pandas as pd
import pytest
import trees
from trees import gaps, reasons, row

from ser_core.corpora import manifest
from ser_core.corpora.headers import BEYOND, CUT_SHORT, read_headers
from ser_core.corpora.inspect import inspect
from ser_core.corpora.layout import Layout
from ser_core.corpora.span import BACKWARDS, NO_TIME, Span, length_of, seconds
from ser_core.errors import CorpusError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("1.5", 1.5), ("0", 0.0), ("1.5s", 1.5), ("0 days 00:00:01.500000", 1.5)),
        *(("00:00:01,500", 1.5), ("01:02", 62.0), ("P0DT0H0M1.5S", 1.5), ("1500ms", 1.5)),
    ],
)
def test_times(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "NaT", "nan", "None", " "])
def test_no_time_is_given(text: str) -> None:
    assert math.isnan(seconds(text))


@pytest.mark.parametrize(
    "span", [Span(0, 1.25), Span(3.5), Span(0.1, 0.30000001), Span(3600, 7200)]
)
def test_spans_are_read_as_written(span: Span) -> None:
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("start,end", "0,1.5", "1.5,2.25"),
        ("start,end", "0 days,0 days 00:00:01.5", "0 days 00:00:01.5,0 days 00:00:02.25"),
        ("start_time,duration", "0,1.5", "1.5,0.75"),
        ("offset,duration", "0,1.5", "1.5,0.75"),
        ("onset,offset", "0,1.5", "1.5,2.25"),
        ("Begin,Stop", "00:00:00,00:00:01.5", "00:01.5,00:02.25"),
    ],
)
def test_segments_of_one_file(tmp_path: Path, header: str, first: str, second: str) -> None:
    trees.wav(tmp_path / "a.wav", 3.0)
    trees.text(
        tmp_path / "manifest.csv", f"file,{header},emotion\na.wav,{first},sad\na.wav,{second},joy\n"
    )
    corpus = manifest.read(tmp_path)
    assert corpus.table["span"].tolist() == ["0-1.5", "1.5-2.25"]
    assert corpus.table["duration_s"].tolist() == [1.5, 0.75]
    assert corpus.table["id"].tolist() == ["a#0-1.5", "a#1.5-2.25"]
    assert corpus.table["category"].tolist() == ["sad", "happy"]


def test_time_differences_in_parquet_and_names_of_ones_own(tmp_path: Path) -> None:
    trees.wav(tmp_path / "a.wav", 3.0)
    frame = pd.DataFrame(
        {
            "file": ["a.wav", "a.wav"],
            "von": pd.to_timedelta([0.5, 1.0], unit="s"),
            "bis": pd.to_timedelta([1.0, None], unit="s"),
            "id": ["x", "y"],
        }
    )
    frame.to_parquet(tmp_path / "manifest.parquet")
    layout = Layout.from_options(["start=von", "end=bis"])
    corpus = manifest.read(tmp_path, layout)
    assert row(corpus, "x")["span"] == "0.5-1"
    assert row(corpus, "y")["span"] == "1-"
    assert math.isnan(float(str(row(corpus, "y")["duration_s"])))
    read = read_headers(corpus).corpus
    assert read.table["duration_s"].tolist() == [0.5, 2.0]


def test_a_row_without_times_is_the_whole_file(tmp_path: Path) -> None:
    trees.wav(tmp_path / "a.wav", 3.0)
    trees.text(tmp_path / "manifest.csv", "file,start,end\na.wav,,\na.wav,NaT,1\n")
    assert manifest.read(tmp_path).table["span"].tolist() == ["", "0-1"]


def test_times_that_are_none_are_left_out_with_the_reason(tmp_path: Path) -> None:
    trees.wav(tmp_path / "a.wav", 3.0)
    times = ["soon,1", "2,1", "1,1", "-1,1", "8,9", "2,4"]
    rows = "".join(f"{n},a.wav,{time}\n" for n, time in enumerate(times))
    trees.text(tmp_path / "manifest.csv", f"id,file,start,end\n{rows}")
    corpus = manifest.read(tmp_path)
    assert [item.reason for item in corpus.skipped] == [NO_TIME, BACKWARDS, BACKWARDS, NO_TIME]
    assert corpus.table["id"].tolist() == ["4", "5"]
    read = read_headers(corpus).corpus
    assert reasons(read)["4"] == BEYOND
    assert row(read, "5")["duration_s"] == 1.0
    assert gaps(read) == {"5": CUT_SHORT}


@pytest.mark.parametrize("column", ["start_ms", "StartTime_ms", "begin_sample", "from", "tmin"])
def test_times_in_other_units_are_refused(tmp_path: Path, column: str) -> None:
    trees.wav(tmp_path / "a.wav")
    trees.text(tmp_path / "manifest.csv", f"file,{column},emotion\na.wav,0,sad\na.wav,500,joy\n")
    with pytest.raises(CorpusError, match=f"The column {column} may say which part"):
        manifest.read(tmp_path)


def test_channels_of_one_file_are_refused_and_of_several_noted(tmp_path: Path) -> None:
    for name in ("a", "b"):
        trees.wav(tmp_path / f"{name}.wav", channels=2)
    file = trees.text(tmp_path / "manifest.csv", "file,channel\na.wav,0\na.wav,1\n")
    with pytest.raises(CorpusError, match="tells rows of the same file apart"):
        manifest.read(tmp_path)
    trees.text(file, "file,channel,emotion\na.wav,0,sad\nb.wav,1,joy\n")
    assert "The column channel is not read" in manifest.read(tmp_path).notes[-1]


def test_inspection_counts_parts_by_their_own_length(tmp_path: Path) -> None:
    trees.wav(tmp_path / "a.wav", 3.0)
    trees.text(tmp_path / "manifest.csv", "file,start,end\na.wav,0,1\na.wav,1,1.5\n")
    text = inspect(tmp_path)
    assert "clips of 0.50 to 1.00 s" in text
    assert "2 clips of these are parts of 1 file" in text


def test_length_of_an_open_part() -> None:
    assert math.isnan(length_of("1-"))
    assert math.isnan(length_of(""))
    assert length_of("1-2.5") == 1.5
