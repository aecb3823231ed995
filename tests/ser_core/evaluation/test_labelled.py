from pathlib import Path

import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.corpora.table import Corpus, assemble
from ser_core.errors import CorpusError
from ser_core.evaluation.labelled import predict_corpus
from ser_core.evaluation.measured import evaluate_predictions
from ser_core.synthesis.examples import load_examples

SPOKEN = [example for example in load_examples() if example.transcript][:3]


@pytest.fixture(scope="module")
def analyzer(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(str(tiny_checkpoints))


def corpus(folder: Path, broken: bool = True) -> Corpus:
    rows: list[dict[str, object]] = [
        {
            "id": example.id,
            "path": str(example.path),
            "speaker": "one",
            "transcript": example.transcript,
            "category": "angry",
        }
        for example in SPOKEN
    ]
    if broken:
        (folder / "broken.wav").write_bytes(b"RIFF no sound")
        rows.insert(1, {"id": "broken", "path": str(folder / "broken.wav"), "category": "sad"})
    return assemble("mine", rows)


def test_every_clip_is_asked_and_a_broken_one_is_named(analyzer: Analyzer, tmp_path: Path) -> None:
    told: list[float] = []
    found = predict_corpus(analyzer, corpus(tmp_path), progress=told.append)
    assert list(found.rows["id"]) == [example.id for example in SPOKEN]
    assert found.sets == ["mine, own words"] and told == [0, 0.25, 0.5, 0.75]
    assert found.notes[0].startswith("1 clip is left out (broken): ")
    clip = analyzer.analyze_file(SPOKEN[2].path, transcript=SPOKEN[2].transcript)
    for name, prediction in clip.predictions.items():
        values = list(prediction.probabilities.values())
        assert found.scores[name].probabilities[2] == pytest.approx(values)


def test_without_words_the_text_model_is_not_asked(analyzer: Analyzer, tmp_path: Path) -> None:
    found = predict_corpus(analyzer, corpus(tmp_path, broken=False), "none")
    assert "text" not in found.scores and "audio" in found.scores
    assert set(found.rows["words"]) == {""}


def test_one_class_and_one_speaker_still_have_figures(analyzer: Analyzer, tmp_path: Path) -> None:
    found = predict_corpus(analyzer, corpus(tmp_path, broken=False), "none", ["audio"])
    results = evaluate_predictions(found, draws=20, unit="speakers").results
    uar = results.set_index("metric")["value"]["UAR"]
    assert uar in {0, 1 / 3, 2 / 3, 1} and np.isfinite(results["value"]).all()


def test_a_corpus_without_a_usable_clip_is_told(analyzer: Analyzer, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF no sound")
    only = assemble("mine", [{"id": "broken", "path": str(tmp_path / "broken.wav")}])
    with pytest.raises(CorpusError, match="No clip of mine can be read"):
        predict_corpus(analyzer, only)
    with pytest.raises(CorpusError, match="no recordings"):
        predict_corpus(analyzer, assemble("texts", [{"id": "a", "transcript": "so"}]))


def test_a_part_of_a_file_is_heard_alone(analyzer: Analyzer):
    """Two parts of one file are two clips, with predictions of their own."""
    rows = [
        {"id": span, "path": str(SPOKEN[0].path), "span": span} for span in ("0-0.7", "0.7-1.5")
    ]
    found = predict_corpus(analyzer, assemble("parts", rows), "none", ["audio"])
    one, other = found.scores["audio"].probabilities
    assert not np.allclose(one, other, atol=1e-9)
