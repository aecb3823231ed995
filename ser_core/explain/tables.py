"""Explanations as tables, with the settings that reproduce them."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ser_core.explain.results import Explanation
from ser_core.inputs.features import FrontEnd, mel_frequencies


def map_table(explanations: Sequence[Explanation]) -> pd.DataFrame:
    """One row a cell of the log-Mel: model, output, unit, method, time_s, frequency_hz, value."""
    frequencies = mel_frequencies(FrontEnd())
    tables = []
    for explanation in explanations:
        if explanation.map is None:
            continue
        frames, bands = explanation.map.shape
        tables.append(
            _labelled(
                explanation,
                {
                    "time_s": np.repeat(np.arange(frames) / explanation.frame_rate, bands),
                    "frequency_hz": np.tile(frequencies[:bands].round(1), frames),
                    "value": explanation.map.reshape(-1),
                },
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def parts_table(explanations: Sequence[Explanation]) -> pd.DataFrame:
    """One row a part: the voice as a whole, each word, each stage; with the settings as JSON."""
    tables = []
    for e in explanations:
        rows: list[tuple[str, str, float | None, float | None, float | None]] = [
            ("baseline", "", None, None, e.baseline),
            ("any words", "", None, None, e.any_words),
        ]
        if e.map is not None:
            rows.append(("voice", "", None, None, e.voice_total))
        rows += [("word", w.text, w.start, w.end, w.value) for w in e.words]
        rows += [("stage", name, None, None, value) for name, value in e.stages.items()]
        rows.append(("output", "", None, None, e.value))
        table = pd.DataFrame(rows, columns=["part", "text", "start_s", "end_s", "value"])
        table["settings"] = json.dumps(e.settings)
        tables.append(_labelled(e, table))
    return pd.concat(tables, ignore_index=True)


def _labelled(
    explanation: Explanation, columns: "dict[str, np.ndarray] | pd.DataFrame"
) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    for place, name in enumerate(("model", "output", "unit", "method")):
        table.insert(place, name, getattr(explanation, name))
    return table
