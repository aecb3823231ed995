"""The recogniser on real speech in three languages, from ../shared."""

from pathlib import Path

import pytest
from spoken import corpus_clips, plain

from ser_core.inputs.audio import load
from ser_core.inputs.speech import DEFAULT_RECOGNISER, Recogniser
from ser_core.inputs.weights import WHISPER_BASE
from ser_core.inputs.whisper import Whisper, speech_of

pytestmark = pytest.mark.corpora


@pytest.fixture(scope="module")
def english_only() -> Recogniser:
    return Recogniser(DEFAULT_RECOGNISER)


@pytest.fixture(scope="module")
def base() -> Whisper:
    return Whisper(WHISPER_BASE)


@pytest.mark.parametrize(
    ("name", "language", "least"),
    [
        ("ravdess", "en", 12),
        ("crema_d", "en", 12),
        ("emodb_de_4class", "de", 12),
        ("nemo_pl_4class", "pl", 10),
    ],
)
def test_the_language_is_told(
    base: Whisper, corpora: Path, name: str, language: str, least: int
) -> None:
    clips = corpus_clips(corpora / name, 12)
    told = [base.language(speech_of(clip.samples))[0] for clip, _ in clips]
    assert told.count(language) >= least, told


def test_acted_english_is_recognised_without_doubt(recogniser: Recogniser, corpora: Path) -> None:
    clips = corpus_clips(corpora / "ravdess", 6)
    transcripts = [recogniser.transcribe(clip) for clip, _ in clips]
    right = [plain(t.text) == plain(said) for t, (_, said) in zip(transcripts, clips, strict=True)]
    assert sum(right) >= 5
    assert sum(t.doubtful for t in transcripts) <= 1
    assert all(t.speech for t in transcripts)


def test_german_has_its_own_words_and_a_translation(recogniser: Recogniser, corpora: Path) -> None:
    clips = corpus_clips(corpora / "emodb_de_4class", 3)
    for clip, said in clips:
        transcript = recogniser.transcribe(clip)
        assert transcript.language == "de"
        assert "The words are German" in transcript.doubt
        assert not transcript.usable()
        words, own = set(plain(transcript.text).split()), set(plain(said).split())
        assert len(words & own) > len(own) / 2
        assert len(transcript.words) == len(transcript.text.split())

        translation = recogniser.translate(clip)
        assert (translation.language, translation.translated_from) == ("en", "de")
        assert translation.source == "asr"
        assert "Whisper's translation from German" in translation.notes[0]
        assert translation.text != transcript.text
        assert "German" not in translation.doubt


@pytest.mark.parametrize("name", ["nemo_pl_4class", "emodb_de_4class"])
def test_other_languages_are_doubted(recogniser: Recogniser, corpora: Path, name: str) -> None:
    transcripts = [recogniser.transcribe(clip) for clip, _ in corpus_clips(corpora / name, 4)]
    assert all(t.doubtful for t in transcripts)


@pytest.mark.parametrize("name", ["nemo_pl_4class", "emodb_de_4class"])
def test_also_where_only_english_is_known(
    english_only: Recogniser, corpora: Path, name: str
) -> None:
    transcripts = [english_only.transcribe(clip) for clip, _ in corpus_clips(corpora / name, 4)]
    assert sum(t.doubtful for t in transcripts) >= 3


def test_a_decoder_that_repeats_itself_is_stopped(english_only: Recogniser, corpora: Path) -> None:
    names = ["EB0_neutral_48", "KD0_anger_73"]
    clips = [load(corpora / "nemo_pl_4class" / "audio" / f"{name}.ogg") for name in names]
    transcripts = [english_only.transcribe(clip) for clip in clips]  # else, 180 words each
    for clip, transcript in zip(clips, transcripts, strict=True):
        assert len(transcript.words) < 15 * clip.duration_s
    assert sum("too many" in transcript.doubt for transcript in transcripts) >= 1


def test_a_long_recording_is_recognised_whole(recogniser: Recogniser, corpora: Path) -> None:
    clip = load(corpora.parent / "faults" / "longspeech.opus")  # 162 s
    transcript = recogniser.transcribe(clip)
    assert (transcript.source, transcript.language, transcript.doubt) == ("asr", "en", "")
    assert len(transcript.text) > 2_500
    assert transcript.words[-1].end > clip.duration_s - 5
    assert " ".join(word.text for word in transcript.words) == " ".join(transcript.text.split())
