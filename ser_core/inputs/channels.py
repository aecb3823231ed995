"""Several channels -> one, so that speech survives.

The rule, in this order. All is judged on frames of 50 ms in the band of voiced speech, roughly 200
to 2,000 Hz (averaged down to about 4 kHz; the mean of every 5 ms, so hum and offsets, taken away):

1. *Empty* channels are left out: silent, or nowhere within 40 dB of the loudest frame of any
   channel. Speech in one channel of eight keeps its level.
2. *Steady* channels (levels spread over less than 4 dB) are left out where another one moves as
   speech does (more than 8 dB): hum or noise on one channel does not drown the voice on another.
   The spread is from the 10th to the 95th percentile; of 300 clips of acted speech it was 8 to
   118 dB (6 to 14 dB under as much white noise), of white noise 0.9 to 1.7, of brown 2.5 to 5.5.
3. *Inverted* channels (correlation with the strongest below -0.5) are turned over. For this and
   the next step the mean covariance of the quietest fifth of the frames is taken away, so that a
   hum that all channels share does not hide a voice that is inverted.
4. The mean of what is left, the usual case being all of them. Where it still cancels (a tenth of
   the loud frames lose 10 dB against channels that have nothing in common: delays, or parts that
   are inverted), the strongest channel alone.

It is one choice for a whole recording, so that nothing switches within a sentence.
"""

from dataclasses import dataclass

import numpy as np

SILENCE = 1e-4  # half the distance between the extremes; -80 dBFS

_BAND_HZ = 4_000
_SPAN = 20  # values of the band in 5 ms
_SPANS = 10  # in a frame
_EMPTY_DB = 40.0
_STEADY_DB = 4.0
_MOVING_DB = 8.0
_FEWEST_FRAMES = 10  # below half a second a spread says nothing
_INVERTED = -0.5
_LOUD_DB = 20.0
_CANCELLED_DB = 10.0
_CANCELLED_FRAMES = 0.1
_LEAST_MOVING = 0.05  # of all energy; below, as for a test tone, the whole is looked at


@dataclass(frozen=True, eq=False)
class Downmix:
    """How channels become one.

    Attributes:
        weights: float64 [channels]; their absolute values add up to 1.
        notes: sentences on what was left out or turned over; none for the plain mean.
    """

    weights: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def is_mean(self) -> bool:
        """Whether it is the plain mean over all channels."""
        return not self.notes


class ChannelStatistics:
    """Looks at blocks [n, channels] of one recording; `downmix` then decides."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._step = max(1, round(sample_rate / _BAND_HZ))
        self._frame = _SPANS * _SPAN * self._step
        self._low = np.full(channels, np.inf)
        self._high = np.full(channels, -np.inf)
        self._pending: list[np.ndarray] = []
        self._waiting = 0
        self._covariances = [np.zeros((0, channels, channels))]

    def add(self, block: np.ndarray) -> None:
        """Take finite samples, float [n, channels]."""
        self._pending.append(block)
        self._waiting += len(block)
        if self._waiting >= 20 * self._frame:
            self._take(self._waiting // self._frame * self._frame)

    def levels(self) -> np.ndarray:
        """Half the distance between the extremes of each channel, float64 [channels]."""
        self._take(self._waiting)
        return np.maximum((self._high - self._low) / 2.0, 0.0)

    def downmix(self) -> Downmix:
        """Decide, once all blocks are there."""
        return choose_downmix(self.levels(), np.concatenate(self._covariances))

    def _take(self, count: int) -> None:
        """Look at so many of the samples that wait."""
        if not count:
            return
        samples = np.concatenate(self._pending)
        self._pending, self._waiting = [samples[count:]], self._waiting - count
        by_channel = np.ascontiguousarray(samples[:count].T, dtype=np.float64)
        self._low = np.minimum(self._low, by_channel.min(axis=1))
        self._high = np.maximum(self._high, by_channel.max(axis=1))
        frames = count // self._frame
        if len(by_channel) == 1 or not frames:
            return
        whole = by_channel[:, : frames * self._frame].reshape(-1, self._step)
        band = (whole @ np.full(self._step, 1.0 / self._step)).reshape(-1, _SPAN)
        band -= band.mean(axis=1, keepdims=True)
        band = band.reshape(len(by_channel), frames, -1).transpose(1, 0, 2)
        self._covariances.append(band @ band.transpose(0, 2, 1) / band.shape[2])


def choose_downmix(levels: np.ndarray, covariances: np.ndarray) -> Downmix:
    """The rule of this module.

    Args:
        levels: half the distance between each channel's extremes, [channels].
        covariances: of the band's samples in each frame, [frames, channels, channels].
    """
    count = len(levels)
    energies = np.diagonal(covariances, axis1=1, axis2=2)
    if count == 1 or energies.size == 0 or energies.max() <= 0.0:
        heard = levels >= SILENCE
        return _mean_of(heard if heard.any() else np.ones(count, dtype=bool), "silent")
    db = 10.0 * np.log10(energies / energies.max() + 1e-12)
    kept = (levels >= SILENCE) & (db.max(axis=0) > -_EMPTY_DB)
    if not kept.any():  # what there is lies outside the band
        kept = levels >= min(SILENCE, levels.max())
    empty = _mean_of(kept, "silent")
    high, low = np.percentile(db, [95.0, 10.0], axis=0)
    steady = kept & (high - low < _STEADY_DB)
    if len(db) >= _FEWEST_FRAMES and (kept & (high - low > _MOVING_DB)).any() and steady.any():
        kept &= ~steady
        noisy = _mean_of(kept | ~steady, "steady noise or hum").notes
    else:
        noisy = ()
    return _without_cancelling(kept, covariances, (*empty.notes, *noisy))


def _without_cancelling(
    kept: np.ndarray, covariances: np.ndarray, notes: tuple[str, ...]
) -> Downmix:
    covariances = _without_floor(covariances)
    total = covariances.sum(axis=0)
    strongest = int(np.argmax(np.where(kept, total.diagonal(), -1.0)))
    scale = np.sqrt(np.maximum(total.diagonal(), 0.0) * max(total[strongest, strongest], 0.0))
    correlation = total[strongest] / np.maximum(scale, np.finfo(np.float64).tiny)
    inverted = kept & (correlation < _INVERTED)
    weights = np.where(inverted, -1.0, 1.0) * kept / kept.sum()
    if _cancels(weights, covariances):
        weights = np.eye(len(kept))[strongest]
        only = f"The channels cancel each other: channel {strongest + 1} alone was used."
        return Downmix(weights, (*notes, only))
    if inverted.any():
        verb = "is" if inverted.sum() == 1 else "are"
        turned = f"{_channels(inverted)} {verb} inverted and {_was(inverted)} turned over."
        notes = (*notes, turned)
    return Downmix(weights, notes)


def _without_floor(covariances: np.ndarray) -> np.ndarray:
    """What moves: less what is there all the time, such as a hum that all channels share."""
    energies = covariances.trace(axis1=1, axis2=2)
    quiet = np.argsort(energies)[: max(1, len(energies) // 5)]
    moving = covariances - covariances[quiet].mean(axis=0)
    enough = moving.trace(axis1=1, axis2=2).sum() > _LEAST_MOVING * energies.sum()
    return moving if enough else covariances


def _cancels(weights: np.ndarray, covariances: np.ndarray) -> bool:
    energies = np.diagonal(covariances, axis1=1, axis2=2)
    unrelated = energies @ weights**2  # of the mix, had its channels nothing in common
    mixed = np.einsum("c,fck,k->f", weights, covariances, weights)
    loud = unrelated > unrelated.max() * 10.0 ** (-_LOUD_DB / 10.0)
    lost = mixed < unrelated * 10.0 ** (-_CANCELLED_DB / 10.0)
    return bool((lost & loud).sum() > _CANCELLED_FRAMES * loud.sum())


def _mean_of(kept: np.ndarray, others: str) -> Downmix:
    weights = kept / kept.sum()
    if kept.all():
        return Downmix(weights)
    verb = "is" if (~kept).sum() == 1 else "are"
    return Downmix(weights, (f"{_channels(~kept)} {verb} {others} and {_was(~kept)} left out.",))


def _was(chosen: np.ndarray) -> str:
    return "was" if chosen.sum() == 1 else "were"


def _channels(chosen: np.ndarray) -> str:
    numbers = [str(i + 1) for i in np.flatnonzero(chosen)]
    if len(numbers) == 1:
        return f"Channel {numbers[0]} of {len(chosen)}"
    if len(numbers) > 4:
        return f"{len(numbers)} of {len(chosen)} channels"
    return f"Channels {', '.join(numbers[:-1])} and {numbers[-1]} of {len(chosen)}"
