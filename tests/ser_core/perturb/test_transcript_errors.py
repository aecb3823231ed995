from statistics import mean

import jiwer
import pytest

from ser_core.errors import SerError
from ser_core.inputs.transcript import Transcript, Word
from ser_core.perturb.transcript_errors import (
    WORD_ERRORS,
    confusable,
    corrupt,
    normalise,
    word_error_rate,
)

TEXTS = [
    "I got the job! I am so happy, I can't stop smiling.",
    "The package is on the kitchen table.",
    "No.",
    "Well-being – it's 3 of 4, isn't it?",
]
STORY = " ".join(TEXTS[:2] * 4)


@pytest.mark.parametrize("wer", [0.1, 0.25, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("text", TEXTS)
def test_the_mean_over_seeds_is_the_rate_asked_for(text: str, wer: float) -> None:
    seeds = 200
    rates = [jiwer.wer(normalise(text), normalise(corrupt(text, wer, s))) for s in range(seeds)]
    # At most one error more or less in a draw: 0.5 / words is the largest standard deviation.
    words = len(normalise(text).split())
    assert mean(rates) == pytest.approx(wer, abs=4 * 0.5 / words / seeds**0.5 + 0.01)


def test_a_long_text_has_the_rate_in_every_draw() -> None:
    words = len(normalise(STORY).split())
    for seed in range(50):
        assert abs(word_error_rate(STORY, corrupt(STORY, 0.3, seed)) - 0.3) < 1 / words + 1e-9


def test_all_kinds_of_error_occur() -> None:
    found = [
        jiwer.process_words(normalise(STORY), normalise(corrupt(STORY, 0.3, seed)))
        for seed in range(30)
    ]
    shares = [sum(getattr(f, kind) for f in found) for kind in ("substitutions", "deletions")]
    total = sum(f.substitutions + f.deletions + f.insertions for f in found)
    assert shares[0] / total == pytest.approx(0.65, abs=0.1)
    assert shares[1] / total == pytest.approx(0.2, abs=0.1)


def test_the_same_seed_gives_the_same_errors() -> None:
    assert corrupt(STORY, 0.3, 5) == corrupt(STORY, 0.3, 5) != corrupt(STORY, 0.3, 6)


def test_no_errors() -> None:
    text = "  Kept,  as it is. "
    assert corrupt(text, 0.0) == text
    transcript = Transcript.typed(text)
    assert WORD_ERRORS.apply(transcript, 0.0) is transcript


def test_confusable_words_sound_alike() -> None:
    assert {"night", "light", "might"} <= set(confusable("right"))
    assert {"choose", "hours"} <= set(confusable("house"))
    for word in ("happy", "can't", "i", "zzyzx"):
        assert word not in confusable(word)
        assert len(confusable(word)) == 8


def test_what_is_compared() -> None:
    assert normalise("“Can’t – STOP!”  3 of 4.") == "can't stop 3 of 4"
    assert word_error_rate("I can't stop!", "i can’t stop") == 0.0
    assert word_error_rate("one two three four", "one too four five six") == pytest.approx(1.0)
    assert word_error_rate("one two", "") == 1.0


@pytest.mark.parametrize("text", ["", " ", "…!"])
def test_without_words(text: str) -> None:
    with pytest.raises(SerError, match="There are no words"):
        corrupt(text, 0.5)
    with pytest.raises(SerError, match="There are no words"):
        word_error_rate(text, "one")


@pytest.mark.parametrize("wer", [-0.1, 1.1, float("nan")])
def test_impossible_rates(wer: float) -> None:
    for change in (
        lambda: corrupt("one", wer),
        lambda: WORD_ERRORS.apply(Transcript.typed("one"), wer),
    ):
        with pytest.raises(SerError, match=r"0 (and|to) 1"):
            change()


def test_recognised_words_stay_as_doubtful_as_they_were() -> None:
    heard = Transcript(
        TEXTS[0], "asr", (Word("I", 0.0, 0.1, 0.5),), doubt="The words are uncertain."
    )
    changed = WORD_ERRORS.apply(heard, 0.5, seed=1)
    assert not changed.usable()
    assert changed.words == ()  # their times are those of other words
    rate = word_error_rate(heard.text, changed.text)
    assert changed.notes == (f"Changed: words with a WER of 0.5; this draw has {rate:.0%}.",)
