"""What the time axis draws, packed into bytes: waveform, log-Mel, attribution, and its ticks.

At most MAX_COLUMNS columns each, whatever the length of the clip: more than a screen shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ser_core.inputs.features import FrontEnd

MAX_COLUMNS = 1200
DYNAMIC_RANGE = 80.0  # dB below the loudest cell; what is softer is drawn alike
TICKS_HZ = (200, 500, 1000, 2000, 4000, 8000)


@dataclass(frozen=True)
class Picture:
    """A small picture with time from left to right and frequency upwards.

    Attributes:
        data: one byte a cell, row by row from the highest band down, columns of a row together.
        columns: how many columns.
        bands: how many rows.
        group: frames that one column stands for.
    """

    data: bytes
    columns: int
    bands: int
    group: int

    def span(self, front_end: "FrontEnd") -> tuple[float, float]:
        """Where the left edge of the first and the right edge of the last column lie, in s.

        A frame is centred at its time: the first begins half a hop before the clip does.
        """
        start = -0.5 / front_end.frame_rate
        return start, start + self.columns * self.group / front_end.frame_rate


def pack_wave(samples: np.ndarray) -> bytes:
    """Outline of a waveform, scaled to its peak.

    Args:
        samples: [n] in [-1, 1].

    Returns:
        int8 pairs (highest, lowest) in [-127, 127], one for each of at most MAX_COLUMNS columns
        of equal length.
    """
    bins = min(MAX_COLUMNS, len(samples))
    edges = np.linspace(0, len(samples), bins, endpoint=False).astype(np.int64)
    outline = np.stack(
        [np.maximum.reduceat(samples, edges), np.minimum.reduceat(samples, edges)], axis=1
    )
    peak = float(np.abs(outline).max()) or 1.0
    return np.rint(outline * (127.0 / peak)).astype(np.int8).tobytes()


def pack_log_mel(log_mel: np.ndarray) -> Picture:
    """A log-Mel spectrogram in one byte a cell, each column the loudest of its frames.

    Args:
        log_mel: [T, n_mels] in dB, bands ascending.

    Returns:
        uint8: 255 is the loudest cell, 0 is DYNAMIC_RANGE dB below it and less.
    """
    group = _group(len(log_mel))
    loudest = np.maximum.reduceat(log_mel, np.arange(0, len(log_mel), group), axis=0)
    level = np.clip((loudest - loudest.max()) / DYNAMIC_RANGE + 1.0, 0.0, 1.0)
    return _picture(np.rint(level * 255.0).astype(np.uint8), group)


def pack_attribution(values: np.ndarray, scale: float) -> Picture:
    """Signed values of each cell in one byte, each column the mean of its frames.

    Args:
        values: [T, n_mels], bands ascending; what is not finite counts as 0.
        scale: the value of full colour, above 0; what is beyond is drawn alike.

    Returns:
        int8 in [-127, 127], 127 is `scale`.
    """
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    group = _group(len(values))
    starts = np.arange(0, len(values), group)
    counts = np.diff(np.append(starts, len(values)))
    mean = np.add.reduceat(values, starts, axis=0) / counts[:, None]
    return _picture(np.rint(np.clip(mean / scale, -1.0, 1.0) * 127.0).astype(np.int8), group)


def common_scale(maps: Iterable[np.ndarray], quantile: float = 0.995) -> float:
    """One value of full colour for several maps, so that they can be compared.

    Attributions have long tails: the largest cell as the scale would leave the rest blank.

    Args:
        maps: arrays of any shape.
        quantile: share of all cells' absolute values that shall lie within the scale.

    Returns:
        a value above 0, in the maps' unit.
    """
    sizes = [np.abs(values[np.isfinite(values)]) for values in maps]
    together = np.concatenate([*sizes, np.zeros(1)])
    return float(np.quantile(together, quantile)) or float(together.max()) or 1.0


def hertz_ticks(front_end: "FrontEnd") -> list[tuple[str, float]]:
    """Labels of the frequency axis and their heights, 0 at the bottom and 1 at the top.

    Bands are equally wide on Slaney's Mel scale, and a band's centre is the middle of its row.
    """
    low, high = _slaney_mel(front_end.f_min), _slaney_mel(front_end.f_max)
    ticks = []
    for hertz in TICKS_HZ:
        band = (_slaney_mel(hertz) - low) / (high - low) * (front_end.n_mels + 1) - 1.0
        label = f"{hertz / 1000:g} kHz" if hertz >= 1000 else f"{hertz} Hz"
        if 0.0 <= band <= front_end.n_mels:
            ticks.append((label, min(1.0, (band + 0.5) / front_end.n_mels)))
    return ticks


def _slaney_mel(hertz: float) -> float:
    """Slaney, "Auditory Toolbox" (1998): linear below 1 kHz, logarithmic above."""
    if hertz < 1000.0:
        return 3.0 * hertz / 200.0
    return 15.0 + 27.0 * float(np.log(hertz / 1000.0)) / float(np.log(6.4))


def _group(frames: int) -> int:
    return -(-frames // MAX_COLUMNS)


def _picture(cells: np.ndarray, group: int) -> Picture:
    columns, bands = cells.shape
    return Picture(np.ascontiguousarray(cells.T[::-1]).tobytes(), columns, bands, group)


def spread_over_frames(
    over_time: np.ndarray, rate: float, shape: tuple[int, int], frame_rate: float = 100.0
) -> np.ndarray:
    """A slow curve as a picture of a log-Mel's shape: each value over its frames and all bands.

    Args:
        over_time: [K], `rate` values a second.
        shape: (T, n_mels) of the log-Mel, `frame_rate` frames a second.
    """
    frames = np.minimum((np.arange(shape[0]) * rate / frame_rate).astype(int), len(over_time) - 1)
    return np.repeat(over_time[frames][:, None], shape[1], axis=1)
