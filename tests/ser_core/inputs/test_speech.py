import itertools
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pytest
from spoken import joined, plain

from ser_core.errors import RecogniserError
from ser_core.inputs.audio import Clip, from_samples, load
from ser_core.inputs.speech import (
    DEFAULT_RECOGNISER,
    DEFAULT_RECOGNISER_SHA256,
    Recogniser,
    _doubt,
)
from ser_core.inputs.transcript import Transcript, Word
from ser_core.inputs.weights import WHISPER_BASE, WHISPER_TINY_EN, Weights
from ser_core.inputs.whisper import Heard, Whisper
from ser_core.synthesis.examples import load_examples

# Transcripts


def test_transcripts_by_hand() -> None:
    typed = Transcript.typed("Hello there.")
    assert (typed.text, typed.source) == ("Hello there.", "typed")
    assert typed.has_text
    assert not typed.doubtful
    assert typed.speech is None  # nobody listened
    assert not Transcript.none().has_text
    assert Transcript.none().source == "none"
    assert not Transcript.typed(" \n").has_text
    assert Transcript("a", "asr", doubt="Why.").doubtful


def test_to_dict_is_plain_json(recogniser: Recogniser, spoken_clip: Clip) -> None:
    transcript = recogniser.transcribe(spoken_clip)
    values = json.loads(json.dumps(transcript.to_dict()))
    assert values["text"] == transcript.text
    assert values["source"] == "asr"
    assert (values["language"], values["translated_from"], values["speech"]) == ("en", None, True)
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


def test_words_and_their_language(
    recogniser: Recogniser, spoken_clip: Clip, spoken_text: str
) -> None:
    transcript = recogniser.transcribe(spoken_clip)
    assert plain(transcript.text) == plain(spoken_text)
    assert " ".join(word.text for word in transcript.words) == transcript.text
    assert transcript.doubt == ""
    assert transcript.notes == ()
    assert transcript.language == "en"
    assert transcript.speech is True
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


def test_long_clips_are_recognised_whole(recogniser: Recogniser) -> None:
    different = {example.transcript: example for example in load_examples() if example.transcript}
    clips = [load(example.path) for example in different.values()]
    long = joined(*itertools.chain.from_iterable((clip, 0.5) for clip in clips))
    assert long.duration_s > 40  # more than a window
    transcript = recogniser.transcribe(long)
    said, found = (plain(text).split() for text in (" ".join(different), transcript.text))
    assert SequenceMatcher(None, said, found).ratio() > 0.9
    starts = [word.start for word in transcript.words]
    assert starts == sorted(starts)
    assert starts[-1] > long.duration_s - 3
    assert (transcript.source, transcript.doubt) == ("asr", "")


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
    assert transcript == Transcript("", "asr", speech=False, doubt="No speech was found.")


def test_english_is_not_translated(recogniser: Recogniser, spoken_clip: Clip) -> None:
    assert recogniser.translate(spoken_clip) == recogniser.transcribe(spoken_clip)


# One of the two models alone


def test_without_base_all_is_taken_for_english(
    monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip, spoken_text: str
) -> None:
    monkeypatch.setitem(sys.modules, WHISPER_BASE.parts[0].split("/")[0], None)
    fresh = Recogniser()
    transcript = fresh.transcribe(spoken_clip)
    assert plain(transcript.text) == plain(spoken_text)
    assert transcript.language is None
    (note,) = transcript.notes
    assert note.startswith("Whisper base, which recognises many languages, is not installed: ")
    with pytest.raises(RecogniserError, match=r"Whisper base, .* is not installed"):
        fresh.translate(spoken_clip)


@pytest.mark.parametrize("missing", [WHISPER_TINY_EN, WHISPER_BASE])
def test_without_one_of_the_encoders_there_are_words_but_no_statistics(
    missing: Weights, monkeypatch: pytest.MonkeyPatch, spoken_clip: Clip, spoken_text: str
) -> None:
    monkeypatch.setitem(sys.modules, missing.parts[0].split("/")[0], None)
    fresh = Recogniser()
    fresh.load()
    assert plain(fresh.transcribe(spoken_clip).text) == plain(spoken_text)
    assert fresh.fingerprint == f"{WHISPER_TINY_EN.sha256}+{WHISPER_BASE.sha256}"
    with pytest.raises(RecogniserError, match=f"{missing.title} is not installed"):
        fresh.statistics(spoken_clip)


def test_one_model_for_all(spoken_clip: Clip, recogniser: Recogniser) -> None:
    alone = Recogniser(DEFAULT_RECOGNISER)
    assert alone.transcribe(spoken_clip).language is None
    assert alone.name == DEFAULT_RECOGNISER
    assert alone.fingerprint == alone.words_fingerprint == DEFAULT_RECOGNISER_SHA256
    with pytest.raises(RecogniserError, match="knows English only, and cannot translate"):
        alone.translate(spoken_clip)
    assert recogniser.words_fingerprint == WHISPER_BASE.sha256
    base = Whisper(WHISPER_BASE).statistics(spoken_clip)
    np.testing.assert_array_equal(
        recogniser.statistics(spoken_clip), np.concatenate([alone.statistics(spoken_clip), base])
    )


# Doubt


def heard(*probabilities: float, **signs: Any) -> Heard:
    words = tuple(Word("word", float(i), i + 0.5, p) for i, p in enumerate(probabilities))
    values = {"log_probability": -0.3, "no_speech": 0.01, "compression_ratio": 0.8}
    return Heard("word", words, **values | signs)


@pytest.mark.parametrize(
    ("found", "duration_s", "doubt"),
    [
        (heard(0.9, 0.9), 2.0, ""),
        (heard(0.9, 0.9, log_probability=-1.1), 2.0, "uncertain"),
        (heard(0.7, 0.5), 2.0, "uncertain"),
        (heard(), 2.0, "uncertain"),
        (heard(0.9, 0.9, no_speech=0.7), 2.0, "may not be speech"),
        (heard(0.9, 0.9, compression_ratio=2.5), 2.0, "repeat"),
        (heard(*[0.9] * 30), 4.0, "too many"),
    ],
)
def test_each_sign_of_failure_raises_doubt(found: Heard, duration_s: float, doubt: str) -> None:
    sentence = _doubt(found, duration_s, "en", translated=False)
    assert doubt in sentence
    assert bool(sentence) == bool(doubt)


def test_words_that_the_text_models_cannot_read_are_doubted() -> None:
    sentence = _doubt(heard(0.9, 0.9), 2.0, "de", translated=False)
    assert sentence.startswith("The words are German, and the text models read English:")
    assert _doubt(heard(0.5, 0.5), 2.0, "de", translated=True) == ""
    assert "cannot be told" in _doubt(heard(0.9, 0.9), 2.0, None, translated=True)
    assert "uncertain" in _doubt(heard(0.5, log_probability=-1.1), 2.0, "de", translated=True)
    assert "repeat" in _doubt(heard(0.9, compression_ratio=3.0), 2.0, "de", translated=True)
