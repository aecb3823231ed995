"""Durations and formats from headers."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
import trees
from trees import reasons

from ser_core.corpora.headers import UNREADABLE, Header, read_header, read_headers
from ser_core.corpora.table import Skipped, assemble


def test_headers_of_sound_and_film(tmp_path: Path) -> None:
    assert read_header(trees.wav(tmp_path / "a.wav", 0.5, 8_000, 2)) == Header(0.5, 8_000, 2)
    film = read_header(trees.mp4(tmp_path / "a.mp4", 0.5))
    assert film is not None
    assert (film.sample_rate, film.channels) == (16_000, 1)
    assert film.duration_s == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("content", [b"", b"no audio at all" * 100, b"#EXTM3U\nhttp://x/y.ts\n"])
def test_no_header(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert read_header(tmp_path / "a.wav") is None
    assert read_header(tmp_path / "nowhere.wav") is None


def test_durations_are_filled_and_broken_files_left_out(tmp_path: Path) -> None:
    trees.wav(tmp_path / "a.wav", 0.5)
    trees.text(tmp_path / "b.wav", "broken" * 100)
    rows = [{"id": name, "path": tmp_path / f"{name}.wav"} for name in "abc"]
    corpus = assemble("x", [*rows, {"id": "text", "path": ""}], skipped=[Skipped("y", "before")])
    headers = read_headers(corpus)
    assert headers.corpus.table["id"].tolist() == ["a", "text"]
    assert headers.corpus.table["duration_s"][0] == 0.5
    assert headers.corpus.table["duration_s"].isna()[1]
    assert reasons(headers.corpus) == {
        "y": "before",
        "b": UNREADABLE,
        "c": "no such audio file",
    }
    assert (headers.read, headers.unread) == (3, 0)
    assert headers.formats == {(16_000, 1): ["a"]}
    assert corpus.table["duration_s"].isna().all()  # the corpus given is unchanged


def test_a_clip_left_out_is_not_said_to_be_kept(tmp_path: Path) -> None:
    trees.wav(tmp_path / "a.wav")
    trees.text(tmp_path / "b.wav", "broken" * 100)
    rows = [{"id": name, "path": tmp_path / f"{name}.wav"} for name in "ab"]
    gaps = [Skipped(name, "no transcript") for name in "ab"]
    corpus = read_headers(assemble("x", rows, missing=gaps)).corpus
    assert reasons(corpus) == {"b": UNREADABLE}
    assert corpus.missing == (Skipped("a", "no transcript"),)


def test_time_is_bounded(tmp_path: Path) -> None:
    rows = [{"id": str(n), "path": trees.wav(tmp_path / f"{n}.wav")} for n in range(3)]
    headers = read_headers(assemble("x", rows), seconds=0.0)
    assert (headers.read, headers.unread) == (0, 3)
    assert len(headers.corpus.table) == 3


def test_a_stream_that_was_saved_without_its_length(tmp_path: Path) -> None:
    file = trees.wav(tmp_path / "a.wav", seconds=0.5)
    data = bytearray(file.read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = bytes(4)
    file.write_bytes(data)
    header = read_header(file)
    assert header is not None
    assert header.duration_s == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("kind", ["mp3", "wav"])
def test_mp3_is_read_without_warnings(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """libmpg123 would write to the console that the size is not as its header says."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as output:
        stream = output.add_stream("libmp3lame", rate=44_100, layout="mono")
        samples = np.zeros((1, 2 * 44_100), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 44_100
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    path = tmp_path / f"joined.{kind}"
    path.write_bytes(buffer.getvalue() * 2)
    header = read_header(path)
    assert header is not None
    assert (header.sample_rate, header.channels) == (44_100, 1)
    assert header.duration_s > 1.9
    assert capfd.readouterr() == ("", "")
