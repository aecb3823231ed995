"""The recogniser on every clip that ships."""

import re

import pytest

from ser_core.inputs.audio import load
from ser_core.inputs.speech import Recogniser
from ser_core.synthesis.examples import Example, load_examples

EXAMPLES = load_examples()


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def test_there_are_both_kinds() -> None:
    assert sum(not example.transcript for example in EXAMPLES) == 3
    assert len(EXAMPLES) == 28


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_speech_or_not(example: Example, recogniser: Recogniser) -> None:
    transcript = recogniser.transcribe(load(example.path))
    if example.transcript:
        assert transcript.speech is True
        assert transcript.language == "en"
        assert transcript.doubt == ""
        said = words(example.transcript)
        assert len(said & words(transcript.text)) >= 0.9 * len(said)
    else:
        assert transcript.speech is False
        assert transcript.text == ""
        assert transcript.doubt == "No speech was found."
