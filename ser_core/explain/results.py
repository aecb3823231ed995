"""What an explanation holds, as plain frozen values."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript

if TYPE_CHECKING:
    from ser_core.explain.faithfulness import Faithfulness
    from ser_core.explain.shares import Shares


@dataclass(frozen=True)
class WordValue:
    """One word of the text, when it is said (seconds, None if not known), and its attribution."""

    text: str
    start: float | None
    end: float | None
    value: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """What raised and what lowered one output of one model.

    For integrated gradients, and up to `gap`,
    value = baseline + any_words + sum of map + sum of the words' values.

    Attributes:
        model: name of the checkpoint.
        output, unit: what is explained, see `OutputChoice`.
        method, settings: how.
        value: f of the clip and its words.
        map: attribution of each cell of the log-Mel, float32 [T, 64]; None for a model that hears
            nothing. A model that only tells times (see `settings`) has its values spread evenly
            over the bands.
        frame_rate: frames of the map per second.
        words: the words in order; () without any.
        stages: of the conditioning of each stage, with the voice kept, by name; {} for models
            without stages, or without words. Beside the words, not in addition to them.
        baseline: f of silence without words; None where the method has no baseline.
        any_words: f of silence with words at zero vectors, less `baseline`: what it does to have
            any words at all. It is nobody's share.
        gap: completeness gap in the output's unit; None where the method claims none.
        stage_gap: the same of the stages.
        notes: sentences on what was doubted or not used.
    """

    model: str
    output: str
    unit: str
    method: str
    settings: dict[str, Any]
    value: float
    map: np.ndarray | None
    frame_rate: float
    words: tuple[WordValue, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
    baseline: float | None = None
    any_words: float = 0.0
    gap: float | None = None
    stage_gap: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def over_time(self) -> np.ndarray | None:
        """The map's sum over the Mel bands, [T]."""
        return None if self.map is None else self.map.sum(axis=1, dtype=np.float64)

    @property
    def voice_total(self) -> float:
        """Sum of the map; 0 without one."""
        return 0.0 if self.map is None else float(self.map.sum(dtype=np.float64))

    @property
    def gap_share(self) -> float | None:
        """The gap as a share of what was to be attributed, >= 0; None without a gap."""
        if self.gap is None or self.baseline is None:
            return None
        attributed = self.value - self.baseline - self.any_words
        return abs(self.gap) / max(abs(attributed), 1e-12)

    @property
    def gap_in_words(self) -> str:
        """One sentence on how far the parts add up."""
        if self.gap is None or self.gap_share is None:
            return "The parts of this method are not made to add up to the output."
        return (
            f"The parts add up to the output but for {abs(self.gap):.3g} {self.unit}, "
            f"{self.gap_share:.1%} of what they explain."
        )


def describe(clip: Clip, transcript: Transcript) -> dict[str, Any]:
    """Clip and transcript, as `Analysis.to_dict` gives them."""
    source = clip.source
    return {
        "clip": {
            "name": source.name,
            "duration_s": round(clip.duration_s, 4),
            "sample_rate": source.sample_rate,
            "channels": source.channels,
            "format": source.format,
            "sha256": clip.digest,
        },
        "transcript": transcript.to_dict(),
    }


def to_dict(
    clip: Clip,
    transcript: Transcript,
    explanation: Explanation,
    shares: "Shares | None" = None,
    trusted: "Faithfulness | None" = None,
) -> dict[str, Any]:
    """Everything but the map, as `ser explain --json` prints it.

    What is beyond the values themselves (the baseline, any words at all, the spread over the
    background, notes) stands among the settings.
    """
    accounts = {
        "baseline_value": explanation.baseline,
        "any_words": explanation.any_words,
        "stage_gap": explanation.stage_gap,
        "shares": shares.settings if shares is not None else None,
    }
    return {
        **describe(clip, transcript),
        "model": explanation.model,
        "output": explanation.output,
        "unit": explanation.unit,
        "method": explanation.method,
        "settings": {**explanation.settings, **accounts, "notes": list(explanation.notes)},
        "value": explanation.value,
        "shares": shares.to_dict() if shares is not None else None,
        "words": [
            {"text": word.text, "start": word.start, "end": word.end, "value": word.value}
            for word in explanation.words
        ],
        "stages": explanation.stages,
        "gap": explanation.gap,
        "deletion": trusted.to_dict() if trusted is not None else None,
    }
