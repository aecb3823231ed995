"""Blocks as they are decoded -> runs of mono samples, each at its own rate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec

import numpy as np

from ser_core.inputs.channels import ChannelStatistics, Downmix
from ser_core.inputs.limits import Meter

MAX_RUNS = 64  # changes of rate or channels in one file
_STUB_S = 0.01  # what a decoder gives before it has found its rate

Block = tuple[int, np.ndarray]  # rate in Hz; float [n, channels], full scale 1


class UndecodableError(Exception):
    """A decoder gave up; another one may not."""


_P = ParamSpec("_P")


def guarded(blocks: Callable[_P, Iterator[Block]]) -> Callable[_P, Iterator[Block]]:
    """Turn whatever a decoder raises into UndecodableError: damaged bytes bring up anything."""

    @wraps(blocks)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> Iterator[Block]:
        try:
            yield from blocks(*args, **kwargs)
        except Exception as error:
            raise UndecodableError(str(error)) from error

    return run


@dataclass(frozen=True, eq=False)
class Run:
    """A stretch of a recording with one rate and number of channels.

    Attributes:
        samples: mono float32 [n].
        sample_rate: Hz.
        channels: as found.
    """

    samples: np.ndarray
    sample_rate: int
    channels: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, eq=False)
class Mixed:
    """A recording after its channels were mixed.

    Attributes:
        runs: in order; usually one.
        level: half the distance between the extremes of its loudest channel, before mixing.
        notes: sentences on channels and changes.
    """

    runs: tuple[Run, ...]
    level: float
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length of all runs in seconds."""
        return sum(run.duration_s for run in self.runs)


@dataclass
class _OpenRun:
    sample_rate: int
    channels: int
    statistics: ChannelStatistics
    blocks: list[np.ndarray] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        return sum(map(len, self.blocks)) / self.sample_rate

    def fits(self, rate: int, block: np.ndarray) -> bool:
        return (self.sample_rate, self.channels) == (rate, block.shape[1])


def mix(read: Callable[[], Iterator[Block]], meter: Meter) -> Mixed:
    """Decode, count, and mix.

    Only the mean of the channels is kept while statistics are gathered; where they say that the
    mean would lose the sound (see `channels`), all is read a second time with other weights.

    Args:
        read: gives the blocks from the start, the same ones at every call.
        meter: counts; stops at the limits.

    Raises:
        AudioError: over the limits, or samples that are not finite.
        UndecodableError: from `read`.
    """
    runs: list[_OpenRun] = []
    changes_too_often = False
    for rate, block in read():
        if not runs or not runs[-1].fits(rate, block):
            if len(runs) == MAX_RUNS:
                changes_too_often = True
                break
            meter.check_format(rate, block.shape[1])
            runs.append(_OpenRun(rate, block.shape[1], ChannelStatistics(rate, block.shape[1])))
        meter.add(block, rate)
        runs[-1].statistics.add(block)
        # In float64, for the sum of channels near the largest float32 must not overflow.
        runs[-1].blocks.append(block.mean(axis=1, dtype=np.float64).astype(np.float32))
    choices = [run.statistics.downmix() for run in runs]
    if not all(choice.is_mean for choice in choices):
        _mix_again(read, runs, choices)
    kept = [pair for pair in zip(runs, choices, strict=True) if pair[0].duration_s > _STUB_S]
    kept = kept or list(zip(runs, choices, strict=True))
    notes = [note for _, choice in kept for note in choice.notes]
    notes += _changes([run for run, _ in kept])
    if changes_too_often:
        notes.append(
            f"The recording changes its rate or channels more than {MAX_RUNS} times: the rest is "
            "missing."
        )
    return Mixed(
        tuple(Run(np.concatenate(run.blocks), run.sample_rate, run.channels) for run, _ in kept),
        level=max((float(run.statistics.levels().max()) for run, _ in kept), default=0.0),
        notes=tuple(dict.fromkeys(notes)),
    )


def _mix_again(
    read: Callable[[], Iterator[Block]], runs: list[_OpenRun], choices: list[Downmix]
) -> None:
    mixed: list[list[np.ndarray]] = [[] for _ in runs]
    at = 0
    for rate, block in read():
        if not runs[at].fits(rate, block):
            at += 1
            if at == len(runs):
                break
        if not choices[at].is_mean:
            mixed[at].append((block @ choices[at].weights).astype(np.float32))
    for run, choice, blocks in zip(runs, choices, mixed, strict=True):
        if not choice.is_mean:
            run.blocks = blocks


def _changes(runs: list[_OpenRun]) -> list[str]:
    kinds = dict.fromkeys(
        f"{run.sample_rate} Hz {'mono' if run.channels == 1 else f'in {run.channels} channels'}"
        for run in runs
    )
    if len(kinds) < 2:
        return []
    return [f"The recording changes on the way ({', '.join(kinds)}): its parts were joined."]
