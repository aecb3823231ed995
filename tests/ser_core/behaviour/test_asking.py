from pathlib import Path

import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.behaviour.asking import ask_all
from ser_core.explain.background import background_of
from ser_core.explain.outputs import OutputChoice
from ser_core.explain.values import Values
from ser_core.support.jobs import Cancelled

TEXTS = ["I am so happy today.", "Leave me alone!", "The bus leaves at nine."]


def test_answers_are_those_of_one_pass_each(tiny_checkpoints: Path):
    analyzer = Analyzer(tiny_checkpoints)
    found, notes = ask_all(analyzer, list(analyzer.models.values()), 2, TEXTS)
    assert notes == ()
    for name, checkpoint in analyzer.models.items():
        voices = background_of(checkpoint).voices()
        for number in range(2):
            for choice, said in (
                (OutputChoice("probability", "sad"), found[name].probabilities[number, :, 2]),
                (OutputChoice("dimension", "valence"), found[name].dimensions[number, :, 1]),
            ):
                alone = Values(analyzer, checkpoint, choice)
                each = [alone.one(voices[number], text) for text in TEXTS]
                np.testing.assert_allclose(said, each, atol=1e-5)


def test_voices_change_only_what_hears_and_words_only_what_reads(tiny_checkpoints: Path):
    analyzer = Analyzer(tiny_checkpoints)
    found, _ = ask_all(analyzer, list(analyzer.models.values()), 2, TEXTS)
    for name, of in found.items():
        assert (np.ptp(of.probabilities, axis=0).max() > 0) == (name != "text")
        assert (np.ptp(of.probabilities, axis=1).max() > 0) == (name != "audio")


def test_progress_is_told_and_ends_the_work(tiny_checkpoints: Path):
    analyzer = Analyzer(tiny_checkpoints)
    told: list[float] = []
    ask_all(analyzer, [analyzer.models["multistage"]], 2, TEXTS, told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    def cancel(done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        ask_all(analyzer, [analyzer.models["multistage"]], 2, TEXTS, cancel)
