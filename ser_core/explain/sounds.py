"""Sounds as the networks get them: a clip, silence in its place, a changed spectrogram."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import log10

import torch
from torch import Tensor

from ser_core.analysis import Analyzer
from ser_core.inputs.audio import Clip
from ser_core.models.checkpoint import Checkpoint

Sound = Callable[[Checkpoint], Mapping[str, Tensor]]
"""A checkpoint -> what its network hears: `log_mel` [T, 64] or `speech_statistics` [2 D]."""

SOUND_INPUTS = ("log_mel", "speech_statistics")


def sound_of(analyzer: Analyzer, clip: Clip) -> Sound:
    """A clip as it is."""

    def inputs(checkpoint: Checkpoint) -> dict[str, Tensor]:
        found = analyzer.inputs(checkpoint, clip, None)
        return {name: found[name][0] for name in SOUND_INPUTS if name in found}

    return inputs


def of_log_mel(log_mel: Tensor) -> Sound:
    """A spectrogram [T, 64], already at the level of the model that hears it."""
    return lambda checkpoint: {"log_mel": log_mel}


def silence_level(analyzer: Analyzer, checkpoint: Checkpoint, clip: Clip) -> float:
    """What a cell of the clip's log-Mel would be if nothing sounded in it, in dB.

    The front end's floor, moved by what its level normalisation added to this clip.
    """
    front_end = checkpoint.front_end
    as_recorded = analyzer.log_mel(clip, replace(front_end, level_db=None))
    offset = (analyzer.log_mel(clip, front_end) - as_recorded).mean()
    return 10.0 * log10(front_end.amin) + float(offset)


def silence(analyzer: Analyzer, clip: Clip) -> Sound:
    """Silence of the clip's length, at its level offset.

    For a model that hears `speech_statistics`: those of digital silence.
    """

    def inputs(checkpoint: Checkpoint) -> dict[str, Tensor]:
        if "speech_statistics" in checkpoint.network.inputs:
            quiet = replace(clip, samples=clip.samples * 0, digest=f"silence-{len(clip.samples)}")
            return dict(sound_of(analyzer, quiet)(checkpoint))
        log_mel = analyzer.log_mel(clip, checkpoint.front_end)
        return {"log_mel": torch.full_like(log_mel, silence_level(analyzer, checkpoint, clip))}

    return inputs
