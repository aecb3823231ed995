from pathlib import Path

import pytest

from ser_core.errors import SerError
from ser_core.support.atomic import whole


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.csv"
    with whole(target) as partial:
        assert partial.suffix == ".csv"
        partial.write_text("1")
        assert not target.exists()
    assert target.read_text() == "1"
    with whole(target) as partial:  # in place of the older one
        partial.write_text("2")
    assert target.read_text() == "2"
    assert list(target.parent.iterdir()) == [target]


def test_two_writers_of_a_file_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    with whole(target) as first, whole(target) as second:
        first.write_text("first")
        second.write_text("second")
    assert target.read_text() == "first"  # it ended last
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("folder", [False, True])
def test_nothing_is_left_of_what_fails(tmp_path: Path, folder: bool) -> None:
    target = tmp_path / "a"
    with pytest.raises(ZeroDivisionError), whole(target) as partial:
        if folder:
            partial.mkdir()
        (partial / "b" if folder else partial).write_text("half")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("folder", ["", "file"])
def test_what_cannot_be_written_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / folder / "a.csv"
    with pytest.raises(SerError, match=r"a\.csv cannot be written \(.*\): make"), whole(target):
        raise OSError(28, "No space left")
