"""What the models say: predictions and analyses, as plain frozen values."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from ser_core.inputs.audio import Clip
from ser_core.inputs.reference import SpeakerReference
from ser_core.inputs.transcript import Transcript
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.familiarity import FAR
from ser_core.models.fusion import Output
from ser_core.models.late import LateRule


@dataclass(frozen=True)
class Prediction:
    """What one model says of one clip.

    Attributes:
        model: name of the checkpoint.
        probabilities: by category, summing to 1; {} where the model has no such head.
        dimensions: arousal, valence, dominance in [0, 1]; {} where the model has no such head.
        used_text: whether words took part.
        rarity: share of clips that the model did not see, of its training corpora, that sound at
            least as strange to it, in (0, 1]; None where that was not measured.
    """

    model: str
    probabilities: dict[str, float]
    dimensions: dict[str, float]
    used_text: bool
    rarity: float | None = None

    @property
    def unfamiliar(self) -> bool:
        """Whether the sound is unlike what the model was trained on."""
        return self.rarity is not None and self.rarity < FAR

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
            "rarity": self.rarity,
        }


def notes_of(clip: Clip, transcript: Transcript, used_words: bool) -> tuple[str, ...]:
    """What was lost, chosen, cut or doubted on the way in, one sentence each.

    Args:
        used_words: whether the words took part; True for a model that reads none.
    """
    doubt = [transcript.doubt] if transcript.doubt else []
    unused = transcript.has_text and transcript.doubtful and not used_words
    said = ["The doubted words were not used."] if unused else []
    return (*clip.notes, *transcript.notes, *doubt, *said)


def _short(text: str) -> str:
    """A text in quotes, on one line and cut to 18 characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f'"{flat if len(flat) <= 18 else flat[:17] + "…"}"'


@dataclass(frozen=True, repr=False)
class Analysis:
    """A clip, its transcript, and what the models say.

    Attributes:
        clip: the sound.
        transcript: the words, possibly none.
        predictions: by model name, in display order.
        skipped: models that could not answer, and why (one sentence each).
        used_words: whether the words took part; False also for doubted ones that nobody accepted.
        late_weights: weight of the words in late fusion, by model name.
        digests: SHA-256 of what each model's predictions depend on, by model name.
        speaker: what the models that know speakers heard the voice relative to, or None.
    """

    clip: Clip
    transcript: Transcript
    predictions: dict[str, Prediction]
    skipped: dict[str, str] = field(default_factory=dict)
    used_words: bool = True
    late_weights: dict[str, float] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    speaker: SpeakerReference | None = None

    def __repr__(self) -> str:
        """On one line of at most 100 characters: name, length, words, and how many decide what."""
        counts = Counter(self.decisions.values()).most_common()
        votes = ", ".join(f"{decision} {number}" for decision, number in counts) or "no decision"
        name, words = _short(self.clip.source.name), _short(self.transcript.text)
        return f"<Analysis {name} {self.clip.duration_s:.2f} s {words}: {votes}>"

    @property
    def notes(self) -> tuple[str, ...]:
        """What was lost, chosen, cut or doubted on the way in, one sentence each."""
        speaker = [self.speaker.doubt] if self.speaker and self.speaker.doubt else []
        return (*notes_of(self.clip, self.transcript, self.used_words), *speaker)

    @property
    def decisions(self) -> dict[str, str]:
        """Decision by model name."""
        return {n: p.decision for n, p in self.predictions.items() if p.decision is not None}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        source = self.clip.source
        return {
            "version": version("ser"),
            "clip": {
                "name": source.name,
                "duration_s": round(self.clip.duration_s, 4),
                "sample_rate": source.sample_rate,
                "channels": source.channels,
                "format": source.format,
                "sha256": self.clip.digest,
            },
            "transcript": self.transcript.to_dict(),
            "used_words": self.used_words,
            "speaker": self.speaker
            and {
                "clips": self.speaker.clips,
                "sha256": self.speaker.digest,
            },
            "late_weights": self.late_weights,
            "models": {name: p.to_dict() for name, p in self.predictions.items()},
            "skipped": self.skipped,
            "digests": self.digests,
            "notes": list(self.notes),
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


def to_prediction(
    checkpoint: Checkpoint, output: Output, used_text: bool, rarity: float | None = None
) -> Prediction:
    """A batch of one -> Prediction; the softmax is calibrated by the checkpoint's temperature."""
    probabilities = checkpoint.probabilities(output.logits[0])
    return Prediction(
        checkpoint.name,
        dict(zip(checkpoint.model.categories, probabilities.tolist(), strict=True)),
        dict(zip(checkpoint.model.dimensions, output.dimensions[0].tolist(), strict=True)),
        used_text,
        rarity,
    )


def combine(name: str, text: Prediction, audio: Prediction, rule: LateRule) -> Prediction:
    """Late fusion of two predictions by the rule of the late fusion's config."""

    def pool(
        words: dict[str, float], voice: dict[str, float], of: Callable[..., np.ndarray]
    ) -> dict[str, float]:
        keys = [key for key in voice if key in words]
        values = of(np.array([words[k] for k in keys]), np.array([voice[k] for k in keys]))
        return dict(zip(keys, values.tolist(), strict=True))

    return Prediction(
        name,
        pool(text.probabilities, audio.probabilities, rule.posteriors),
        pool(text.dimensions, audio.dimensions, rule.scores),
        used_text=True,
        rarity=audio.rarity,
    )
