"""Results to take away: one table, one JSON document; both say how they were made."""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analysis


def frame(analyses: "Sequence[Analysis]") -> pd.DataFrame:
    """One row for each analysis (the current one first, called `variant` 0) and model."""
    frames = [analysis.to_frame() for analysis in analyses]
    table = pd.concat(frames, keys=range(len(frames)), names=["variant"])
    return table.reset_index(level="variant").reset_index(drop=True)


def to_csv(analyses: "Sequence[Analysis]") -> bytes:
    """`frame` with clip, words and settings, so that a file explains itself."""
    table = frame(analyses)
    of = [analyses[number] for number in table["variant"]]
    rows = list(zip(of, table["model"], strict=True))
    table["late_weight"] = [analysis.late_weights.get(model) for analysis, model in rows]
    table["clip"] = [analysis.clip.source.name for analysis in of]
    table["transcript"] = [analysis.transcript.text for analysis in of]
    table["transcript_source"] = [analysis.transcript.source for analysis in of]
    table["used_words"] = [analysis.used_words for analysis in of]
    table["notes"] = [" ".join(analysis.notes) for analysis in of]
    table["clip_sha256"] = [analysis.clip.digest for analysis in of]
    table["model_sha256"] = [analysis.digests.get(model) for analysis, model in rows]
    return csv_bytes(table)


def to_json(analyses: "Sequence[Analysis]") -> str:
    """All analyses, the current one first: the same shape with and without kept variants."""
    document = {"analyses": [analysis.to_dict() for analysis in analyses]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def file_name(title: str, kind: str, ending: str) -> str:
    """Such as `my-voice_emotions.csv`, from the clip's title, safe on every file system."""
    stem = re.sub(r"\.\w{1,5}$", "", title)
    slug = re.sub(r"[^\w]+", "-", stem).strip("-")[:60] or "clip"
    return f"{slug}_{kind}.{ending}"
