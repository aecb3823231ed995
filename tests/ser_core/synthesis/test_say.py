import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from ser_core.errors import SerError
from ser_core.support.cache import Cache
from ser_core.synthesis import speech
from ser_core.synthesis.speech import CONTROLS, MAX_CHARACTERS, RATE, say, split
from ser_core.synthesis.voicing import VOICINGS, Voicing, active_level

TEXT = "You can find the keys on the shelf by the door."

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def voice() -> None:
    pytest.importorskip("hibari", reason="needs the extra [examples]")


def brightness(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    border = len(power) // 8
    return float(10 * np.log10(power[border:].sum() / power[:border].sum()))


def test_a_sentence_in_every_voicing() -> None:
    clips = {name: say(TEXT, name) for name in VOICINGS}
    assert len({clip.digest for clip in clips.values()}) == len(VOICINGS)
    for name, clip in clips.items():
        assert 1.5 < clip.duration_s < 6
        assert clip.source.name == f"“You can find the keys on the shelf by t…”, {name} voicing"
        assert clip.notes == ("A synthetic voice: nobody said this, and nobody felt it.",)
        assert active_level(clip.samples, RATE) == pytest.approx(VOICINGS[name].level, abs=2.0)
    assert clips["angry"].duration_s < clips["sad"].duration_s


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.field)
def test_every_control_can_be_heard(control: speech.Control) -> None:
    neutral = VOICINGS["neutral"]
    low, high = (
        say(TEXT, replace(neutral, **{control.field: value}))
        for value in (control.low, control.high)
    )
    assert low.digest != high.digest
    if control.field == "rate":
        assert low.duration_s > 1.3 * high.duration_s
    if control.field == "level":
        levels = [active_level(clip.samples, RATE) for clip in (low, high)]
        assert levels[1] - levels[0] == pytest.approx(30.0, abs=3.0)
    if control.field == "tilt":
        assert brightness(high.samples) > brightness(low.samples) + 10


def test_shipped_voicings_lie_within_the_controls() -> None:
    for voicing in VOICINGS.values():
        for control in CONTROLS:
            assert control.low <= getattr(voicing, control.field) <= control.high


def test_the_same_again_whoever_asks() -> None:
    first = say(TEXT, "sad", seed=3)
    speech._said._values.clear()
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(say(TEXT, "sad", seed=3).digest))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [first.digest] * 3
    assert say(TEXT, "sad", seed=4).digest != first.digest
    assert say(f"  {TEXT} \n", "sad", seed=3).digest == first.digest


def test_several_sentences_are_longer_and_all_said() -> None:
    once, thrice = say("Same.", "neutral"), say("Same. Same. Same.", "neutral")
    assert split("Same. Same. Same.") == ["Same."] * 3
    assert thrice.duration_s > 2 * once.duration_s


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to say"),
        (" \n", "nothing to say"),
        ("… !", "nothing to say"),
        ("😀", "nothing to say"),
        ("Привет", "English only"),
        ("Hello 世界", "English only"),
        ("x" * (MAX_CHARACTERS + 1), "at most 300 characters"),
        ("123456789 " * 29, "too long to say"),
    ],
)
def test_what_cannot_be_said(text: str, message: str) -> None:
    with pytest.raises(SerError, match=message):
        say(text)


@pytest.mark.parametrize(
    "text", ["Hi. 😀", "a", "żółć", "3", "Dr. Smith is here.", "one\ntwo", "x" * 300]
)
def test_odd_texts_are_said(text: str) -> None:
    clip = say(text)
    assert 0.6 < clip.duration_s < 30


@pytest.mark.parametrize(
    "voicing", [Voicing(breath=2.0), Voicing(rate=0.0), Voicing(level=float("nan")), "cheerful"]
)
def test_voicings_out_of_range(voicing: Voicing | str) -> None:
    with pytest.raises(SerError, match=r"takes values from|no voicing 'cheerful'"):
        say(TEXT, voicing)


def test_without_the_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)
    monkeypatch.setitem(sys.modules, "hibari.tts", None)
    monkeypatch.setattr(speech, "_speakers", Cache(1))
    with pytest.raises(SerError, match=r"hibari-tts.* is not installed"):
        say("This was never said before.")
