"""What `ser corpora inspect` prints."""

from pathlib import Path

import pytest
import trees

from ser_core.corpora.headers import read_headers
from ser_core.corpora.inspect import describe, groups, inspect
from ser_core.corpora.recognise import read
from ser_core.corpora.table import Skipped


def section(report: str, title: str) -> str:
    """The lines below a heading."""
    assert f"## {title}\n" in report
    return report.partition(f"## {title}\n\n")[2].partition("\n\n## ")[0].rstrip("\n")


def test_a_report_counts_everything(tmp_path: Path) -> None:
    report = inspect(trees.msp_podcast(tmp_path))
    assert report.startswith("# msp_podcast: 8 utterances\n")
    table = report.split("\n\n")[1].splitlines()
    assert table == [
        "| split | utterances | neutral | happy | sad | angry | other | speakers | hours known |",
        "| ----- | ---------: | ------: | ----: | --: | ----: | ----: | -------: | ----------: |",
        "| train |          2 |       1 |     0 |   0 |     1 |     0 |        1 |        0.00 |",
        "| dev   |          1 |       0 |     1 |   0 |     0 |     0 |        1 |        0.00 |",
        "| test  |          2 |       0 |     0 |   1 |     0 |     1 |        0 |        0.00 |",
        "| test2 |          2 |       0 |     0 |   0 |     0 |     2 |        1 |        0.00 |",
        "| test3 |          1 |       0 |     0 |   0 |     0 |     1 |        0 |        0.00 |",
        "| all   |          8 |       1 |     1 |   1 |     1 |     4 |        3 |        0.00 |",
    ]
    assert "| A     | angry    |          1 | 12.5% |" in section(report, "Labels")
    assert section(report, "Speakers").splitlines() == [
        "- 3 speakers with 1 to 2 utterances, median 2",
        "- speakers: 2 female, 1 male",
        "- 3 utterances without a known speaker",
        "- utterances: 4 female, 2 male, 2 unknown sex",
    ]
    dimensions = section(report, "Dimensions, [0, 1]").splitlines()
    assert dimensions[2].split(" | ")[:3] == ["| arousal  ", "    7", "0.100"]
    assert section(report, "Audio").splitlines() == [
        "- 8 file headers read",
        "- 0.00 hours in 8 clips; clips of 0.20 to 0.20 s, median 0.20 s",
        "- 16,000 Hz, 1 channel: 7 clips",
        "- 44,100 Hz, 2 channels: 1 clip (MSP-PODCAST_1023_0235)",
    ]
    assert section(report, "Transcripts") == (
        "7 utterances with a transcript (3 different), 1 without"
    )
    assert "- 1: no transcript (MSP-PODCAST_0001_0008)" in report
    assert section(report, "Left out") == "Nothing."
    assert section(report, "Notes").startswith("- 3 turns have no known speaker")


def test_broken_files_are_found_by_their_headers(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    trees.text(root / "Audios/MSP-PODCAST_0001_0008.wav", "RIFF but not really, " * 20)
    report = inspect(root)
    assert section(report, "Left out") == (
        "- 1: the header cannot be read: damaged, or no audio (MSP-PODCAST_0001_0008)"
    )
    assert report.startswith("# msp_podcast: 7 utterances\n")


def test_a_recording_cut_off_is_named_also_without_time_for_headers(tmp_path: Path) -> None:
    root = trees.msp_podcast(tmp_path)
    trees.cut(root / "Audios/MSP-PODCAST_0001_0008.wav")
    assert section(inspect(root, seconds=0.0), "Left out") == (
        "- 1: cut off: the file ends before the sound that its header announces "
        "(MSP-PODCAST_0001_0008.wav)"
    )


def test_without_time_hours_are_not_invented(tmp_path: Path) -> None:
    report = inspect(trees.emodb(tmp_path), seconds=0.0)
    assert section(report, "Audio") == "- 0 file headers read, then time was up: 7 not read"
    assert "## Dimensions" not in report
    assert "## Notes" not in report


def test_hours_are_estimated_from_those_known(tmp_path: Path) -> None:
    headers = read_headers(read(trees.emodb(tmp_path)))
    headers.corpus.table["duration_s"] = [3600.0, None, None, 1800.0, None, None, None]
    lines = section(describe(headers), "Audio").splitlines()
    assert lines[1].startswith("- 1.50 hours in 2 clips; clips of 1800.00 to 3600.00 s")
    assert lines[2] == "- about 5.2 hours in all 7 clips, by the mean of those known"


def test_speakers_in_more_than_one_split_are_named(tmp_path: Path) -> None:
    lines = ["text,speaker,split", "Yes,a,train", "No,a,test", "Well,b,train", "So,b,train"]
    report = inspect(trees.text(tmp_path / "m.csv", "\n".join(lines)))
    assert "- speakers in more than one split: 1 (m_a)" in section(report, "Speakers")


def test_texts_without_audio_are_counted(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "texts.csv", "text,label\nYes,joy\nNo,anger\n")
    assert "- 2 texts without audio" in inspect(file)


def test_an_empty_corpus_still_says_why(tmp_path: Path) -> None:
    file = trees.text(tmp_path / "m.csv", "file,label\ngone.wav,joy\n")
    report = inspect(file)
    assert report.startswith("# m: 0 utterances\n")
    assert "- 1: no such audio file (gone.wav)" in report


def test_groups_have_counts_and_first_names() -> None:
    items = [Skipped(f"clip {number}", "broken") for number in range(7)]
    assert groups([*items, Skipped("x", "odd")]) == (
        "- 7: broken (clip 0, clip 1, clip 2, clip 3, clip 4, and 2 more)\n- 1: odd (x)"
    )
    assert groups([]) == "Nothing."


@pytest.mark.corpora
def test_a_real_corpus(corpora: Path) -> None:
    report = inspect(corpora / "emodb_de_4class", "emodb")
    assert report.startswith("# emodb: 339 utterances\n")
    assert "- 10 speakers with" in report
    assert "- 0.26 hours in 339 clips" in report
