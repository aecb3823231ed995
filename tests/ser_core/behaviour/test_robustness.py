"""Disturbed sound: what is done to it, and what is counted, on real small models."""

from pathlib import Path

import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.behaviour.battery import clips as sources
from ser_core.behaviour.battery.clips import Heard, answers, choose, hear
from ser_core.behaviour.battery.disturbances import RAIN, ROBUSTNESS, Disturbance, Robustness
from ser_core.behaviour.battery.pitch import median_f0
from ser_core.behaviour.battery.robustness import robustness
from ser_core.behaviour.battery.small_changes import SMALL_CHANGES, TILTS, made
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError
from ser_core.inputs.audio import SAMPLE_RATE, Clip, from_samples
from ser_core.perturb.change import Change
from ser_core.synthesis.voicing import active_level

CHANGES = {change.name: change for change in (*SMALL_CHANGES, *TILTS, RAIN)}


def tone(hertz: float, seconds: float = 1.0, level: float = 0.2) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6))
    return (level * wave / 2).astype(np.float32)


@pytest.fixture(scope="module")
def analyzer(tiny_checkpoints: Path) -> Analyzer:
    return Analyzer(tiny_checkpoints)


@pytest.fixture(scope="module")
def corpus(micro_corpora: Path) -> Corpus:
    return sources.test_clips(micro_corpora)


@pytest.fixture(scope="module")
def heard(corpus: Corpus) -> Heard:
    return hear(corpus)


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_small_seeded_and_never_nothing(name: str, spoken_clip: Clip):
    change = CHANGES[name]
    changed = change.apply(spoken_clip, 1.0, seed=1)
    again = change.apply(spoken_clip, 1.0, seed=1)
    assert changed.digest == again.digest
    assert changed.digest != spoken_clip.digest
    level = active_level(changed.samples, SAMPLE_RATE)
    assert level == pytest.approx(active_level(spoken_clip.samples, SAMPLE_RATE), abs=2.1)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("tone", 40, 50), ("faint white noise", 35, 45), ("rain", 20, 20)]
)
def test_noise_has_its_level(name: str, low: float, high: float, spoken_clip: Clip):
    for seed in range(5):
        changed = CHANGES[name].apply(spoken_clip, 1.0, seed)
        noise = changed.samples.astype(float) - spoken_clip.samples
        rms = 10 * np.log10(np.mean(noise**2))
        snr = active_level(spoken_clip.samples, SAMPLE_RATE) - rms
        assert low - 0.1 <= snr <= high + 0.1


def test_ends_are_cut_and_added(spoken_clip: Clip):
    size = len(spoken_clip.samples)
    lengths = {
        name: {
            len(CHANGES[name].apply(spoken_clip, 1.0, seed).samples) - size for seed in range(20)
        }
        for name in ("zeros before", "zeros after", "start cut", "end cut")
    }
    assert lengths["zeros before"] == lengths["zeros after"] == {100, 500, 1000}
    assert lengths["start cut"] == lengths["end cut"] == {-100, -500, -1000}
    after = CHANGES["zeros after"].apply(spoken_clip, 1.0, 0).samples
    np.testing.assert_array_equal(after[:size], spoken_clip.samples)


def test_a_tilt_raises_high_frequencies_by_3_db_an_octave(spoken_clip: Clip):
    brighter = CHANGES["brighter"].apply(spoken_clip, 1.0).samples
    before, after = (np.abs(np.fft.rfft(s.astype(float))) for s in (spoken_clip.samples, brighter))
    frequency = np.fft.rfftfreq(len(spoken_clip.samples), 1 / SAMPLE_RATE)

    def gain(low: float, high: float) -> float:
        band = (frequency > low) & (frequency < high)
        return 20 * np.log10(after[band].mean() / before[band].mean())

    assert gain(1950, 2050) - gain(975, 1025) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("hertz", [70.0, 110.0, 180.0, 250.0, 400.0])
def test_pitch_of_tones(hertz: float):
    assert median_f0(from_samples(tone(hertz), SAMPLE_RATE)) == pytest.approx(hertz, rel=0.02)


def test_noise_has_no_pitch():
    noise = 0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE)
    assert np.isnan(median_f0(from_samples(noise.astype(np.float32), SAMPLE_RATE)))


def test_clips_are_the_test_split_spread_over_speakers(corpus: Corpus):
    assert set(corpus.table["split"]) == {"test"}
    few = choose(corpus, 4)
    assert few.table["speaker"].nunique() == 4
    assert "4 of" in few.notes[-1]
    assert choose(corpus, 4).table.equals(few.table)
    assert choose(corpus, 1000) is corpus


def test_broken_clips_are_named(corpus: Corpus, tmp_path: Path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    table = corpus.table.assign(path=[str(broken), *corpus.table["path"][1:]])
    found = hear(Corpus("x", table))
    assert len(found.clips) == len(found.rows) == len(table) - 1
    assert corpus.table["id"][0] in found.notes[-1]
    with pytest.raises(CorpusError, match="No clip of x can be read"):
        hear(Corpus("x", table.iloc[:1]))


def one(change: Change) -> list[Robustness]:
    return [Robustness("t", "Do answers stay?", (Disturbance("it", change),), 0.95, -0.05, -0.05)]


def test_what_changes_nothing_passes(analyzer: Analyzer, heard: Heard):
    """A copy of the samples: every answer is the same, to the bit."""
    nothing = made("nothing", "as it is", lambda x, rng: x + 0.0)
    unchanged, change = robustness(analyzer, twice(heard), draws=50, tests=one(nothing))
    assert (unchanged.table["value"] == 1).all()
    assert unchanged.table["passed"].all()
    assert (change.table["value"] == 0).all()
    assert set(unchanged.table["model"]) == {"audio", "late", "single_stage", "multistage"}
    assert (unchanged.table["random"] < 1).any()


def test_unchanged_is_counted_clip_by_clip(analyzer: Analyzer, heard: Heard):
    louder = made("noise", "drowned", lambda x, rng: x + 0.3 * rng.standard_normal(len(x)))
    heard = twice(heard)
    told: list[float] = []
    unchanged, _ = robustness(
        analyzer, heard, ["audio"], draws=50, tests=one(louder), progress=told.append
    )
    before = answers(analyzer, heard, ["audio"])["audio"]
    after = answers(analyzer, heard, ["audio"], Disturbance("it", louder))["audio"]
    same = before.probabilities.argmax(1) == after.probabilities.argmax(1)
    stays = np.abs(before.dimensions - after.dimensions) < 0.05
    found = unchanged.table.set_index("case")
    assert found.loc["it: class", "value"] == pytest.approx(same.mean())
    assert found.loc["it: dimensions", "value"] == pytest.approx(stays.mean(axis=0).min())
    assert found.loc["it: class", "n"] == len(heard.clips)
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] < 1


def test_it_can_be_cancelled(analyzer: Analyzer, heard: Heard):
    class Cancelled(BaseException):
        pass

    def cancel(share: float) -> None:
        if share > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(robustness(analyzer, heard, ["audio"], progress=cancel))


def test_a_change_that_cannot_be_made_leaves_the_clip_out(analyzer: Analyzer, heard: Heard):
    silent = made("mute", "without sound", lambda x, rng: 0.0 * x)
    assert list(robustness(analyzer, heard, ["audio"], draws=20, tests=one(silent))) == []


def test_every_test_of_the_battery_has_its_limits():
    disturbed = [d.name for test in ROBUSTNESS for d in test.disturbances]
    assert len(disturbed) == len(set(disturbed))
    assert {test.key: test.unchanged for test in ROBUSTNESS} == {
        "noise": 0.9, "phone": 0.5, "room": 0.8, "small": 0.95, "tilt": 0.8,
    }  # fmt: skip
    assert len(next(test for test in ROBUSTNESS if test.key == "small").disturbances) == 10


def twice(heard: Heard) -> Heard:
    """Enough clips for a verdict."""
    rows = heard.rows.iloc[np.tile(np.arange(len(heard.rows)), 2)].reset_index(drop=True)
    rows = rows.assign(clip=[f"{k}" for k in range(len(rows))])
    return Heard(rows, [*heard.clips, *heard.clips], heard.notes)


def test_parts_of_files_are_heard_alone(corpus: Corpus):
    table = corpus.table.assign(span="")
    table.loc[0, "span"] = "0.2-0.6"
    found = hear(Corpus("x", table))
    assert found.clips[0].duration_s == pytest.approx(0.4)
    assert found.clips[1].duration_s > 0.5
