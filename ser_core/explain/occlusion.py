"""Attribution by occlusion: what f loses when a part of the voice or a word is taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ser_core.analysis import Analyzer
from ser_core.explain.function import has_gradients
from ser_core.explain.sounds import Sound, silence_level, sound_of
from ser_core.explain.values import Values
from ser_core.explain.words import Span, without_word, word_spans
from ser_core.inputs.audio import Clip
from ser_core.models.checkpoint import Checkpoint, require_encoder

FADE_S = 0.01  # a sudden edge would be a click, which is a sound of its own
MOST_SEGMENTS = 60  # in time; longer clips get longer patches


Cells = tuple[slice, slice]
"""Frames and bands of a part of a log-Mel."""


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

    @classmethod
    def of_clip(cls, clip: Clip, checkpoint: Checkpoint) -> "Patches":
        """0.2 s by 16 bands of what a model hears of a clip; by all bands without gradients."""
        front_end = checkpoint.front_end
        frames = len(clip.samples) // front_end.hop + 1
        bands = 16 if has_gradients(checkpoint) else front_end.n_mels
        return cls.over(frames, front_end.n_mels, front_end.frame_rate, bands=bands)

    def cells(self, patch: int) -> Cells:
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


def occlude_patches(
    values: Values, listener: Checkpoint, clip: Clip, text: str | None, patches: Patches
) -> np.ndarray:
    """f less f with one patch silent, by patch.

    Args:
        values: of the model.
        listener: what hears the voice: the model itself, or late fusion's audio model.

    For a model that hears statistics of the speech encoder the recording is silenced, and they are
    taken anew each time.
    """
    analyzer = values.analyzer
    if has_gradients(listener):
        sounds = [
            silenced(analyzer, listener, clip, [patches.cells(patch)])
            for patch in range(len(patches))
        ]
    else:
        hop = listener.front_end.hop
        sounds = [
            heard(analyzer, partial(segments_silent, clip, patches, [patch], hop))
            for patch in range(len(patches))
        ]
    return values.one(sound_of(analyzer, clip), text) - values(sounds, [text] * len(sounds))


def silenced(
    analyzer: Analyzer, checkpoint: Checkpoint, clip: Clip, cells: Sequence[Cells]
) -> Sound:
    """A clip with some cells of its log-Mel silent; made when asked: all at once would not fit."""

    def inputs(_: Checkpoint) -> dict[str, Tensor]:
        changed = analyzer.log_mel(clip, checkpoint.front_end).clone()
        level = silence_level(analyzer, checkpoint, clip)
        for part in cells:
            changed[part] = level
        return {"log_mel": changed}

    return inputs


def segments_silent(clip: Clip, patches: Patches, segments: Sequence[int], hop: int) -> Clip:
    """A clip with some segments of time silent, with short fades beside them.

    Args:
        patches: whose rows are the segments. hop: samples of a frame.
    """
    fade = max(1, round(FADE_S * clip.sample_rate))
    ramp = 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)  # 1 to 0
    gain = np.ones(len(clip.samples), dtype=np.float32)
    for segment in segments:
        first = segment * patches.frames * hop
        last = min(first + patches.frames * hop, len(clip.samples))
        before, after = gain[max(0, first - fade) : first], gain[last : last + fade]
        before[:] = np.minimum(before, ramp[fade - len(before) :])
        after[:] = np.minimum(after, ramp[::-1][: len(after)])
        gain[first:last] = 0.0
    return replace(clip, samples=clip.samples * gain, digest="")


def heard(analyzer: Analyzer, change: Callable[[], Clip]) -> Sound:
    """A changed clip as the speech encoder hears it; past the cache, nobody asks for it again."""

    def inputs(checkpoint: Checkpoint) -> dict[str, Tensor]:
        require_encoder(checkpoint, analyzer.recogniser.fingerprint, "speech")
        return {"speech_statistics": torch.from_numpy(analyzer.recogniser.statistics(change()))}

    return inputs


def leave_out_words(values: Values, sound: Sound, text: str) -> tuple[list[Span], np.ndarray]:
    """f less f without one word, by word (their spans in the text first)."""
    spans = word_spans(text)
    texts: list[str | None] = [without_word(text, span) for span in spans]
    whole = values.one(sound, text)
    return spans, whole - values([sound] * len(texts), texts)
