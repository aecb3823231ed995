"""Clips and words for the tests of the recogniser."""

import csv
from pathlib import Path

import numpy as np

from ser_core.inputs.audio import Clip, from_samples, load


def plain(text: str) -> str:
    """Letters and blanks alone."""
    return "".join(c for c in text.lower() if c.isalpha() or c == " ")


def joined(*clips: Clip | float) -> Clip:
    """Clips and pauses (seconds) one after the other."""
    parts = [
        np.zeros(int(16_000 * clip)) if isinstance(clip, float) else clip.samples for clip in clips
    ]
    return from_samples(np.concatenate(parts), 16_000)


def corpus_clips(folder: Path, number: int) -> list[tuple[Clip, str]]:
    """Clips of a corpus, evenly over its table, with what is said in them."""
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (load(folder / row["file"]), row["transcript"])
        for row in rows[:: len(rows) // number][:number]
    ]
