"""Results to take away: one table, one JSON document."""

import json
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ser_core.analysis import Analysis


def frame(current: "Analysis", pinned: "Analysis | None" = None) -> pd.DataFrame:
    """One row a model; with a pinned analysis both, and a first column that says which."""
    if pinned is None:
        return current.to_frame()
    frames = {"current": current.to_frame(), "pinned": pinned.to_frame()}
    table = pd.concat(frames, names=["analysis"]).reset_index(level="analysis")
    return table.reset_index(drop=True)


def to_csv(current: "Analysis", pinned: "Analysis | None" = None) -> str:
    """`frame` with the clip's name and the words, so that a file explains itself."""
    table = frame(current, pinned)
    parts = {"current": current, "pinned": pinned or current}
    which = table.get("analysis", pd.Series("current", index=table.index))
    table["clip"] = [parts[name].clip.source.name for name in which]
    table["transcript"] = [parts[name].transcript.text for name in which]
    return table.to_csv(index=False)


def to_json(current: "Analysis", pinned: "Analysis | None" = None) -> str:
    """The analysis; with a pinned one an object of both."""
    if pinned is None:
        return current.to_json()
    both = {"current": current.to_dict(), "pinned": pinned.to_dict()}
    return json.dumps(both, indent=2, ensure_ascii=False)
