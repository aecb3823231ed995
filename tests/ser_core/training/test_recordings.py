"""Parts of files are cut wherever training and evaluation open recordings."""

from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
import soundfile
import torch

from ser_core.corpora import manifest
from ser_core.corpora.span import Span
from ser_core.errors import AudioError, CorruptAudioError
from ser_core.evaluation.predict import Predictor
from ser_core.experiments.inputs_of_rows import Materials
from ser_core.experiments.provenance import contents
from ser_core.experiments.transcripts import recognise
from ser_core.inputs import audio
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.inputs.transcript import Transcript
from ser_core.training.feature_cache import compute_log_mels, compute_statistics, find_log_mels
from ser_core.training.recordings import Part, load_recording, recordings, stamp
from ser_core.training.references import compute_band_statistics
from ser_core.training.split_data import make_material

RATE = 16_000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def steps(rate: int) -> np.ndarray:
    """3 s: a quiet, a middling and a loud second."""
    time_s = np.arange(3 * rate) / rate
    return np.repeat([0.1, 0.3, 0.6], rate) * np.sin(2 * np.pi * 440 * time_s)


def write(path: Path, rate: int = RATE) -> str:
    """The three steps in whatever format the name asks for."""
    if path.suffix != ".m4a":
        soundfile.write(path, steps(rate), rate)
        return str(path)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            steps(rate).astype(np.float32)[None], format="fltp", layout="mono"
        )
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return str(path)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.m4a"])
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_only_the_part_is_heard(tmp_path: Path, name: str, rate: int) -> None:
    path = write(tmp_path / name, rate)
    for second, level in enumerate((0.1, 0.3, 0.6)):
        clip = load_recording(Part(path, Span(second + 0.1, second + 0.9)))
        assert clip.duration_s == pytest.approx(0.8, abs=0.001)
        middle = clip.samples[2000:-2000]
        assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(level, rel=0.05)
    assert load_recording(Part(path, Span(2.0))).duration_s == pytest.approx(1.0, abs=0.1)
    assert load_recording(path).duration_s == pytest.approx(3.0, abs=0.1)


def test_a_part_is_that_of_the_whole_clip(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav")
    part = load_recording(Part(path, Span(0.5, 1.25)))
    np.testing.assert_array_equal(part.samples, audio.load(path).samples[8_000:20_000])


def test_times_beyond_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav")
    assert load_recording(Part(path, Span(2.5, 3.02))).duration_s == pytest.approx(0.5)
    with pytest.raises(CorruptAudioError, match=r"begins after the end of 'a\.wav'"):
        load_recording(Part(path, Span(3.5, 4.0)))
    with pytest.raises(AudioError, match="no such file"):
        load_recording(Part(str(tmp_path / "b.wav"), Span(0.0, 1.0)))


def corpus(tmp_path: Path) -> pd.DataFrame:
    """Three parts of one file, and the file itself, from a manifest."""
    write(tmp_path / "a.wav")
    (tmp_path / "manifest.csv").write_text(
        "file,start,end,emotion,text\n"
        "a.wav,0,1,sad,a\na.wav,1,2,neutral,b\na.wav,2,,angry,c\na.wav,,,happy,d\n"
    )
    return manifest.read(tmp_path).table


def test_every_consumer_of_a_table_hears_the_parts(tmp_path: Path) -> None:
    table = corpus(tmp_path)
    samples = audio.load(tmp_path / "a.wav").samples
    expected = [samples[:RATE], samples[RATE : 2 * RATE], samples[2 * RATE :], samples]
    found = recordings(table)
    assert len({stamp(one) for one in found}) == 4

    log_mels, problems = find_log_mels(found, FrontEnd())
    assert not problems
    for row, part in enumerate(expected):
        torch.testing.assert_close(log_mels[row], log_mel(part), atol=0.04, rtol=0)
    assert Materials(table).log_mels(FrontEnd()).lengths.tolist() == log_mels.lengths.tolist()

    levels = compute_band_statistics(found)[:, :64].mean(axis=1)
    assert levels[0] < levels[1] < levels[2]

    material = make_material(table, log_mels, table.iloc[:0])
    other = Predictor({}, material)._log_mels(FrontEnd(hop=320))
    assert len(other[0]) < len(other[3]) / 2

    class Listener:
        fingerprint = words_fingerprint = "of a test"

        def transcribe(self, clip: audio.Clip) -> Transcript:
            return Transcript(f"{clip.duration_s:.1f}", "asr")

        def statistics(self, clip: audio.Clip) -> np.ndarray:
            return np.array([clip.duration_s], np.float32)

    heard = recognise(found, Listener())  # type: ignore[arg-type]
    assert [text for text, _ in heard] == ["1.0", "1.0", "1.0", "3.0"]
    statistics = compute_statistics(found, Listener())  # type: ignore[arg-type]
    assert statistics[:, 0].tolist() == [1.0, 1.0, 1.0, 3.0]


def test_problems_name_the_part(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav")
    with pytest.raises(AudioError, match=r"a\.wav \(5-6 s\)"):
        compute_log_mels([path, Part(path, Span(5.0, 6.0))], FrontEnd())


def test_another_part_is_another_content(tmp_path: Path) -> None:
    table = corpus(tmp_path)
    moved = table.assign(span=["0-1", "1-2.5", "2-", ""])
    assert (contents(table) != contents(moved)).tolist() == [False, True, False, False]
    old = table.drop(columns="span")
    assert (contents(table) == contents(old)).tolist() == [False, False, False, True]
