"""Speech survives the downmix, whichever of the channels it is in."""

from collections.abc import Callable

import numpy as np
import pytest
from sound_files import likeness, media_file, sound_file, tone, voice

from ser_core.errors import SerError, SilentAudioError
from ser_core.inputs.audio import Clip, from_samples, load

RATE = 16_000
SPEECH = voice(4.0)
NOISE = np.random.default_rng(1).normal(size=(len(SPEECH), 8))
HUM = np.sin(2 * np.pi * 50 * np.arange(len(SPEECH)) / RATE)
SPEAKER_2 = np.roll(voice(4.0, seed=5), 9_000) * 0.3
LEVEL = float(SPEECH.std())


def beside(*channels: np.ndarray | float) -> np.ndarray:
    return np.stack([np.broadcast_to(c, SPEECH.shape) for c in channels], axis=1)


HALF_INVERTED = np.where(np.arange(len(SPEECH)) < len(SPEECH) // 2, SPEECH, -SPEECH)
# What the channels hold, what the note must say ("" for none), and how like the speech is left.
CASES: dict[str, tuple[np.ndarray, str, float]] = {
    "the same twice": (beside(SPEECH, SPEECH), "", 0.999),
    "inverted": (beside(SPEECH, -SPEECH), "inverted", 0.999),
    "inverted and weaker": (beside(SPEECH, -0.8 * SPEECH), "inverted", 0.999),
    "inverted, with noise": (
        beside(SPEECH, -SPEECH) + 0.3 * LEVEL * NOISE[:, :2],
        "inverted",
        0.95,
    ),
    "balanced line with hum": (beside(SPEECH + 0.2 * HUM, 0.2 * HUM - SPEECH), "inverted", 0.99),
    "inverted at times": (beside(SPEECH, HALF_INVERTED), "cancel", 0.999),
    "three that cancel": (beside(SPEECH, -0.5 * SPEECH, -0.5 * SPEECH), "inverted", 0.999),
    "silence beside": (beside(SPEECH, 0.0), "silent", 0.999),
    "dead microphone beside": (beside(0.5, SPEECH), "silent", 0.999),
    "one of eight": (beside(*[0.0] * 5, SPEECH, 0.0, 0.0), "7 of 8 channels are silent", 0.999),
    "one of eight, others hiss": (
        np.concatenate([2e-3 * LEVEL * NOISE[:, :7], SPEECH[:, None]], axis=1),
        "7 of 8",
        0.999,
    ),
    "loud noise beside": (beside(SPEECH, 5 * LEVEL * NOISE[:, 0]), "noise", 0.999),
    "loud hum beside": (beside(0.9 * HUM, SPEECH), "hum", 0.999),
    "two channels of noise beside": (
        np.concatenate([NOISE[:, :2] * 3 * LEVEL, SPEECH[:, None]], axis=1),
        "noise",
        0.999,
    ),
    "own noise in each": (beside(SPEECH, SPEECH) + 0.1 * LEVEL * NOISE[:, :2], "", 0.98),
}


def check(clip: Clip, said: str, alike: float) -> None:
    assert likeness(clip, SPEECH) > alike
    assert clip.samples.std() > 0.5 * LEVEL
    if said:
        assert any(said in note for note in clip.notes), clip.notes
        assert len(clip.notes) == 1
    else:
        assert clip.notes == ()


@pytest.mark.parametrize("case", CASES)
def test_speech_survives(case: str) -> None:
    samples, said, alike = CASES[case]
    check(from_samples(samples, RATE), said, alike)
    scaled = np.float32(samples / max(1.0, np.abs(samples).max()))
    loaded = load(sound_file(scaled, RATE, "WAV", "FLOAT"))
    assert loaded.notes == from_samples(scaled, RATE).notes
    assert likeness(loaded, SPEECH) > alike


def test_a_coded_file_is_read_twice_where_its_mean_is_nothing() -> None:
    for data in (
        media_file(beside(SPEECH, -SPEECH), RATE, "ipod"),
        sound_file(beside(SPEECH, -SPEECH), RATE, "FLAC"),
    ):
        check(load(data), "inverted", 0.95)


def test_two_people_on_two_channels_are_both_kept() -> None:
    clip = from_samples(beside(SPEECH, SPEAKER_2), RATE)
    np.testing.assert_allclose(clip.samples, (SPEECH + SPEAKER_2) / 2, atol=1e-6)
    assert clip.notes == ()


def test_a_person_who_says_one_word_is_kept() -> None:
    word = np.where(np.arange(len(SPEECH)) < 5_000, 0.1 * SPEECH, 0.0)
    clip = from_samples(beside(SPEECH, word), RATE)
    np.testing.assert_allclose(clip.samples, (SPEECH + word) / 2, atol=1e-6)


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("block", [1, 700, 10**6])
def test_the_rule_is_the_same_at_every_rate(rate: int, block: int) -> None:
    from ser_core.inputs.channels import ChannelStatistics

    seconds = 0.6 if block == 1 else 2.0
    samples = voice(seconds, rate)
    noise = np.random.default_rng(0).normal(size=len(samples)) * 0.3
    for other, weights in ((-samples, (0.5, -0.5)), (0 * samples, (1, 0)), (noise, (1, 0))):
        statistics = ChannelStatistics(rate, 2)
        both = np.stack([samples, other], axis=1)
        for start in range(0, len(both), block):
            statistics.add(both[start : start + block])
        chosen = statistics.downmix().weights
        np.testing.assert_allclose(np.abs(chosen), np.abs(weights))
        assert np.prod(np.sign(chosen)) == np.prod(np.sign(weights))
        np.testing.assert_allclose(statistics.levels(), (both.max(0) - both.min(0)) / 2)


def test_silence_is_judged_before_the_downmix() -> None:
    with pytest.raises(SilentAudioError):
        from_samples(beside(0.0, 0.3, -0.3), RATE)
    with pytest.raises(SilentAudioError):
        load(sound_file(np.full((RATE, 4), 0.2, np.float32), RATE, "WAV"))
    inverted = tone(1.0, RATE, 2) * np.float32([1, -1])
    assert from_samples(inverted, RATE).samples.std() > 0.2
    short = from_samples(inverted[:1700], RATE)  # two frames
    assert short.samples.std() > 0.2


SHAPES: dict[str, Callable[[], np.ndarray]] = {
    "[n]": lambda: SPEECH,
    "[n, 1]": lambda: SPEECH[:, None],
    "[1, n]": lambda: SPEECH[None, :],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_channel_in_every_shape_is_one_channel(shape: str) -> None:
    clip = from_samples(SHAPES[shape](), RATE)
    np.testing.assert_array_equal(clip.samples, SPEECH)
    assert clip.source.channels == 1


def test_channels_first_is_told_as_what_it_is() -> None:
    with pytest.raises(SerError, match=r"shape \[2, 64000\], which looks like \[channels, n\]"):
        from_samples(np.stack([SPEECH, SPEECH]), RATE)
