"""The labels every model predicts: four categories and three dimensions."""

from dataclasses import dataclass

import numpy as np

CATEGORIES = ("neutral", "happy", "sad", "angry")
DIMENSIONS = ("arousal", "valence", "dominance")

# Norms of the emotion words (pleasure, arousal, dominance; range -1 to 1) by Russell and Mehrabian,
# "Evidence for a three-factor theory of emotions", J. Research in Personality 11 (1977), 273-294,
# table 1, in the order of DIMENSIONS. `neutral` is the origin by definition; `calm` is their
# "relaxed", `surprised` their "surprised", `happy` their "happy".
CATEGORY_NORMS: dict[str, tuple[float, float, float]] = {
    "neutral": (0.00, 0.00, 0.00),
    "calm": (-0.46, 0.68, 0.20),
    "happy": (0.51, 0.81, 0.46),
    "sad": (-0.27, -0.63, -0.33),
    "angry": (0.59, -0.51, 0.25),
    "fearful": (0.60, -0.64, -0.43),
    "disgust": (0.35, -0.60, 0.11),
    "surprised": (0.67, 0.40, -0.13),
}


@dataclass(frozen=True)
class Scale:
    """A corpus' own scale of a dimension, and its map to [0, 1].

    >>> Scale(1, 5).to_unit([1.0, 3.0, 5.0])
    array([0. , 0.5, 1. ])
    >>> Scale(1, 7).from_unit([0.5])
    array([4.])
    """

    low: float
    high: float

    def to_unit(self, value: "np.typing.ArrayLike") -> np.ndarray:
        """Native value(s) -> [0, 1]; values outside the scale are clipped, NaN stays NaN."""
        values = np.asarray(value, dtype=np.float64)
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)

    def from_unit(self, value: "np.typing.ArrayLike") -> np.ndarray:
        """[0, 1] -> native value(s)."""
        return self.low + np.asarray(value, dtype=np.float64) * (self.high - self.low)


def category_dimensions(category: str, intensity: float = 1.0) -> np.ndarray:
    """Norm of a category scaled by the acted intensity, mapped to [0, 1]; shape [3].

    Args:
        category: a key of `CATEGORY_NORMS`.
        intensity: 1 keeps the norm, smaller values draw it to the neutral point 0.5.

    >>> category_dimensions("neutral")
    array([0.5, 0.5, 0.5])
    """
    return 0.5 + 0.5 * intensity * np.asarray(CATEGORY_NORMS[category])
