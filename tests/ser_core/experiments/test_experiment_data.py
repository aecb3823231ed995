import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tones

from ser_core.errors import CorpusError, RecogniserError
from ser_core.experiments.data import Data, prepare, read_corpora
from ser_core.experiments.files import load
from ser_core.experiments.protocol import Experiment
from ser_core.inputs import audio
from ser_core.inputs.audio import Clip
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.transcript import Transcript
from ser_core.training.feature_cache import compute_log_mels

WAV = "Session{0}/sentences/wav/Ses0{0}F_impro01/Ses0{0}F_impro01_{1}.wav"
UNLABELLED = "F008"  # of each session: frustrated


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one."""
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def experiment(name: str, **protocol: Any) -> Experiment:
    shipped = load(name)
    return replace(shipped, protocol=replace(shipped.protocol, **protocol))


def prepared(
    experiment: Experiment, roots: dict[str, Path], leave_out: bool = False, words: bool = True
) -> Data:
    return prepare(experiment, read_corpora(experiment, roots), FrontEnd(), leave_out, words=words)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are decoded."""
    names: list[str] = []
    load = audio.load

    def counting(path: str, **options: Any) -> Clip:
        names.append(Path(path).stem)
        return load(path, **options)

    monkeypatch.setattr(audio, "load", counting)
    return names


# Recordings


def test_tables_with_other_labels_share_what_is_computed(
    cache: Path, iemocap: Path, decoded: list[str]
) -> None:
    first = prepared(load("iemocap_categorical"), {"iemocap": iemocap})
    assert len(first.table) == len(decoded) == 48
    decoded.clear()
    second = prepared(load("iemocap_dimensional"), {"iemocap": iemocap})
    assert len(second.table) == 54
    assert len(decoded) == 6
    assert all(name.endswith("008") for name in decoded)


def test_log_mels_are_those_of_the_rows(
    cache: Path, iemocap: Path, msp_podcast: Path, tmp_path: Path, decoded: list[str]
) -> None:
    root = shutil.copytree(iemocap, tmp_path / "IEMOCAP_full_release")
    for turn in ("F001", "M003"):
        (root / WAV.format(2, turn)).write_bytes(b"not audio")
    cross = experiment("cross_corpus_dimensional", transcripts="corpus")
    data = prepared(cross, {"msp_podcast": msp_podcast, "iemocap": root}, leave_out=True)
    assert sorted(data.left_out["id"]) == ["Ses02F_impro01_F001", "Ses02F_impro01_M003"]
    assert len(data.table) == 56 + 54 - 2
    decoded.clear()
    log_mels = data.log_mels[FrontEnd()]
    again = compute_log_mels(list(data.table["path"]), FrontEnd())
    assert decoded == []
    np.testing.assert_array_equal(log_mels.lengths, again.lengths)
    assert all(log_mels[row].equal(again[row]) for row in range(len(data.table)))


def test_a_damaged_recording_that_nothing_uses_does_not_count(
    cache: Path, iemocap: Path, msp_podcast: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(iemocap, tmp_path / "IEMOCAP_full_release")
    (root / WAV.format(1, UNLABELLED)).write_bytes(b"not audio")
    data = prepared(load("iemocap_categorical"), {"iemocap": root})
    assert len(data.table) == 48
    with pytest.raises(CorpusError, match=f"1 recordings .* Ses01F_impro01_{UNLABELLED}"):
        prepared(load("iemocap_dimensional"), {"iemocap": root})

    msp = shutil.copytree(msp_podcast, tmp_path / "MSP-PODCAST-1.11")
    (msp / "Audios" / "MSP-PODCAST_0006_0003.wav").write_bytes(b"not audio")  # of Test2
    table = experiment("msp_podcast_categorical", transcripts="corpus", test=("test",))
    data = prepared(table, {"msp_podcast": msp})
    assert set(data.table["split"]) == {"train", "dev", "test"}
    note = "msp_podcast: 8 more are in no part of the protocol and are not used."
    assert note in data.notes
    table = experiment("msp_podcast_categorical", transcripts="corpus", test=("test", "test2"))
    with pytest.raises(CorpusError, match=r"1 recordings .* MSP-PODCAST_0006_0003"):
        prepared(table, {"msp_podcast": msp})


def test_a_recording_cut_off_is_told_also_if_it_was_computed_before(
    cache: Path, iemocap: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(iemocap, tmp_path / "IEMOCAP_full_release")
    wav = root / WAV.format(2, "F001")
    wav.write_bytes(wav.read_bytes()[: wav.stat().st_size // 2])
    compute_log_mels([str(wav)], FrontEnd())  # half a clip can be decoded
    table = load("iemocap_categorical")
    with pytest.raises(CorpusError, match=r"1 recordings .* Ses02F_impro01_F001 \(cut off\)"):
        prepared(table, {"iemocap": root})
    data = prepared(table, {"iemocap": root}, leave_out=True)
    assert list(data.left_out["id"]) == ["Ses02F_impro01_F001"]
    assert len(data.table) == 47


def test_a_missing_recording_that_nothing_uses_is_only_noted(
    cache: Path, iemocap: Path, msp_podcast: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(iemocap, tmp_path / "IEMOCAP_full_release")
    (root / WAV.format(1, UNLABELLED)).unlink()
    (root / WAV.format(3, UNLABELLED)).write_bytes(b"")
    data = prepared(load("iemocap_categorical"), {"iemocap": root})
    assert data.left_out.empty
    note = "iemocap: 2 recordings are missing or damaged that the experiment does not use."
    assert note in data.notes
    with pytest.raises(CorpusError, match=f"2 recordings .* Ses01F_impro01_{UNLABELLED}"):
        prepared(load("iemocap_dimensional"), {"iemocap": root})

    msp = shutil.copytree(msp_podcast, tmp_path / "MSP-PODCAST-1.11")
    (msp / "Partitions.txt").write_text("Test3; MSP-PODCAST_0099_0001.wav\n")  # without labels
    (msp / "Audios" / "MSP-PODCAST_0006_0003.wav").unlink()  # of Test2
    table = experiment("msp_podcast_categorical", transcripts="corpus", test=("test",))
    data = prepared(table, {"msp_podcast": msp})
    assert data.left_out.empty
    assert any(note.startswith("msp_podcast: 2 recordings are missing") for note in data.notes)
    table = experiment("msp_podcast_categorical", transcripts="corpus", test=("test", "test2"))
    with pytest.raises(CorpusError, match=r"1 recordings .* MSP-PODCAST_0006_0003"):
        prepared(table, {"msp_podcast": msp})
    data = prepared(table, {"msp_podcast": msp}, leave_out=True)
    assert list(data.left_out["id"]) == ["MSP-PODCAST_0006_0003.wav"]


def test_nothing_is_left_where_all_recordings_are_damaged(
    cache: Path, iemocap: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(iemocap, tmp_path / "IEMOCAP_full_release")
    for file in root.rglob("*.wav"):
        file.write_bytes(b"not audio")
    with pytest.raises(CorpusError, match="None of the 48 recordings can be used"):
        prepared(load("iemocap_categorical"), {"iemocap": root}, leave_out=True)


# Words


def without_transcripts(msp_podcast: Path, folder: Path) -> Path:
    ignored = shutil.ignore_patterns("Transcripts")
    return shutil.copytree(msp_podcast, folder / "MSP-PODCAST-1.11", ignore=ignored)


def test_a_corpus_without_words_is_told_before_anything_is_computed(
    cache: Path, msp_podcast: Path, tmp_path: Path
) -> None:
    root = without_transcripts(msp_podcast, tmp_path)
    table = experiment("msp_podcast_categorical", transcripts="corpus")
    message = r"None of the 56 .* msp_podcast has words: set `transcripts` .* to asr or to a file"
    with pytest.raises(CorpusError, match=message):
        prepared(table, {"msp_podcast": root})
    assert not cache.exists()
    assert len(prepared(table, {"msp_podcast": root}, words=False).table) == 56


@pytest.mark.parametrize(
    ("content", "message"), [(None, "No transcripts at"), ("id;text\n", "needs the columns")]
)
@pytest.mark.parametrize("words", [True, False])
def test_a_file_that_cannot_be_used_is_told_before_anything_is_computed(
    cache: Path, msp_podcast: Path, tmp_path: Path, content: str | None, message: str, words: bool
) -> None:
    if content:
        (tmp_path / "words.csv").write_text(content)
    table = experiment("msp_podcast_categorical", transcripts=str(tmp_path / "words.csv"))
    with pytest.raises(CorpusError, match=message):
        prepared(table, {"msp_podcast": msp_podcast}, words=words)
    assert not cache.exists()


def test_a_recogniser_that_is_not_there_is_told_before_anything_is_computed(
    cache: Path, msp_podcast: Path, tmp_path: Path
) -> None:
    table = experiment("msp_podcast_categorical", transcripts="asr", recogniser=str(tmp_path))
    with pytest.raises(RecogniserError):
        prepared(table, {"msp_podcast": msp_podcast})
    assert not cache.exists()


def test_nothing_is_recognised_where_no_model_reads_words(
    cache: Path, msp_podcast: Path, iemocap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recogniser, "load", None)
    monkeypatch.setattr(Recogniser, "transcribe", None)
    cross = load("cross_corpus_categorical")
    assert cross.protocol.transcripts_of("msp_podcast") == "asr"
    data = prepared(cross, {"msp_podcast": msp_podcast, "iemocap": iemocap}, words=False)
    spoken = data.table["transcript"] != ""
    assert not spoken[data.table["corpus"] == "msp_podcast"].any()
    assert spoken[data.table["corpus"] == "iemocap"].sum() == 47
    note = "Transcripts of msp_podcast: not recognised, as no model of this run reads them; "
    assert any(found.startswith(note) for found in data.notes)


def test_words_of_a_corpus_that_is_recognised(
    cache: Path, msp_podcast: Path, iemocap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def transcribe(recogniser: Recogniser, clip: Clip) -> Transcript:
        return Transcript(heard, "asr", doubt="Doubtful.")

    monkeypatch.setattr(Recogniser, "transcribe", transcribe)
    heard = ""
    cross = load("cross_corpus_categorical")
    roots = {"msp_podcast": msp_podcast, "iemocap": iemocap}
    with pytest.raises(CorpusError, match=r"found words in none of the 56 .* another `recogniser`"):
        prepared(cross, roots)
    shutil.rmtree(cache)
    heard = "Hello."
    data = prepared(cross, roots)
    words = data.table.groupby("corpus")["transcript"].agg(set)
    assert words["msp_podcast"] == {"Hello."}
    assert words["iemocap"] == {"", *(text for part in tones.TEXTS.values() for text in part[:2])}
    assert any("the recogniser doubts 56" in note for note in data.notes)
