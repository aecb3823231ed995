"""What linked maps are drawn from: columns and coordinates as small arrays of bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.figures.style import CATEGORY_COLOURS
from ser_core.labels import CATEGORIES

MISSING = 65535
MOST_VALUES = 40  # of a column that has colours
NONE, NONE_COLOUR = "none", "#8080805A"  # fainter than neutral's grey
# None of them is a category's.
PALETTE = (
    *("#56B4E9", "#009E73", "#CC79A7", "#B5A400", "#7F7BDB", "#A65628", "#00A6A6", "#F781BF"),
    *("#66A61E", "#8F3F00", "#1F4E9E", "#D9B3FF"),
)


@dataclass(frozen=True)
class Column:
    """A column by which points are coloured, shaped or filtered.

    Attributes:
        packed: uint16 codes into `values`, or float32 numbers where `values` is None.
        values: different texts in the order of the legend; None for numbers.
        colours: of `values`.
        low: of numbers, the end of the colour ramp.
        high: likewise.
    """

    packed: bytes
    values: tuple[str, ...] | None = None
    colours: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0


def pack_column(column: pd.Series) -> Column | None:
    """A column of a table; None where all rows are alike, or texts are too many.

    Numbers get a ramp over their range, or over [0, 1] where they lie in it. Texts are sorted, the
    categories in their own order and colours; rows without are "none".
    """
    if pd.api.types.is_numeric_dtype(column) and column.dtype.kind != "b":
        numbers = column.to_numpy(np.float32)
        known = numbers[np.isfinite(numbers)]
        if len(known) < 2 or known.min() == known.max():
            return None
        low, high = float(known.min()), float(known.max())
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        return Column(numbers.tobytes(), low=low, high=high)
    texts = column.fillna("").astype(str)
    different = [value for value in texts.unique() if value]
    if not 1 < len(different) + int((texts == "").any()) <= MOST_VALUES or not different:
        return None
    values = _ordered(different)
    colours = _colours(values)
    if (texts == "").any():
        values, colours = [*values, NONE], [*colours, NONE_COLOUR]
    codes = texts.replace("", NONE).map({value: code for code, value in enumerate(values)})
    return Column(codes.to_numpy(np.uint16).tobytes(), tuple(values), tuple(colours))


def _ordered(values: Sequence[str]) -> list[str]:
    first = [category for category in CATEGORIES if category in values]
    return first + sorted(value for value in values if value not in first)


def _colours(values: Sequence[str]) -> list[str]:
    if set(values) <= set(CATEGORIES):
        return [CATEGORY_COLOURS[value] for value in values]
    free = iter(range(len(values)))
    return [
        CATEGORY_COLOURS[value] if value in CATEGORIES else PALETTE[next(free) % len(PALETTE)]
        for value in values
    ]


@dataclass(frozen=True)
class Frame:
    """The square that a map shows; it depends on the reference points only.

    Attributes:
        low: smallest shown coordinates, [2].
        span: side of the square, the same both ways: distances are not bent.
    """

    low: np.ndarray
    span: float

    def to_unit(self, points: np.ndarray) -> np.ndarray:
        """[N, 2] -> [0, 1]; what lies outside stands at the edge, NaN stays NaN."""
        result: np.ndarray = np.clip((points - self.low) / self.span, 0.0, 1.0)
        return result


def frame_of(points: np.ndarray) -> Frame:
    """The square around points [N, 2]; rows of NaN do not count."""
    known = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if not len(known):
        return Frame(np.zeros(2), 1.0)
    low, high = known.min(axis=0), known.max(axis=0)
    span = float((high - low).max()) or 1.0
    return Frame((low + high) / 2 - span / 2, span)


def pack_points(points: np.ndarray, frame: Frame) -> tuple[bytes, bytes]:
    """x and y as uint16, 0 to 65534 over the frame and 65535 for none."""
    unit = frame.to_unit(points.astype(np.float64))
    codes = np.where(np.isnan(unit), MISSING, np.round(np.nan_to_num(unit) * (MISSING - 1)))
    x, y = codes.astype(np.uint16).T
    return x.tobytes(), y.tobytes()
