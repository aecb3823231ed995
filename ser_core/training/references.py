"""Speakers' references in training: clips heard relative to other clips of the same speaker.

Each time that an example is drawn, so are other clips of its speaker, between `FEWEST` and `MOST`:
a network must not rely on one particular reference. The clip itself is never among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from tqdm.auto import tqdm

from ser_core.inputs.reference import band_statistics
from ser_core.training.feature_cache import cache_folder, cached, make_key
from ser_core.training.recordings import Recording, load_recording, stamp

FEWEST, MOST = 8, 30
DEV_CLIPS = 10  # of a reference on dev and test


@dataclass(frozen=True)
class Voices:
    """What references are made from, for every clip of a split.

    Attributes:
        speakers: of each clip, [N].
        bands: mean level of each Mel band of each clip as it was recorded, dB, [N, 64].
        levels: of each clip as it was recorded, dB, [N].
        statistics: of the speech encoder, [N, 2 D], or [N, 0].
        level_db: of the log-Mels that become relative, see `FrontEnd`.
    """

    speakers: np.ndarray
    bands: np.ndarray
    levels: np.ndarray
    statistics: np.ndarray
    level_db: float | None = None

    @cached_property
    def offsets(self) -> np.ndarray:
        """What was taken off each clip's log-Mels to bring them to one level, dB, [N]."""
        none = np.zeros_like(self.levels)
        return none if self.level_db is None else self.levels - self.level_db

    @cached_property
    def _of_speaker(self) -> dict[str, np.ndarray]:
        return {name: np.flatnonzero(self.speakers == name) for name in np.unique(self.speakers)}

    def references(
        self, rows: np.ndarray, generator: np.random.Generator, clips: int | None = None
    ) -> list[np.ndarray]:
        """Other clips of the same speaker for each of `rows`; none where there are no others.

        Args:
            clips: how many; between `FEWEST` and `MOST` where not said, fewer where there are not
                so many.
        """
        found = []
        for row in rows:
            others = self._of_speaker[self.speakers[row]]
            others = others[others != row]
            wanted = generator.integers(FEWEST, MOST + 1) if clips is None else clips
            found.append(generator.choice(others, min(int(wanted), len(others)), replace=False))
        return found

    @cached_property
    def typical(self) -> "Typical":
        """The mean over the clips, their log-Mels brought to one level as they are heard."""
        return Typical(
            (self.bands - self.offsets[:, None]).mean(axis=0), self.statistics.mean(axis=0)
        )

    def relate(
        self,
        batch: dict[str, torch.Tensor],
        rows: np.ndarray,
        references: Sequence[np.ndarray],
        known: np.ndarray,
        typical: "Typical",
    ) -> None:
        """Make the log-Mels and speech statistics of a batch relative to their speakers.

        A clip's own level comes back, and the speaker's goes: one that is louder than the speaker's
        others stays so. Nothing is done where there are no other clips.

        Args:
            batch: `log_mel` [B, T, 64] and `speech_statistics` [B, 2 D], where it has them.
            rows: of its clips, [B]. references: rows of other clips for each.
            known: for which of the batch the speaker is known, bool [B].
        """
        for place, (row, others) in enumerate(zip(rows, references, strict=True)):
            if not known[place] or not len(others):
                continue
            if "log_mel" in batch:
                shift = self.offsets[row] - self.bands[others].mean(axis=0) + typical.bands
                batch["log_mel"][place] += torch.from_numpy(shift)
            if "speech_statistics" in batch:
                shift = typical.statistics - self.statistics[others].mean(axis=0)
                batch["speech_statistics"][place] += torch.from_numpy(shift)

    def relate_fixed(
        self, batch: dict[str, torch.Tensor], rows: np.ndarray, typical: "Typical"
    ) -> None:
        """`relate` all to `DEV_CLIPS` other clips of their speakers, the same ones every time."""
        references = [
            self.references(np.array([row]), np.random.default_rng(int(row)), DEV_CLIPS)[0]
            for row in rows
        ]
        self.relate(batch, rows, references, np.ones(len(rows), bool), typical)


@dataclass(frozen=True)
class Typical:
    """What a speaker's mean is brought to: the mean of the training clips.

    Attributes:
        bands: of each Mel band, dB, [64].
        statistics: of the speech encoder's statistics, [2 D], or [0].
    """

    bands: np.ndarray
    statistics: np.ndarray


def make_voices(
    clips: pd.DataFrame, levels: np.ndarray, statistics: np.ndarray, level_db: float | None
) -> Voices:
    """Voices of a table of clips.

    Args:
        clips: as in `Material`. levels: `band_statistics` of each, [N, 65].
        statistics: [N, 2 D] or [N, 0]. level_db: see `FrontEnd`.
    """
    speakers = clips["speaker"].to_numpy(str)
    return Voices(speakers, levels[:, :-1], levels[:, -1], statistics, level_db)


def compute_band_statistics(paths: Sequence[Recording]) -> np.ndarray:
    """`band_statistics` of recordings, float32 [N, 65], from the cache where computed before."""
    key = make_key(["bands", *(stamp(path) for path in paths)])

    def listen() -> np.ndarray:
        progress = tqdm(paths, desc="levels", unit="clip")
        return np.stack([band_statistics(load_recording(path).samples) for path in progress])

    return cached(cache_folder() / f"bands_{key}.npz", listen)
