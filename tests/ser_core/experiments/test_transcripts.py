import json
import shutil
import threading
from pathlib import Path

import pandas as pd
import pytest
import soundfile
import tones

from ser_core.errors import CorpusError
from ser_core.experiments import transcripts
from ser_core.experiments.transcripts import DOUBT, recognise, with_transcripts
from ser_core.inputs.audio import Clip
from ser_core.inputs.speech import DEFAULT_RECOGNISER, Recogniser
from ser_core.inputs.transcript import Transcript

TABLE = pd.DataFrame({"id": ["a", "b", "c"], "path": "", "transcript": ["Own.", "", "Its."]})


def test_the_corpus_own(recogniser: Recogniser) -> None:
    found = with_transcripts(TABLE, "corpus", recogniser)
    assert found["transcript"].tolist() == ["Own.", "", "Its."]
    assert (found[DOUBT] == "").all()


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_from_a_file(tmp_path: Path, recogniser: Recogniser, suffix: str) -> None:
    file = tmp_path / f"words.{suffix}"
    words = pd.DataFrame({"utterance_id": ["c", "a", "x"], "text": [" Sea. ", "", "Else."]})
    if suffix == "parquet":
        words.to_parquet(file)
    else:
        words.to_csv(file, index=False, sep="," if suffix == "csv" else "\t")
    found = with_transcripts(TABLE, str(file), recogniser)
    assert found["transcript"].tolist() == ["", "", "Sea."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No transcripts at .*: check the path"),
        ("id,words\na,Hello.\n", "needs the columns `id` and `transcript`"),
        ("id,transcript\nz,Hello.\n", "of none of the 3 utterances.* such as a"),
    ],
)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, recogniser: Recogniser, content: str | None, message: str
) -> None:
    if content:
        (tmp_path / "words.csv").write_text(content)
    with pytest.raises(CorpusError, match=message):
        with_transcripts(TABLE, str(tmp_path / "words.csv"), recogniser)


def test_recognised_once_a_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip
) -> None:
    recogniser = Recogniser(DEFAULT_RECOGNISER)
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
    soundfile.write(paths[0], spoken_clip.samples, spoken_clip.sample_rate)
    tones.sound(paths[1], "angry", 0)
    table = TABLE.iloc[:2].assign(path=[str(path) for path in paths])
    first = with_transcripts(table, "asr", recogniser)
    assert "glad" in first["transcript"][0].lower()
    assert first["transcript"][1] == ""
    assert first[DOUBT][1]
    (cache,) = (tmp_path / "cache").glob("transcripts_*.jsonl")
    lines = cache.read_text("utf-8").split("\n")
    assert with_transcripts(table, "asr", recogniser).equals(first)
    assert cache.read_text("utf-8").split("\n") == lines

    # A run that was killed while it wrote the second clip: only that one is heard again.
    marked = [json.loads(line) for line in lines if line]
    marked[0]["text"] = "From the cache."
    cache.write_text(json.dumps(marked[0]) + "\n" + json.dumps(marked[1])[:20], "utf-8")
    again = recognise([str(path) for path in paths], recogniser)
    assert again == [("From the cache.", first[DOUBT][0]), ("", first[DOUBT][1])]
    tones.sound(paths[1], "happy", 1)  # another recording under the old name
    recognise([str(path) for path in paths], recogniser)
    kept = [line for line in cache.read_text("utf-8").split("\n") if line.endswith("}")]
    assert len(kept) == 3


class Listener(Recogniser):
    """Hears something else in each clip, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def transcribe(self, clip: Clip) -> Transcript:
        self.heard.append(clip.digest)
        return Transcript(clip.digest[:8], "asr")


@pytest.fixture
def sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Six recordings, and no cache."""
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    paths = [tmp_path / "corpus" / f"{k}.wav" for k in range(6)]
    for k, path in enumerate(paths):
        tones.sound(path, "happy", k)
    return [str(path) for path in paths]


def test_a_corpus_that_was_moved_is_not_heard_again(sounds: list[str], tmp_path: Path) -> None:
    first = recognise(sounds, Listener())
    assert len({text for text, _ in first}) == 6
    shutil.copytree(tmp_path / "corpus", tmp_path / "copied", copy_function=shutil.copyfile)
    (tmp_path / "linked").symlink_to(tmp_path / "corpus", target_is_directory=True)
    for name in ("copied", "linked"):
        listener = Listener()
        moved = [path.replace("/corpus/", f"/{name}/") for path in sounds]
        assert recognise(moved, listener) == first
        assert listener.heard == []


def test_a_moved_corpus_is_decoded_once(
    sounds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = recognise(sounds, Listener())
    (tmp_path / "corpus").rename(tmp_path / "moved")
    moved = [path.replace("/corpus/", "/moved/") for path in sounds]
    recognise(moved, Listener())
    monkeypatch.setattr(transcripts.audio, "load", None)
    assert recognise(moved, Listener()) == first


def test_what_an_earlier_version_has_heard_is_known(sounds: list[str], tmp_path: Path) -> None:
    first = recognise(sounds, Listener())
    (cache,) = (tmp_path / "cache").glob("transcripts_*.jsonl")
    entries = [json.loads(line) for line in cache.read_text("utf-8").split("\n") if line]
    for entry in entries:
        del entry["digest"]
    cache.write_text("\n".join(map(json.dumps, entries)), "utf-8")
    listener = Listener()
    assert recognise(sounds, listener) == first
    assert listener.heard == []


def test_commands_side_by_side_hear_nothing_twice(
    sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "CLIPS_A_TURN", 2)
    listener = Listener()
    found: list[list[tuple[str, str]]] = []
    together = threading.Barrier(2)

    def command(paths: list[str]) -> None:
        together.wait()
        found.append(recognise(paths, listener))

    commands = [threading.Thread(target=command, args=(part,)) for part in (sounds, sounds[1:])]
    for thread in commands:
        thread.start()
    for thread in commands:
        thread.join()
    assert sorted(map(len, found)) == [5, 6]
    assert len(listener.heard) == len(set(listener.heard)) == 6
