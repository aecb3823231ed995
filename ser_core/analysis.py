"""The Analyzer: a clip and its transcript in, every model's prediction out."""

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch

from ser_core.audio import Clip, load
from ser_core.compute import in_order
from ser_core.errors import CheckpointError, EncoderError, SerError
from ser_core.features import log_mel
from ser_core.models.checkpoint import Checkpoint, discover
from ser_core.models.fusion import Output, late_fusion
from ser_core.speech import Recogniser, Transcript
from ser_core.text import DEFAULT_ENCODER, TextEncoder, TextEncoding

T = TypeVar("T")
CHECKPOINTS = Path(__file__).resolve().parents[1] / "checkpoints"


@dataclass(frozen=True)
class Prediction:
    """What one model says of one clip.

    Attributes:
        model: name of the checkpoint.
        probabilities: by category, summing to 1; {} where the model has no such head.
        dimensions: arousal, valence, dominance in [0, 1]; {} where the model has no such head.
        used_text: whether words took part.
    """

    model: str
    probabilities: dict[str, float]
    dimensions: dict[str, float]
    used_text: bool

    @property
    def decision(self) -> str | None:
        """The most probable category, or None without that head."""
        return max(self.probabilities, key=lambda c: self.probabilities[c], default=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "probabilities": self.probabilities,
            "dimensions": self.dimensions,
            "decision": self.decision,
            "used_text": self.used_text,
        }


@dataclass(frozen=True)
class Analysis:
    """A clip, its transcript, and what the models say.

    Attributes:
        clip: the sound.
        transcript: the words, possibly none.
        predictions: by model name, in display order.
        skipped: models that could not answer, and why (one sentence each).
    """

    clip: Clip
    transcript: Transcript
    predictions: dict[str, Prediction]
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def decisions(self) -> dict[str, str]:
        """Decision by model name."""
        return {n: p.decision for n, p in self.predictions.items() if p.decision is not None}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        source = self.clip.source
        return {
            "clip": {
                "name": source.name,
                "duration_s": round(self.clip.duration_s, 4),
                "sample_rate": source.sample_rate,
                "channels": source.channels,
                "format": source.format,
                "sha256": self.clip.digest,
            },
            "transcript": self.transcript.to_dict(),
            "models": {name: p.to_dict() for name, p in self.predictions.items()},
            "skipped": self.skipped,
        }

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_frame(self) -> pd.DataFrame:
        """One row a model: model, decision, the categories, the dimensions."""
        rows = [
            {"model": name, "decision": p.decision, **p.probabilities, **p.dimensions}
            for name, p in self.predictions.items()
        ]
        return pd.DataFrame(rows)


class _Cache:
    """Bounded, thread-safe, single-flight: one computation for callers of the same key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]  # type: ignore[no-any-return]
            flight = self._locks.setdefault(key, threading.Lock())
        with flight:
            with self._lock:
                if key in self._values:
                    return self._values[key]  # type: ignore[no-any-return]
            try:
                value = compute()
            finally:
                with self._lock:
                    self._locks.pop(key, None)
            with self._lock:
                self._values[key] = value
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
            return value


class Analyzer:
    """All models behind one door. Safe to share between threads; create one and keep it.

    A clip is transformed once and a transcript encoded once, whatever the number of models; what
    was computed is kept in bounded caches, so that a new transcript costs only the models that
    use text.

    Args:
        checkpoints: folder of checkpoint folders; default `$SER_CHECKPOINTS` or the shipped ones.
        text_encoder: see `TextEncoder`; it must be the one that the checkpoints name.
        recogniser: see `Recogniser`.
    """

    def __init__(
        self,
        checkpoints: Path | str | None = None,
        text_encoder: str = DEFAULT_ENCODER,
        recogniser: str | None = None,
    ) -> None:
        root = Path(checkpoints or os.environ.get("SER_CHECKPOINTS") or CHECKPOINTS)
        self.models: dict[str, Checkpoint] = discover(root)
        self._encoder_name = text_encoder
        self.recogniser = Recogniser(recogniser) if recogniser else Recogniser()
        self._spectrograms = _Cache(32)
        self._encodings = _Cache(512)
        self._statistics = _Cache(256)
        self._transcripts = _Cache(128)
        self._outputs = _Cache(2048)

    @cached_property
    def text_encoder(self) -> TextEncoder:
        """The frozen BERT, loaded when first needed."""
        return TextEncoder(self._encoder_name)

    def warm_up(self) -> None:
        """Load encoder and weights now rather than at the first clip."""
        for checkpoint in self.models.values():
            if checkpoint.model.architecture != "late":
                _ = checkpoint.network
        self.encode("")

    def transcribe(self, clip: Clip) -> Transcript:
        """Recognised words of a clip (cached). Raises RecogniserError where ASR is missing."""
        return self._transcripts.get(clip.digest, lambda: self.recogniser.transcribe(clip))

    def log_mel(self, clip: Clip) -> torch.Tensor:
        """Log-Mel spectrogram [T, 64] in dB (cached)."""
        return self._spectrograms.get(clip.digest, lambda: in_order(lambda: log_mel(clip.samples)))

    def encode(self, text: str) -> TextEncoding:
        """Tokens and e of a transcript (cached)."""
        encoder = self.text_encoder
        return self._encodings.get(text, lambda: in_order(lambda: encoder.encode(text)))

    def analyze_file(self, source: Path | str | bytes, **options: Any) -> Analysis:
        """`analyze` of what `ser_core.audio.load` makes of a file or its bytes."""
        return self.analyze(load(source), **options)

    def analyze(
        self,
        clip: Clip,
        transcript: Transcript | str | None = None,
        models: Sequence[str] | None = None,
        late_weight: float | None = None,
    ) -> Analysis:
        """Predictions of the models for one clip.

        Args:
            clip: from `ser_core.audio.load`.
            transcript: the words; `Transcript.none()` or "" for no text; None asks the recogniser,
                and goes on without words where there is none.
            models: names, in any order; default all.
            late_weight: of the text in late fusion, in [0, 1]; default the checkpoint's.

        Raises:
            CheckpointError: an unknown model name, or a checkpoint that cannot be loaded.
            EncoderError: a checkpoint was trained with another text encoder.
        """
        if transcript is None:
            transcript = self.transcribe_or_none(clip)
        elif isinstance(transcript, str):
            transcript = Transcript.typed(transcript)
        predictions: dict[str, Prediction] = {}
        skipped: dict[str, str] = {}
        for checkpoint in self._chosen(models):
            if checkpoint.needs_text and not transcript.has_text:
                skipped[checkpoint.name] = "It reads only the words, and there are none."
                continue
            predictions[checkpoint.name] = self._predict(checkpoint, clip, transcript, late_weight)
        return Analysis(clip, transcript, predictions, skipped)

    def transcribe_or_none(self, clip: Clip) -> Transcript:
        """`transcribe`, or an empty transcript whose doubt says why there is no recogniser."""
        try:
            return self.transcribe(clip)
        except SerError as error:
            return Transcript(text="", source="none", doubt=str(error))

    def _chosen(self, names: Sequence[str] | None) -> list[Checkpoint]:
        unknown = sorted(set(names or ()) - set(self.models))
        if unknown:
            raise CheckpointError(
                f"Unknown model '{unknown[0]}': choose from {', '.join(self.models)}."
            )
        return [c for name, c in self.models.items() if names is None or name in names]

    def _predict(
        self, checkpoint: Checkpoint, clip: Clip, transcript: Transcript, weight: float | None
    ) -> Prediction:
        used_text = checkpoint.uses_text and transcript.has_text
        if checkpoint.model.architecture == "late":
            text, audio = (self.models[parent] for parent in checkpoint.model.parents)
            heard = self._predict(audio, clip, transcript, None)
            if not used_text:
                return Prediction(
                    checkpoint.name, heard.probabilities, heard.dimensions, used_text=False
                )
            read = self._predict(text, clip, transcript, None)
            return combine(
                checkpoint.name, read, heard, checkpoint.model.weight if weight is None else weight
            )
        words = transcript.text if used_text else None
        output = self._output(checkpoint, clip, words)
        return to_prediction(checkpoint, output, used_text)

    def _output(self, checkpoint: Checkpoint, clip: Clip, words: str | None) -> Output:
        sound = clip.digest if checkpoint.uses_voice else None
        key = (checkpoint.name, sound, words)
        return self._outputs.get(key, lambda: self._forward(checkpoint, clip, words))

    def inputs(
        self, checkpoint: Checkpoint, clip: Clip, words: str | None
    ) -> dict[str, torch.Tensor]:
        """The network's inputs, batch of one, by the names that the network gives them."""
        wanted = checkpoint.network.inputs
        values: dict[str, torch.Tensor] = {}
        if "log_mel" in wanted:
            values["log_mel"] = self.log_mel(clip).unsqueeze(0)
        if "embedding" in wanted:
            values["embedding"] = self._embedding(checkpoint, words).unsqueeze(0)
        if "has_text" in wanted:
            values["has_text"] = torch.tensor([float(words is not None)])
        if "speech_statistics" in wanted:
            statistics = self._statistics.get(clip.digest, lambda: self.recogniser.statistics(clip))
            values["speech_statistics"] = torch.from_numpy(np.array(statistics)).unsqueeze(0)
        return values

    def _embedding(self, checkpoint: Checkpoint, words: str | None) -> torch.Tensor:
        if words is None:
            return torch.zeros(checkpoint.model.input_dim)
        expected = checkpoint.text_encoder.get("sha256")
        if expected != self.text_encoder.fingerprint:
            raise EncoderError(
                f"'{checkpoint.name}' was trained with the text encoder "
                f"'{checkpoint.text_encoder.get('name')}': choose that one."
            )
        return torch.from_numpy(self.encode(words).embedding)

    def _forward(self, checkpoint: Checkpoint, clip: Clip, words: str | None) -> Output:
        inputs = self.inputs(checkpoint, clip, words)

        def forward() -> Output:
            with torch.inference_mode():
                output: Output = checkpoint.network(**inputs)
                return output

        return in_order(forward)


def to_prediction(checkpoint: Checkpoint, output: Output, used_text: bool) -> Prediction:
    """A batch of one -> Prediction; the softmax is calibrated by the checkpoint's temperature."""
    probabilities = torch.softmax(output.logits[0].double() / checkpoint.temperature, dim=0)
    return Prediction(
        checkpoint.name,
        dict(zip(checkpoint.model.categories, probabilities.tolist(), strict=True)),
        dict(zip(checkpoint.model.dimensions, output.dimensions[0].tolist(), strict=True)),
        used_text,
    )


def combine(name: str, text: Prediction, audio: Prediction, weight: float) -> Prediction:
    """Late fusion of two predictions; `weight` is the text's, in [0, 1]."""

    def mean(words: dict[str, float], voice: dict[str, float]) -> dict[str, float]:
        keys = [key for key in voice if key in words]
        values = late_fusion(
            np.array([words[k] for k in keys]), np.array([voice[k] for k in keys]), weight
        )
        return dict(zip(keys, values.tolist(), strict=True))

    return Prediction(
        name,
        mean(text.probabilities, audio.probabilities),
        mean(text.dimensions, audio.dimensions),
        used_text=True,
    )
