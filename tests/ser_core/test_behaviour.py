"""What the shipped models must show: words and voice both count."""

from pathlib import Path

import pytest

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.corpora.demonstration import read_speech
from ser_core.synthesis.examples import load_examples


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(CHECKPOINTS)


def test_happy_words_in_a_neutral_voice_read_happy(analyzer: Analyzer):
    example = next(e for e in load_examples() if e.id == "happy-words-neutral-voice")
    decisions = analyzer.analyze_file(example.path, transcript=example.transcript).decisions
    for model in ("text", "late", "single_stage", "multistage"):
        assert decisions[model] == "happy"


@pytest.mark.corpora
def test_most_angry_voices_with_neutral_words_read_angry(analyzer: Analyzer, corpora: Path):
    clips = read_speech(corpora, "ravdess").split("test")
    models = ("audio", "single_stage", "multistage")
    angry = dict.fromkeys(models, 0)
    paths = clips.loc[clips["category"] == "angry", "path"]
    for path in paths:
        words = "The report is in the folder on your desk."
        decisions = analyzer.analyze_file(path, transcript=words, models=models).decisions
        for model in models:
            angry[model] += decisions[model] == "angry"
    assert min(angry.values()) > len(paths) / 2, angry
