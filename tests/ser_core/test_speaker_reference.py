"""A voice heard relative to other clips of its speaker, from the clips to the predictions."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tiny import write_knowing_checkpoints
from typer.testing import CliRunner

from ser_core.analysis import Analyzer
from ser_core.cli import app
from ser_core.errors import EncoderError, SerError
from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.reference import MIN_CLIPS, SpeakerReference, VoiceStatistics
from ser_core.inputs.speech import Recogniser
from ser_core.models.registry import knows_speakers
from ser_core.results import Prediction

RATE = 16_000


def voice(seed: int, gain: float = 1.0) -> Clip:
    """A hum whose pitch and level change with the seed."""
    generator = np.random.default_rng(seed)
    pitch, level = generator.uniform(100, 200), gain * generator.uniform(0.05, 0.1)
    time_s = np.arange(RATE) / RATE
    wave = sum(np.sin(2 * np.pi * pitch * k * time_s) / k for k in range(1, 6))
    samples = level * wave + 0.001 * generator.standard_normal(RATE)
    return from_samples(samples.astype(np.float32), RATE, name=f"{seed}.wav")


def values(prediction: Prediction) -> np.ndarray:
    return np.array([*prediction.probabilities.values(), *prediction.dimensions.values()])


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser) -> Path:
    """The five tiny models, of which `audio` knows speakers, and a `foundation`."""
    return write_knowing_checkpoints(tmp_path_factory.mktemp("checkpoints"), recogniser)


@pytest.fixture(scope="module")
def analyzer(checkpoints: Path) -> Analyzer:
    return Analyzer(checkpoints)


@pytest.fixture(scope="module")
def speaker(analyzer: Analyzer) -> SpeakerReference:
    return analyzer.reference([voice(seed) for seed in range(1, 12)])


def test_a_reference_is_the_mean_over_clips() -> None:
    generator = np.random.default_rng(0)
    clips = [
        VoiceStatistics(generator.normal(size=64), level, generator.normal(size=6))
        for level in (-30.0, -20.0, -10.0)
    ]
    found = SpeakerReference.of(clips)
    assert (found.clips, found.level_db) == (3, -20.0)
    np.testing.assert_allclose(found.bands, sum(c.bands for c in clips) / 3)
    np.testing.assert_allclose(found.speech_sd, np.std([c.speech for c in clips], axis=0))
    assert found.digest == SpeakerReference.of(clips[::-1]).digest
    assert found.digest != SpeakerReference.of(clips[:2]).digest
    assert "of 3 clips" in found.doubt
    assert SpeakerReference.of(clips * 4).doubt == ""
    with pytest.raises(SerError, match="give ten or more"):
        SpeakerReference.of([])


def test_only_models_that_know_speakers_change(
    analyzer: Analyzer, speaker: SpeakerReference
) -> None:
    clip, words = voice(0), "I am glad."
    without = analyzer.analyze(clip, words).predictions
    found = analyzer.analyze(clip, words, speaker=speaker)
    assert found.speaker is speaker
    for name, checkpoint in analyzer.models.items():
        same = np.allclose(values(without[name]), values(found.predictions[name]), atol=1e-7)
        assert same != knows_speakers(analyzer.models, checkpoint), name
    again = analyzer.analyze(clip, words).predictions
    np.testing.assert_array_equal(values(again["audio"]), values(without["audio"]))
    described = json.loads(found.to_json())["speaker"]
    assert described == {"clips": 11, "sha256": speaker.digest}
    assert analyzer.analyze(clip, words).to_dict()["speaker"] is None


@pytest.mark.parametrize("name", ["audio", "foundation"])
def test_what_is_heard_is_relative_to_the_speaker(analyzer: Analyzer, name: str) -> None:
    """The mean over a speaker's clips comes to what is typical in training."""
    clips = [voice(seed) for seed in range(12)]
    speaker = analyzer.reference(clips)
    checkpoint = analyzer.models[name]
    kind = {"audio": "log_mel", "foundation": "speech_statistics"}[name]
    inputs = [analyzer.inputs(checkpoint, clip, None, speaker)[kind][0] for clip in clips]
    heard = torch.stack([x.mean(dim=0) if name == "audio" else x for x in inputs])
    torch.testing.assert_close(heard.mean(dim=0), checkpoint.network.typical, atol=1e-3, rtol=1e-3)
    assert heard.std(dim=0).max() > 0.1


def test_how_loud_all_of_it_was_recorded_does_not_matter(analyzer: Analyzer) -> None:
    """A louder microphone changes nothing; a clip louder than the speaker's others does."""
    audio = analyzer.models["audio"]

    def heard(gain: float, gain_of_others: float) -> torch.Tensor:
        speaker = analyzer.reference([voice(seed, gain_of_others) for seed in range(1, 12)])
        return analyzer.inputs(audio, voice(0, gain), None, speaker)["log_mel"]

    loud_bands = analyzer.log_mel(voice(0)).mean(dim=0) > -30  # above the noise
    same = heard(2.0, 2.0) - heard(1.0, 1.0)
    louder = heard(2.0, 1.0) - heard(1.0, 1.0)
    assert same[..., loud_bands].abs().mean() < 0.5
    assert louder[..., loud_bands].mean() == pytest.approx(20 * np.log10(2), abs=0.5)


def test_a_reference_by_another_encoder(analyzer: Analyzer, speaker: SpeakerReference) -> None:
    other = SpeakerReference.of(
        [VoiceStatistics(speaker.bands, -20.0, speaker.speech)] * MIN_CLIPS, "another"
    )
    with pytest.raises(EncoderError, match="'foundation' was trained with the speech encoder"):
        analyzer.analyze(voice(0), "", models=["foundation"], speaker=other)


# The command line


def predict(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["predict", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    for seed in range(4):
        soundfile.write(tmp_path / f"{seed}.wav", voice(seed).samples, RATE)
    return tmp_path


def test_clips_of_the_speaker_on_the_command_line(checkpoints: Path, recordings: Path) -> None:
    arguments = (recordings / "0.wav", "--no-text", "--checkpoints", checkpoints)
    output = predict(*arguments, "--speaker-clips", recordings)
    assert "heard relative to 3 other clips of the speaker by: late, audio, foundation" in output
    assert "note: The speaker's reference is of 3 clips" in output
    plain, related = (
        json.loads(predict(*arguments, "--json", *more))
        for more in ([], ["--speaker-clips", recordings])
    )
    assert related["speaker"]["clips"] == 3
    assert plain["models"]["foundation"] != related["models"]["foundation"]
    assert plain["models"]["multistage"] == related["models"]["multistage"]


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_no_clips_of_the_speaker(
    checkpoints: Path, recordings: Path, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "empty").mkdir()
    arguments = [recordings / "0.wav", "--no-text", "--checkpoints", checkpoints]
    command = [*arguments, "--speaker-clips", tmp_path / folder]
    result = CliRunner().invoke(app, ["predict", *map(str, command)])
    assert result.exit_code == 2
    assert "of the speaker" in result.stderr
