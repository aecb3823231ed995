"""Delimited text files as programs and people write them."""

from pathlib import Path

import pytest
import trees

from ser_core.corpora.text_files import read_rows, read_text
from ser_core.errors import CorpusError


@pytest.mark.parametrize("written", [";", "\t", ","])
@pytest.mark.parametrize("usual", [",", "\t"])
def test_the_delimiter_is_seen_from_the_first_line(
    tmp_path: Path, written: str, usual: str
) -> None:
    file = trees.text(tmp_path / "a", "\nx,y\n1,2\n".replace(",", written))
    assert read_rows(file, usual) == ([{"x": "1", "y": "2"}], [])


def test_a_delimiter_that_is_there_counts_before_others(tmp_path: Path) -> None:
    assert read_rows(trees.text(tmp_path / "a", "x,y;z;w\n1,2\n"))[0] == [{"x": "1", "y;z;w": "2"}]
    assert read_rows(trees.text(tmp_path / "b", 'text\n"a; b"\n'))[0] == [{"text": "a; b"}]
    assert read_rows(trees.text(tmp_path / "c", '"x;y"\n1\n'))[0] == [{"x;y": "1"}]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"  # Python writes it for utf-16 alone
    assert read_text(trees.text(tmp_path / "a", f"{mark}zażółć", encoding)) == "zażółć"


def test_a_file_whose_lines_all_differ_from_the_first_is_refused(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "a.csv", "x,y,z\n1,2\n3,4\n")
    with pytest.raises(CorpusError, match=r"No line of .*a\.csv has as many fields as its first"):
        read_rows(file)


def test_a_column_that_is_there_twice_is_refused_unless_it_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.csv has the column y more than once"):
        read_rows(trees.text(tmp_path / "a.csv", "x,y, y\n1,2,3\n"))
    assert read_rows(trees.text(tmp_path / "b.csv", "x,,\n1,,\n"))[0] == [{"x": "1", "": ""}]


def test_a_field_may_be_long(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "a.csv", f'x,y\n1,"{"word " * 40_000}"\n')
    assert len(read_rows(file)[0][0]["y"]) == 199_999


def test_a_quotation_mark_that_is_never_closed_is_told_by_its_line(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "a.csv", 'x,y\n1,2\n3,"4\n5,6\n')
    with pytest.raises(CorpusError, match=r"line 4 .* close .* begins in line 3, or write it twi"):
        read_rows(file)


@pytest.mark.parametrize(
    "content",
    [
        'x\ty\n1\t"Ród smoka" to serial.\n2\tb\n',  # a mark after which no tab comes
        'x\ty\n1\t"Why\n2\tb\n',  # never closed
        'x\ty\n1\t"Why\n2\tb"\n',  # closed in another row, which would be swallowed
    ],
)
def test_with_tabs_quotation_marks_may_belong_to_the_text(tmp_path: Path, content: str) -> None:
    rows, skipped = read_rows(trees.text(tmp_path / "a.tsv", content), "\t")
    assert ["\t".join(row.values()) for row in rows] == content.strip().split("\n")[1:]
    assert not skipped


def test_with_tabs_quotation_marks_enclose_fields_where_that_fits(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "a.tsv", '"x"\t"y"\n1\t"a ""b"""\n"2"\t"c\td\ne"\n')
    rows, _ = read_rows(file, "\t")
    assert rows == [{"x": "1", "y": 'a "b"'}, {"x": "2", "y": "c\td\ne"}]
    # Neither way to read it fits: it is refused, not guessed at.
    for content in ('x\ty\n1\t"a\tb"\n2\t"c\n', '"x"\t"y"\n"1"\t"2\n'):
        with pytest.raises(CorpusError, match="close the quotation mark"):
            read_rows(trees.text(tmp_path / "b.tsv", content), "\t")
