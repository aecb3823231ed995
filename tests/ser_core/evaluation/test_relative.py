"""Clips of a labelled corpus relative to their speakers, from a table to the predictions."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fixtures import RATE, tone
from tiny import write_knowing_checkpoints

from ser_core.analysis import Analyzer
from ser_core.corpora.table import Corpus, assemble
from ser_core.evaluation.labelled import predict_corpus
from ser_core.evaluation.measured import evaluate_predictions
from ser_core.evaluation.speaker_voices import CLIPS, SpeakerVoices
from ser_core.inputs.audio import Clip
from ser_core.inputs.speech import Recogniser
from ser_core.labels import CATEGORIES
from ser_core.training.recordings import load_recording

SPEAKERS = {"many": 13, "few": CLIPS, "": 2}  # and how many clips they have
NAME = "mine, no text, reference"


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser) -> Analyzer:
    return Analyzer(write_knowing_checkpoints(tmp_path_factory.mktemp("knowing"), recogniser))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder, rows = tmp_path_factory.mktemp("mine"), []
    for speaker, clips in SPEAKERS.items():
        for number in range(clips):
            category = CATEGORIES[number % 4]
            path = folder / f"{speaker}{number}.wav"
            soundfile.write(path, tone(category, 0.4, len(rows)), RATE)
            labels = {"speaker": speaker, "category": category, "transcript": "So it is."}
            rows.append({"id": path.stem, "path": str(path), **labels})
    return assemble("mine", rows)


def test_the_second_set_is_of_clips_and_models_that_can_be_relative(
    analyzer: Analyzer, corpus: Corpus
) -> None:
    told: list[float] = []
    found = predict_corpus(analyzer, corpus, "none", progress=told.append, relative=True)
    plain, related = (found.of_set(name) for name in found.sets)
    assert found.sets == ["mine, no text", NAME]
    assert len(plain) == sum(SPEAKERS.values()) and list(related.rows["speaker"]) == ["many"] * 13
    assert set(related.scores) == {"audio", "late", "foundation"}  # late by its audio model
    assert "multistage" in plain.scores
    assert f"“{NAME}”: each clip is heard relative to {CLIPS} other clips" in found.notes[0]
    assert found.notes[1].startswith("12 clips are left out there: fewer than 10 others")
    assert told == sorted(told) and told[0] == 0 and 0.9 < told[-1] <= 1
    without = predict_corpus(analyzer, corpus, "none")
    for name, scores in without.scores.items():
        np.testing.assert_array_equal(scores.probabilities, plain.scores[name].probabilities)
    assert set(evaluate_predictions(found, draws=20).results["set"]) == set(found.sets)


def test_the_words_are_the_same_in_both_sets(analyzer: Analyzer, corpus: Corpus) -> None:
    found = predict_corpus(analyzer, corpus, models=["late", "text"], relative=True)
    related = found.of_set("mine, own words, reference")
    assert set(related.rows["words"]) == {"So it is."} and set(related.scores) == {"late"}


def test_a_clip_is_heard_relative_to_others_alone(analyzer: Analyzer, corpus: Corpus) -> None:
    """By hand: of eleven clips of a speaker, the reference of each is of the ten others."""
    table = corpus.table.head(CLIPS + 1)
    eleven = replace(corpus, table=table)
    found = predict_corpus(analyzer, eleven, "none", ["audio"], relative=True).of_set(NAME)
    clips = [load_recording(path) for path in table["path"]]
    for number, clip in enumerate(clips):
        others = analyzer.reference([*clips[:number], *clips[number + 1 :]])
        said = analyzer.analyze(clip, "", ["audio"], speaker=others).predictions["audio"]
        expected = [*said.probabilities.values()]
        assert found.scores["audio"].probabilities[number] == pytest.approx(expected, abs=1e-5)


def test_a_reference_is_the_same_every_time(analyzer: Analyzer, corpus: Corpus) -> None:
    clips = [load_recording(path) for path in corpus.table["path"].head(SPEAKERS["many"])]

    def made(order: range) -> str:
        voices = SpeakerVoices(analyzer, corpus.table, load_recording)
        for number in order:
            voices.hear(number, clips[number])
        reference = voices.reference(0, clips[0].digest)
        assert reference is not None and reference.clips == CLIPS
        return reference.digest

    assert made(range(13)) == made(range(12, -1, -1)) != made(range(12))


def test_references_come_from_the_whole_corpus_though_few_clips_are_scored(
    analyzer: Analyzer, corpus: Corpus
) -> None:
    read: Counter[str] = Counter()

    def load(path: Any) -> Clip:
        read[Path(path).stem] += 1
        return load_recording(path)

    found = predict_corpus(analyzer, corpus, "none", ["audio"], load=load, most=4, relative=True)
    scored = set(found.of_set("mine, no text").rows["id"])
    related = set(found.of_set(NAME).rows["id"])
    assert (
        len(scored) == 4 and related == {one for one in scored if one.startswith("many")} != set()
    )
    assert sum(one.startswith("many") for one in read) == CLIPS + 1
    assert not any(one.startswith("few") for one in read if one not in scored)
    assert {one: times for one, times in read.items() if times > 1} == dict.fromkeys(related, 2)


def test_the_same_recording_twice_counts_once(analyzer: Analyzer, corpus: Corpus) -> None:
    """Ten others, of which two are the same sound, are nine."""
    table = corpus.table[corpus.table["speaker"] == "many"].head(CLIPS + 1).reset_index(drop=True)
    twice = replace(corpus, table=table.assign(path=[table["path"][1], *table["path"][1:]]))
    found = predict_corpus(analyzer, twice, "none", ["audio"], relative=True)
    assert found.sets == ["mine, no text"]
    assert "more than 10 clips of one that can be read" in found.notes[-1]


@pytest.mark.parametrize(
    ("speakers", "models", "sentence"),
    [
        ("", None, "no clip names one"),
        ("unknown", ["multistage"], "none of the models knows speakers"),
        ("own", None, "more than 10 clips of one that can be read"),
    ],
)
def test_where_nothing_can_be_relative_the_plain_set_stays(
    analyzer: Analyzer, corpus: Corpus, speakers: str, models: list[str] | None, sentence: str
) -> None:
    table = corpus.table.head(6).copy()
    table["speaker"] = table["id"] if speakers == "own" else speakers
    found = predict_corpus(analyzer, replace(corpus, table=table), "none", models, relative=True)
    assert found.sets == ["mine, no text"] and len(found) == 6
    assert len(found.notes) == 1 and sentence in found.notes[0]


def test_without_the_speech_encoder_the_others_are_relative(
    analyzer: Analyzer, corpus: Corpus, tmp_path: Path
) -> None:
    deaf = Analyzer(
        [checkpoint.folder.parent for checkpoint in analyzer.models.values()][:1],
        recogniser=str(tmp_path),
    )
    found = predict_corpus(deaf, corpus, "none", relative=True)
    assert set(found.of_set(NAME).scores) == {"audio", "late"}
    expected = predict_corpus(analyzer, corpus, "none", ["audio"], relative=True)
    np.testing.assert_allclose(
        found.of_set(NAME).scores["audio"].probabilities,
        expected.of_set(NAME).scores["audio"].probabilities,
    )


def test_a_broken_recording_gives_way_to_another_of_the_speaker(
    analyzer: Analyzer, corpus: Corpus, tmp_path: Path
) -> None:
    """Two clips are scored; of the speaker's twelve one is broken, and eleven suffice."""
    (tmp_path / "broken.wav").write_bytes(b"RIFF no sound")
    table = corpus.table.head(CLIPS + 2).copy()
    drawn = table.sample(2, random_state=0).index
    broken = next(number for number in table.index if number not in drawn)
    table.loc[broken, "path"] = str(tmp_path / "broken.wav")
    mine = replace(corpus, table=table)
    found = predict_corpus(analyzer, mine, "none", ["audio"], most=2, relative=True)
    assert len(found.of_set(NAME)) == 2 and len(found.notes) == 1
