from functools import lru_cache

import numpy as np
import pytest
from measuring import band_power, decibel, formants, pitch, vowel

from ser_core.errors import AudioError, SerError
from ser_core.inputs.audio import SAMPLE_RATE, Clip, from_samples, load
from ser_core.inputs.features import FrontEnd, log_mel
from ser_core.perturb import pitch_tempo
from ser_core.perturb.channel import mu_law
from ser_core.perturb.room import DISTANCE, VOLUME, impulse_response
from ser_core.perturb.sound import SOUND_CHANGES
from ser_core.synthesis.examples import load_examples

EXAMPLES = {example.id: example.path for example in load_examples()}
NAMES = list(SOUND_CHANGES)


@lru_cache
def example(name: str) -> Clip:
    return load(EXAMPLES[name])


def active_power(samples: np.ndarray) -> float:
    """Mean power of the 20 ms frames within 30 dB of the loudest."""
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320).astype(np.float64)
    power = (frames**2).mean(axis=1)
    return float(power[power >= power.max() / 1000].mean())


# every change


@pytest.mark.parametrize("name", NAMES)
def test_every_example_passes_every_change(name: str) -> None:
    change = SOUND_CHANGES[name]
    for slug in EXAMPLES:
        clip = example(slug)
        points = change.points_for(clip)
        for value in (points[0], points[len(points) // 2], points[-1]):
            changed = change.apply(clip, value)
            assert changed.digest != clip.digest
            assert np.isfinite(changed.samples).all()
            assert np.abs(changed.samples).max() <= 1.0
            assert change.say(value) in changed.source.name
            assert any(change.say(value) in note for note in changed.notes)
            assert changed.source.format == clip.source.format


@pytest.mark.parametrize("name", NAMES)
def test_nothing_changes_at_the_neutral_value(name: str) -> None:
    change, clip = SOUND_CHANGES[name], example("irony")
    assert change.apply(clip, change.neutral) is clip
    assert change.neutral not in change.points


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_sound(name: str) -> None:
    change, clip = SOUND_CHANGES[name], example("irony")
    value = change.points[0]
    first, again, other = (change.apply(clip, value, seed).digest for seed in (3, 3, 4))
    assert first == again
    assert (other != first) == change.random


@pytest.mark.parametrize("name", NAMES)
def test_values_outside_the_range_are_refused(name: str) -> None:
    change = SOUND_CHANGES[name]
    for value in (change.low - 0.5, change.high + 200, np.nan, -np.inf):
        if value != change.neutral:
            with pytest.raises(SerError, match=rf"^{change.title} takes .*\.$"):
                change.apply(example("irony"), value)


@pytest.mark.parametrize("name", NAMES)
def test_the_shortest_clip(name: str) -> None:
    change, clip = SOUND_CHANGES[name], vowel(seconds=0.1)
    assert clip.duration_s == 0.1
    for value in {change.low, *change.points, change.high}:
        try:
            changed = change.apply(clip, value)
        except AudioError as error:
            assert name == "tempo"
            assert str(error).startswith("Too little of the clip is left with tempo")
        else:
            assert changed.duration_s >= 0.1


def test_what_is_left_of_a_high_tone_is_said_in_a_sentence() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    clip = from_samples(0.5 * np.sin(2 * np.pi * 5000 * time) * np.hanning(len(time)), SAMPLE_RATE)
    with pytest.raises(AudioError, match=r"^Nothing can be heard with low-pass at 250 Hz: "):
        SOUND_CHANGES["low-pass"].apply(clip, 250.0)


def test_a_clip_that_becomes_too_long() -> None:
    clip = from_samples(np.tile(vowel(seconds=10).samples, 16), SAMPLE_RATE)
    with pytest.raises(AudioError, match=r"^The clip becomes too long with tempo × 0\.5: "):
        SOUND_CHANGES["tempo"].apply(clip, 0.5)


def test_changes_of_a_changed_clip_keep_the_notes() -> None:
    once = SOUND_CHANGES["gain"].apply(example("irony"), -6.0)
    twice = SOUND_CHANGES["low-pass"].apply(once, 2000.0)
    assert twice.notes == ("Changed: gain of -6 dB.", "Changed: low-pass at 2000 Hz.")


# noise


@pytest.mark.parametrize("name", ["noise", "babble"])
@pytest.mark.parametrize("snr", [-5.0, 0.0, 12.0, 30.0])
@pytest.mark.parametrize("slug", ["long-pause", "keys-angry", "bell"])
def test_signal_to_noise_ratio(name: str, snr: float, slug: str) -> None:
    clip = example(slug)
    changed = SOUND_CHANGES[name].apply(clip, snr, seed=1)
    # Where the sum had to be scaled down, the noise is what is left without the scaled voice.
    mixed, voice = changed.samples.astype(np.float64), clip.samples.astype(np.float64)
    scale = 1.0
    for note in changed.notes:
        if note.startswith("Lowered by"):
            scale = 10 ** (-float(note.split()[2]) / 20)
    noise = mixed - scale * voice
    measured = decibel(active_power(scale * voice) / np.mean(noise**2))
    assert measured == pytest.approx(snr, abs=0.1)


def test_white_noise_is_flat_and_babble_is_not() -> None:
    clip = example("long-pause")
    for name, least, most in (("noise", -1.0, 1.0), ("babble", 15.0, 60.0)):
        noise = SOUND_CHANGES[name].apply(clip, 20.0).samples - clip.samples
        slope = decibel(band_power(noise, 200, 2200) / band_power(noise, 5500, 7500))
        assert least < slope < most


# room


@pytest.mark.parametrize("rt60", [0.2, 0.5, 1.5])
def test_reverberation_time(rt60: float) -> None:
    response = impulse_response(rt60, np.random.default_rng(0))
    tail = response[1:].astype(np.float64)
    decay = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1] / np.sum(tail**2))  # Schroeder, 1965
    start, end = np.argmax(decay < -5), np.argmax(decay < -25)
    assert 3 * (end - start) / SAMPLE_RATE == pytest.approx(rt60, rel=0.1)
    # Sabine: the critical distance is where direct and reflected sound are equally strong.
    ratio = decibel(response[0] ** 2 / np.sum(tail**2))
    assert ratio == pytest.approx(20 * np.log10(0.057 * np.sqrt(VOLUME / rt60) / DISTANCE), abs=0.1)


def test_a_room_fills_the_pauses_and_keeps_the_level() -> None:
    clip = example("long-pause")
    changed = SOUND_CHANGES["room"].apply(clip, 2.0)
    assert decibel(active_power(changed.samples) / active_power(clip.samples)) == pytest.approx(
        0.0, abs=0.1
    )

    def share_of_quiet_frames(samples: np.ndarray) -> float:
        power = (samples[: len(samples) // 320 * 320].reshape(-1, 320) ** 2).mean(axis=1)
        return float(np.mean(power < power.max() * 1e-3))

    assert share_of_quiet_frames(changed.samples) < share_of_quiet_frames(clip.samples) - 0.1


# level and band


def test_gain() -> None:
    clip = example("keys-sad")
    softer = SOUND_CHANGES["gain"].apply(clip, -12.0)
    np.testing.assert_allclose(softer.samples, clip.samples * 10 ** (-12 / 20), atol=1e-7)
    assert len(softer.notes) == 1


def test_too_much_gain_is_scaled_and_noted_not_clipped() -> None:
    clip = example("keys-angry")
    louder = SOUND_CHANGES["gain"].apply(clip, 40.0)
    assert np.abs(louder.samples).max() == pytest.approx(1.0)
    np.testing.assert_allclose(louder.samples, clip.samples / np.abs(clip.samples).max(), atol=1e-6)
    lost = 40.0 + 20 * np.log10(np.abs(clip.samples).max())
    assert louder.notes[1] == f"Lowered by {lost:.1f} dB so that nothing is clipped."


@pytest.mark.parametrize("cutoff", [500.0, 2000, 6000.0])
def test_low_pass(cutoff: float) -> None:
    noise = np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE)
    clip = from_samples(0.1 * noise / np.abs(noise).max(), SAMPLE_RATE)
    changed = SOUND_CHANGES["low-pass"].apply(clip, cutoff)

    def gain(low: float, high: float) -> float:
        return decibel(band_power(changed.samples, low, high) / band_power(clip.samples, low, high))

    assert gain(0.02 * cutoff, 0.7 * cutoff) == pytest.approx(0.0, abs=0.5)
    assert gain(0.99 * cutoff, 1.01 * cutoff) == pytest.approx(-6.0, abs=0.6)
    assert gain(1.25 * cutoff, 8000.0) < -12.0
    if 2 * cutoff < 8000:
        assert gain(2 * cutoff, 8000.0) < -45.0


def test_telephone() -> None:
    noise = np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE)
    clip = from_samples(0.1 * noise / np.abs(noise).max(), SAMPLE_RATE)
    changed = SOUND_CHANGES["telephone"].apply(clip, 1.0)
    assert len(changed.samples) == len(clip.samples)

    def gain(low: float, high: float) -> float:
        return decibel(band_power(changed.samples, low, high) / band_power(clip.samples, low, high))

    assert gain(500, 3000) == pytest.approx(0.0, abs=0.5)
    assert gain(20, 120) < -25.0
    assert gain(4600, 8000) < -25.0


def test_mu_law() -> None:
    samples = np.linspace(-1, 1, 10_001)
    coded = mu_law(samples)
    assert len(np.unique(coded)) == 255
    assert coded[[0, 5000, 10_000]] == pytest.approx([-1.0, 0.0, 1.0])
    # The step grows with the sample: G.711 has about 38 dB from full scale to 30 dB below it.
    for level in (1.0, 0.1, 0.03):
        sine = level * np.sin(np.arange(8000) * 0.7)
        error = mu_law(sine) - sine
        assert 35.0 < decibel(np.mean(sine**2) / np.mean(error**2)) < 41.0


def test_length() -> None:
    clip = example("keys-angry")
    changed = SOUND_CHANGES["length"].apply(clip, 0.5)
    assert changed.duration_s == 0.5
    n = len(changed.samples)
    np.testing.assert_array_equal(changed.samples[: n - 160], clip.samples[: n - 160])
    assert changed.samples[-1] == 0.0
    assert SOUND_CHANGES["length"].apply(clip, 200.0) is clip
    assert all(point < clip.duration_s for point in SOUND_CHANGES["length"].points_for(clip))


# pitch and tempo


@pytest.mark.parametrize("semitones", [-8.0, -4.0, -1.0, 1.0, 4.0, 8.0])
def test_pitch_moves_without_tempo_formants_or_level(semitones: float) -> None:
    clip = vowel()
    changed = SOUND_CHANGES["pitch"].apply(clip, semitones)
    assert len(changed.samples) == len(clip.samples)
    middle = slice(4000, -4000)
    moved = pitch(changed.samples[middle]) - pitch(clip.samples[middle])
    assert np.nanmedian(moved) == pytest.approx(semitones, abs=0.15)
    assert np.std(changed.samples) == pytest.approx(np.std(clip.samples), rel=0.01)
    # A voice that is only played faster would move them by the same ratio, 58 % for 8 semitones.
    assert formants(changed.samples[middle]) == pytest.approx(
        formants(clip.samples[middle]), rel=0.06
    )


def test_long_clips_have_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, model = (example(slug).samples.astype(np.float64) for slug in ("story", "rain"))
    n = min(len(samples), len(model))
    whole = pitch_tempo.with_envelope_of(samples[:n], model[:n])
    monkeypatch.setattr(pitch_tempo, "_PIECE", 1 << 13)
    pieces = pitch_tempo.with_envelope_of(samples[:n], model[:n])
    np.testing.assert_allclose(pieces, whole, atol=1e-6)


@pytest.mark.parametrize("tempo", [0.5, 0.8, 1.25, 2.0])
def test_tempo_changes_the_length_and_not_the_pitch(tempo: float) -> None:
    clip = vowel()
    changed = SOUND_CHANGES["tempo"].apply(clip, tempo)
    assert changed.duration_s == pytest.approx(clip.duration_s / tempo, rel=1e-3)
    heard = np.nanmedian(pitch(changed.samples[3000:-3000]))
    assert heard == pytest.approx(12 * np.log2(160.0), abs=0.1)


@pytest.mark.parametrize("semitones", [-4.0, 4.0])
@pytest.mark.parametrize("slug", ["keys-neutral", "keys-angry", "brave-face"])
def test_pitch_of_speech(slug: str, semitones: float) -> None:
    clip = example(slug)
    moved = pitch(SOUND_CHANGES["pitch"].apply(clip, semitones).samples) - pitch(clip.samples)
    moved = moved[np.isfinite(moved)]
    assert len(moved) > 40
    assert np.median(moved) == pytest.approx(semitones, abs=0.2)
    assert np.mean(np.abs(moved - semitones) < 1) > 0.9


@pytest.mark.parametrize(("name", "value"), [("pitch", 0.01), ("pitch", -0.01), ("tempo", 1.0005)])
def test_next_to_no_change_is_nearly_none(name: str, value: float) -> None:
    # Else a curve would begin with a step that is the vocoder's, not the pitch's.
    clip = example("keys-neutral")
    changed = SOUND_CHANGES[name].apply(clip, value)
    before, after = (log_mel(c.samples, FrontEnd()).numpy() for c in (clip, changed))
    frames = min(len(before), len(after))
    loud = before[:frames] > before.max() - 50
    assert np.abs(after[:frames] - before[:frames])[loud].mean() < 1.0  # dB
