"""What the result of a cell depends on, as numbers and names that can be compared."""

from typing import Any

import numpy as np
import pandas as pd

from ser_core.corpora.table import COLUMNS

# What a result depends on, beside the words. Not the path: a corpus may be moved.
_CONTENT = [name for name in COLUMNS if name not in ("path", "span", "duration_s", "transcript")]


def contents(table: pd.DataFrame) -> np.ndarray:
    """A number for what is known of each utterance beside its words, [N]."""
    numbers: np.ndarray = pd.util.hash_pandas_object(table[_CONTENT], index=False).to_numpy()
    if "span" in table:  # only parts of files change their numbers: older results stay as they are
        spans = pd.util.hash_pandas_object(table["span"], index=False).to_numpy()
        numbers = np.where(table["span"] == "", numbers, numbers ^ spans)
    return numbers


def words_of(table: pd.DataFrame) -> np.ndarray:
    """A number for the words of each utterance, [N]."""
    numbers: np.ndarray = pd.util.hash_pandas_object(table["transcript"], index=False).to_numpy()
    return numbers


def differences(stored: Any, today: Any, name: str = "") -> list[str]:
    """What has changed, as `optimiser.lr 0.01 -> 0.02`."""
    if isinstance(stored, dict) and isinstance(today, dict):
        return [
            found
            for key in sorted({*stored, *today})
            for found in differences(stored.get(key), today.get(key), f"{name}.{key}".strip("."))
        ]
    if stored == today:
        return []
    if name in ("utterances", "words"):
        return [f"the {name} have changed"]
    setting = name.replace("made_from.", "").replace("recipe.", "")
    if isinstance(today, dict) or isinstance(stored, dict):  # a model that it was not made from
        return [f"made from {setting}" if stored is None else f"not made from {setting}"]
    return [f"{setting} {stored} -> {today}"]
