"""One Whisper model: what it hears, in which language, and its encoder."""

import os
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ser_core.errors import RecogniserError
from ser_core.inputs import weights
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Word
from ser_core.inputs.weights import Weights
from ser_core.support.integrity import sha256

BY_HAND = "type the transcript by hand, or "

RATE = 16_000  # of the samples that Whisper reads
_WINDOW = 3000  # Mel frames (30 s): what the encoder has positions for
# A decoder that repeats itself would go on to its limit, for seconds; nobody speaks this fast.
_TOKENS_PER_S = 12
# Whisper pads what it hears to 30 s, which costs half as much as the words of a short clip. To tell
# the language 10 s do as well: right for 93 of 96 clips of four corpora, with 30 s for 94, without
# padding for 89.
_LANGUAGE_S = 10


@dataclass(frozen=True)
class Heard:
    """What a model heard, and its own signs of failure; means are over the segments' tokens.

    Attributes:
        text: without blanks at both ends.
        words: with times in the samples that were given.
        log_probability: mean of the tokens (0 is certain).
        no_speech: probability that there is no speech, mean.
        compression_ratio: of the text that repeats itself most, length by zip's.
    """

    text: str
    words: tuple[Word, ...]
    log_probability: float
    no_speech: float
    compression_ratio: float

    @property
    def word_probability(self) -> float:
        """Mean over the words; 0 where there are none."""
        return float(np.mean([word.probability for word in self.words])) if self.words else 0.0


class Whisper:
    """A Whisper model on the CPU (int8), safe to share between threads; loads on first use.

    Args:
        source: weights that travel in packages, a local folder with a converted model, or the name
            of a Whisper size such as `small` (which may use the network).

    Raises:
        RecogniserError: from every method, where the model is missing or damaged.
    """

    def __init__(self, source: Weights | str) -> None:
        self.source = source
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._loaded: Any = None

    def load(self) -> None:
        """Load the weights now (about a second), instead of on first use."""
        with self._lock:
            if self._loaded is not None:
                return
            threads = torch.get_num_threads()
            try:
                self._loaded = self._open()
            except ImportError as error:
                raise RecogniserError(
                    f"Speech recognition is not installed: {BY_HAND}run `pip install "
                    "faster-whisper`."
                ) from error
            except RecogniserError:
                raise
            except Exception as error:  # of the hub, the file system, or ctranslate2
                raise RecogniserError(
                    f"The speech recogniser '{self.source}' cannot be loaded: {BY_HAND}name "
                    "another Whisper model."
                ) from error
            finally:
                # ctranslate2 sets its number of threads for the caller too; with it, torch's sums
                # would change in the last bits.
                torch.set_num_threads(threads)

    def _open(self) -> Any:
        from faster_whisper import WhisperModel, download_model

        options = {"device": "cpu", "compute_type": "int8", "cpu_threads": min(4, _cores())}
        if isinstance(self.source, Weights):
            parts = weights.locate(self.source, RecogniserError, BY_HAND)
            beside = {n: (parts[0].parent / n).read_bytes() for n in self.source.others}
            whole = b"".join(part.read_bytes() for part in parts)
            return WhisperModel(
                self.source.folder, files={self.source.file: whole, **beside}, **options
            )
        named = Path(self.source)
        self._folder = named if named.is_dir() else Path(download_model(self.source))
        return WhisperModel(str(self._folder), **options)

    @property
    def _whisper(self) -> Any:
        if self._loaded is None:
            self.load()
        return self._loaded

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the weights."""
        if isinstance(self.source, Weights):
            return self.source.sha256
        self.load()
        assert self._folder is not None
        return sha256(self._folder / "model.bin")

    @property
    def multilingual(self) -> bool:
        """Whether it knows other languages than English."""
        return bool(self._whisper.model.is_multilingual)

    def language(self, samples: np.ndarray) -> tuple[str, float]:
        """Code of the language of the first 30 s, and its probability; English-only: `en`, 1.

        Args:
            samples: of speech, float32 [N] at 16 kHz.
        """
        if not self.multilingual:
            return "en", 1.0
        short = max(0, _LANGUAGE_S * RATE - len(samples))
        features = self._whisper.feature_extractor(np.pad(samples[: 30 * RATE], (0, short)))
        encoded = self._whisper.encode(features[:, :_WINDOW])
        token, probability = self._whisper.model.detect_language(encoded)[0][0]
        return token.strip("<|>"), float(probability)

    def recognise(
        self, samples: np.ndarray, language: str = "en", translate: bool = False
    ) -> Heard | None:
        """The words of samples of any length; None where there are none. Deterministic.

        Args:
            samples: float32 [N] at 16 kHz; parts without speech (silero VAD) are left out.
            language: code of what is spoken.
            translate: into English.
        """
        duration_s = len(samples) / RATE
        segments, _ = self._whisper.transcribe(
            samples,
            language=language,
            task="translate" if translate else "transcribe",
            vad_filter=True,
            word_timestamps=True,
            temperature=0.0,  # no fall-back to sampling: that is not deterministic
            condition_on_previous_text=False,  # an error must not spread to the next window
            max_new_tokens=20 + int(_TOKENS_PER_S * min(duration_s, 30.0)),  # of a window
        )
        found = list(segments)
        text = "".join(segment.text for segment in found).strip()
        if not text:
            return None
        tokens = [len(segment.tokens) for segment in found]
        return Heard(
            text,
            tuple(_word(word, duration_s) for s in found for word in s.words or ()),
            float(np.average([s.avg_logprob for s in found], weights=tokens)),
            float(np.average([s.no_speech_prob for s in found], weights=tokens)),
            max(s.compression_ratio for s in found),
        )

    @cached_property
    def dim(self) -> int:
        """Width D of the encoder; `statistics` has 2 D values (tiny: 384, 768)."""
        mels = self._whisper.feature_extractor.mel_filters.shape[0]
        return int(self._encode(np.zeros((mels, 8), dtype=np.float32)).shape[1])

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


def speech_of(samples: np.ndarray) -> np.ndarray:
    """The parts of samples [N] at 16 kHz that hold speech (silero VAD), one after the other.

    Raises:
        RecogniserError: faster-whisper, which brings the VAD, is not installed.
    """
    try:
        from faster_whisper.vad import collect_chunks, get_speech_timestamps
    except ImportError as error:
        raise RecogniserError(
            f"Speech recognition is not installed: {BY_HAND}run `pip install faster-whisper`."
        ) from error
    spans = get_speech_timestamps(samples)
    return np.concatenate(collect_chunks(samples, spans)[0]) if spans else samples[:0]


def _cores() -> int:
    return os.cpu_count() or 1


def _word(word: Any, duration_s: float) -> Word:
    start = min(max(float(word.start), 0.0), duration_s)
    end = min(max(float(word.end), start), duration_s)
    return Word(word.word.strip(), start, end, float(word.probability))
