"""Attribution by occlusion: what f loses when a part of the voice or a word is taken away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ser_core.analysis import Analyzer
from ser_core.explain.sounds import Sound, of_log_mel, silence_level, sound_of
from ser_core.explain.values import Values
from ser_core.explain.words import Span, without_word, word_spans
from ser_core.inputs.audio import Clip
from ser_core.models.checkpoint import Checkpoint

FADE_S = 0.01  # a sudden edge would be a click, which is a sound of its own
MOST_SEGMENTS = 60  # in time; longer clips get longer patches


@dataclass(frozen=True)
class Patches:
    """A grid over time and Mel bands.

    Attributes:
        frames, bands: size of a patch; 64 bands for whole segments of time.
        shape: of the grid, (in time, in bands).
    """

    frames: int
    bands: int
    shape: tuple[int, int]

    @classmethod
    def over(
        cls, frames: int, mels: int, frame_rate: float, seconds: float = 0.2, bands: int = 16
    ) -> "Patches":
        """For a spectrogram of so many frames and Mel bands; the last ones may be smaller."""
        length = max(1, round(seconds * frame_rate), -(-frames // MOST_SEGMENTS))
        bands = min(bands, mels)
        return cls(length, bands, (-(-frames // length), -(-mels // bands)))

    def cells(self, patch: int) -> tuple[slice, slice]:
        """Frames and bands of a patch, numbered along the bands first."""
        row, column = divmod(patch, self.shape[1])
        return (
            slice(row * self.frames, (row + 1) * self.frames),
            slice(column * self.bands, (column + 1) * self.bands),
        )

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def spread(self, values: np.ndarray, frames: int, mels: int) -> np.ndarray:
        """Each patch's value in equal parts over its cells, float32 [T, 64]: sums stay."""
        cells = np.zeros((frames, mels), dtype=np.float32)
        for patch, value in enumerate(values):
            part = cells[self.cells(patch)]
            part[:] = value / part.size
        return cells


def occlude_log_mel(
    values: Values, analyzer: Analyzer, clip: Clip, text: str | None, patches: Patches
) -> np.ndarray:
    """f less f with one patch silent, by patch; for a model (not late) that hears log-Mels."""
    checkpoint = values.checkpoint
    log_mel = analyzer.log_mel(clip, checkpoint.front_end)
    level = silence_level(analyzer, checkpoint, clip)
    sounds = [_silenced(log_mel, patches.cells(patch), level) for patch in range(len(patches))]
    return values.one(of_log_mel(log_mel), text) - values(sounds, [text] * len(sounds))


def _silenced(log_mel: Tensor, cells: tuple[slice, slice], level: float) -> Sound:
    def inputs(checkpoint: Checkpoint) -> dict[str, Tensor]:
        changed = log_mel.clone()  # when asked: all of them at once would not fit
        changed[cells] = level
        return {"log_mel": changed}

    return inputs


def occlude_samples(
    values: Values, analyzer: Analyzer, clip: Clip, text: str | None, patches: Patches
) -> np.ndarray:
    """f less f with one segment of the recording silent, by segment of time.

    For a model that hears statistics of the speech encoder: they are taken anew each time.
    """
    hop = clip.sample_rate / values.checkpoint.front_end.frame_rate
    length = round(patches.frames * hop)
    whole = values.one(sound_of(analyzer, clip), text)
    found = [
        values.one(_heard(analyzer, part), text)
        for part in _with_segments_silent(clip, length, patches.shape[0])
    ]
    return whole - np.array(found)


def _with_segments_silent(clip: Clip, length: int, segments: int) -> Iterator[Clip]:
    fade = max(1, round(FADE_S * clip.sample_rate))
    ramp = 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)  # 1 to 0
    for number in range(segments):
        first, last = number * length, min((number + 1) * length, len(clip.samples))
        gain = np.ones(len(clip.samples), dtype=np.float32)
        gain[first:last] = 0.0
        before, after = gain[max(0, first - fade) : first], gain[last : last + fade]
        before[:] = ramp[fade - len(before) :]
        after[:] = ramp[::-1][: len(after)]
        yield replace(clip, samples=clip.samples * gain, digest=f"{clip.digest}-{number}")


def _heard(analyzer: Analyzer, clip: Clip) -> Sound:
    # Past the analyzer's cache: nobody asks for these again.
    def inputs(checkpoint: Checkpoint) -> dict[str, Tensor]:
        return {"speech_statistics": torch.from_numpy(analyzer.recogniser.statistics(clip))}

    return inputs


def leave_out_words(values: Values, sound: Sound, text: str) -> tuple[list[Span], np.ndarray]:
    """f less f without one word, by word (their spans in the text first)."""
    spans = word_spans(text)
    texts: list[str | None] = [without_word(text, span) for span in spans]
    whole = values.one(sound, text)
    return spans, whole - values([sound] * len(texts), texts)
