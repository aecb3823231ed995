"""What the layers encode: the speaker, or the emotion?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ser_core.evaluation.comparison import DRAWS, Interval, Resampled, resample
from ser_core.evaluation.measures import Statistic
from ser_core.maps.neighbours import neighbours_of_all
from ser_core.maps.quality import NEAREST
from ser_core.maps.reference import Layer, ReferenceSet

COMPARED = ("speaker", "category")
_DIFFERENT = 0.5  # of the clips: in a layer that only reads, clips of a sentence are one point


def what_layers_encode(reference: ReferenceSet, draws: int = DRAWS) -> pd.DataFrame:
    """How pure the neighbourhoods of each layer are in speaker and category, beyond chance.

    Of a clip's ten nearest, the share with its own label, less that of random neighbours, as a part
    of what could be: 0 is chance, 1 only neighbours of its own. Over clips as they are, neither
    pairs nor examples; intervals are over speakers.

    Returns:
        A row for each layer that hears: layer, title; `speaker`, `category` and `difference`
        (speaker less category), each with `_low` and `_high`; n, the clips with a category.
    """
    rows = []
    for layer in reference.layers.values():
        found = dict(_purities(reference, layer, draws))
        if set(found) != set(COMPARED):
            continue
        speaker, category = found["speaker"][0], found["category"][0]
        gap = Resampled(speaker.value - category.value, speaker.draws - category.draws)
        intervals = {
            "speaker": speaker.interval,
            "category": category.interval,
            "difference": gap.interval,
        }
        row: dict[str, object] = {"layer": layer.name, "title": layer.title}
        for name, interval in intervals.items():
            row |= _columns(name, interval)
        rows.append({**row, "n": found["category"][1]})
    return pd.DataFrame(rows)


def _columns(name: str, interval: Interval) -> dict[str, object]:
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _purities(
    reference: ReferenceSet, layer: Layer, draws: int
) -> Iterator[tuple[str, tuple[Resampled, int]]]:
    """Purity beyond chance by label, on the same resamples of speakers, and the clips it is of."""
    rows = reference.rows
    alone = (layer.points >= 0) & (rows["kind"] == "native").to_numpy()
    speakers = rows["speaker"].to_numpy(str)
    hears = len(np.unique(layer.points[alone])) > _DIFFERENT * alone.sum()
    if not hears or len(set(speakers[alone])) < 2:
        return
    # All clips take part in each, for the same resamples; those without a label add nothing.
    drawn = np.unique(speakers[alone], return_inverse=True)[1]
    place = np.cumsum(alone) - 1
    statistics, sizes = {}, {}
    for label in COMPARED:
        named = rows[label].to_numpy(str)
        known = np.flatnonzero(alone & (named != ""))
        codes = np.unique(named[known], return_inverse=True)[1]
        if codes.max(initial=0) < 1:
            return
        near = neighbours_of_all(layer.vectors[layer.points[known]], NEAREST, reference.seed)
        same = (codes[near] == codes[:, None]).mean(axis=1)
        chance = (np.bincount(codes)[codes] - 1) / (len(codes) - 1)
        terms = np.zeros((alone.sum(), 3))
        terms[place[known]] = np.stack([np.ones(len(known)), same, chance], axis=1)
        statistics[label] = Statistic(terms, _beyond_chance)
        sizes[label] = len(known)
    resampled = resample(statistics, drawn, draws)
    yield from ((label, (resampled[label], sizes[label])) for label in COMPARED)


def _beyond_chance(sums: np.ndarray) -> np.ndarray:
    n = np.maximum(sums[..., 0], 1)
    same, chance = sums[..., 1] / n, sums[..., 2] / n
    result: np.ndarray = (same - chance) / (1 - chance)
    return result
