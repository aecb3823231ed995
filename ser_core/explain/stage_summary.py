"""Which stages matter, over many clips: by category of the words, and where words and voice agree
or do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.stages import StageFunction, leave_out_stages

RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Labelled:
    """A case and what its words and its voice express.

    Attributes:
        case: of a fusion model, with words.
        words, voice: categories; "" where they are unknown or change.
    """

    case: Case
    words: str
    voice: str

    @property
    def groups(self) -> list[str]:
        """The groups that it belongs to."""
        found = ["all"]
        if self.words and self.voice:
            found.append("agree" if self.words == self.voice else "disagree")
        return [*found, f"{self.words} words"] if self.words else found


def effects(rows: Sequence[Labelled], progress: Progress | None = None) -> pd.DataFrame:
    """What the output loses without each stage alone: row, group, stage, effect; one line each."""
    steps = Steps(progress, len(rows))
    found = []
    for number, row in enumerate(rows):
        for stage, effect in leave_out_stages(StageFunction(row.case)).items():
            found += [(number, group, stage, effect) for group in row.groups]
        steps.advance(1)
    return pd.DataFrame(found, columns=["row", "group", "stage", "effect"])


def summarise(effects: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Mean size of the effect by group and stage, with 95 % bootstrap intervals over the clips.

    Returns:
        group, stage, clips, mean, low, high, in the order in which they first occur; the size is
        the absolute value of the effect, as stages may raise the output of one clip and lower that
        of another.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for (group, stage), part in effects.groupby(["group", "stage"], sort=False):
        sizes = part["effect"].abs().to_numpy()
        drawn = generator.integers(len(sizes), size=(RESAMPLES, len(sizes)))
        low, high = np.quantile(sizes[drawn].mean(axis=1), (0.025, 0.975))
        rows.append((group, stage, len(sizes), sizes.mean(), low, high))
    return pd.DataFrame(rows, columns=["group", "stage", "clips", "mean", "low", "high"])
