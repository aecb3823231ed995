"""Media and text files as they are found on disks."""

import doctest
import importlib
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import trees

from ser_core.corpora import files, text_files
from ser_core.corpora.table import Skipped, assemble
from ser_core.errors import CorpusError
from ser_core.labels import Scale

Locked = Callable[[Path, int], AbstractContextManager[None]]


@pytest.mark.parametrize("module", ["terms", "layout", "msp_labels"])
def test_examples_in_docstrings(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"ser_core.corpora.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_media_are_indexed_by_stem(tmp_path: Path) -> None:
    trees.wav(tmp_path / "b.WAV")
    trees.wav(tmp_path / "deep" / "a.wav")
    trees.wav(tmp_path / "deeper" / "still" / "a.flac")
    trees.wav(tmp_path / ".hidden" / "c.wav")
    trees.text(tmp_path / "._b.wav", "\x00\x05\x16\x07")
    trees.text(tmp_path / "empty.wav", "")
    trees.text(tmp_path / "pointer.wav", trees.LFS_POINTER)
    trees.text(tmp_path / "notes.txt", "no audio")
    media = files.find_media(tmp_path)
    assert media.files == {"a": tmp_path / "deep" / "a.wav", "b": tmp_path / "b.WAV"}
    assert media.damaged["empty"] == "the file is empty"
    assert "git lfs pull" in media.damaged["pointer"]
    assert media.copies == [Skipped("deeper/still/a.flac", "another file has the same name")]
    assert media.problem("nowhere") == files.NO_FILE
    assert media.others(["a", "empty"]) == ["b", "pointer"]
    assert files.find_media(tmp_path / "nowhere").files == {}


def test_sound_counts_before_a_film_that_is_nearer(tmp_path: Path) -> None:
    trees.text(tmp_path / "a.mp4", "film" * 100)
    trees.wav(tmp_path / "sound" / "a.wav")
    media = files.find_media(tmp_path, files.AUDIO | files.VIDEO)
    assert media.files["a"].suffix == ".wav"


def test_a_copy_that_can_be_used_counts_before_one_that_cannot(tmp_path: Path) -> None:
    trees.text(tmp_path / "a.wav", "")
    trees.wav(tmp_path / "deep" / "a.wav")
    trees.mp4(tmp_path / "b.mp4")
    trees.text(tmp_path / "b.wav", trees.LFS_POINTER)
    trees.cut(trees.wav(tmp_path / "c.wav"))
    trees.text(tmp_path / "deep" / "c.wav", "")
    media = files.find_media(tmp_path, files.AUDIO | files.VIDEO)
    assert media.files == {"a": tmp_path / "deep" / "a.wav", "b": tmp_path / "b.mp4"}
    assert media.damaged == {"c": files.CUT_OFF}
    assert {copy.item for copy in media.copies} == {"a.wav", "b.wav", "deep/c.wav"}


def test_a_path_that_cannot_be_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.wav").mkdir()
    file = trees.wav(tmp_path / "a.wav")
    assert files.damage(file) == ""
    for path in (tmp_path / "folder.wav", file / "b.wav", tmp_path / "a\0.wav", tmp_path / "b"):
        assert files.damage(path) == files.NO_FILE


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    trees.wav(tmp_path / "disk" / "a.wav")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "audio").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "back").symlink_to(tmp_path / "corpus")
    assert list(files.find_media(tmp_path / "corpus").files) == ["a"]


def test_a_folder_that_cannot_be_read_is_no_empty_folder(open_folder: Path, locked: Locked) -> None:
    (open_folder / "inner").mkdir()
    with (
        locked(open_folder / "inner", 0),
        pytest.raises(CorpusError, match="inner cannot be read"),
    ):
        files.find_media(open_folder)


def test_a_file_that_cannot_be_read_is_not_called_missing(
    open_folder: Path, locked: Locked
) -> None:
    clip = trees.wav(open_folder / "inner" / "a.wav")
    for path, mode in ((clip, 0), (clip.parent, 0o444), (clip.parent, 0)):
        with locked(path, mode):
            assert files.damage(clip) == files.LOCKED_FILE
    assert files.damage(clip) == ""


def test_an_error_of_the_disk_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scandir(top: str) -> None:
        raise PermissionError(13, "Permission denied", str(top))

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(CorpusError, match="cannot be read: Permission denied"):
        list(files.walk(tmp_path, {".wav"}))


def test_most_names_must_match(tmp_path: Path) -> None:
    pattern = re.compile(r"a\d")
    assert not files.names_match(tmp_path, pattern)
    trees.wav(tmp_path / "a1.wav")
    assert files.names_match(tmp_path, pattern)
    trees.wav(tmp_path / "other.wav")
    assert not files.names_match(tmp_path, pattern)
    assert not files.names_match(tmp_path / "a1.wav", pattern)


def test_text_in_any_encoding(tmp_path: Path) -> None:
    assert text_files.read_text(trees.text(tmp_path / "a", "\ufeffzażółć\x92\x81")) == "zażółć’"
    assert text_files.read_text(trees.text(tmp_path / "b", "caf\xe9 \x85", "latin-1")) == "café …"
    assert text_files.read_lines(trees.text(tmp_path / "c", "a\r\nb\x85c\rd")) == ["a", "b…c", "d"]
    with pytest.raises(CorpusError, match="nowhere cannot be read"):
        text_files.read_text(tmp_path / "nowhere")


def test_delimited_rows_stay_as_written(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "a.csv", 'x , y\n NA ,"1, 2"\n\nNone,\n1\n1,2,3\n')
    rows, skipped = text_files.read_rows(file)
    assert rows == [{"x": "NA", "y": "1, 2"}, {"x": "None", "y": ""}]
    assert [item.item for item in skipped] == ["a.csv line 5", "a.csv line 6"]


def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    # It would swallow every row behind it.
    file = trees.text(tmp_path / "a.csv", 'x,y\n"1,2\n3,4\n')
    with pytest.raises(CorpusError, match=r"a\.csv line 3 is damaged"):
        text_files.read_rows(file)
    assert text_files.read_rows(file, quoted=False)[0][0] == {"x": '"1', "y": "2"}


def test_rows_become_a_corpus_and_no_rating_gets_lost() -> None:
    rows = [
        {"id": "a", "arousal": "5", "valence": 1.0, "dominance": ""},
        {"id": "b", "arousal": "5.1", "valence": None},
        {"id": "a", "arousal": "bad"},
    ]
    corpus = assemble("x", rows, scales=Scale(1, 5))
    assert corpus.table["corpus"].tolist() == ["x", "x"]
    assert corpus.table["arousal"].tolist()[0] == 1.0
    assert corpus.table["valence"].tolist()[0] == 0.0
    assert corpus.table[["arousal", "valence", "dominance"]].isna().sum().sum() == 4
    assert corpus.missing == (Skipped("b", "arousal is no number from 1 to 5"),)
    assert corpus.skipped == (Skipped("a", "the same id occurs before"),)
    each = assemble("x", rows[:1], scales={"arousal": Scale(0, 10)})
    assert each.table["arousal"][0] == 0.5
    assert assemble("x", []).table.empty
