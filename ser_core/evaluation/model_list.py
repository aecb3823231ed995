"""All models at a glance: a short table, and the same as plain values."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ser_core.models.checkpoint import Checkpoint
from ser_core.models.describe import describe


def to_dict(checkpoint: Checkpoint) -> dict[str, Any]:
    """What is known of a model, as plain values for JSON."""
    training = checkpoint.training
    return {
        "name": checkpoint.name,
        "title": checkpoint.title,
        "description": describe(checkpoint),
        "folder": str(checkpoint.folder),
        "sha256": checkpoint.digest,
        "architecture": checkpoint.model.architecture,
        "parents": list(checkpoint.model.parents),
        "reads": _reads(checkpoint),
        "categories": list(checkpoint.model.categories),
        "dimensions": list(checkpoint.model.dimensions),
        "parameters": checkpoint.parameters,
        "size_bytes": checkpoint.size_bytes,
        "text_encoder": checkpoint.text_encoder,
        "speech_encoder": checkpoint.speech_encoder,
        "training": {
            "clips": training.get("train_clips"),
            "texts": training.get("train_texts"),
            "seed": training.get("recipe", {}).get("seed"),
        },
        "results": checkpoint.results,
    }


def as_table(checkpoints: Sequence[Checkpoint]) -> str:
    """One line a model, with its UAR on the test set that most of them share."""
    shared = _shared_set(checkpoints)
    rows = [
        {
            "model": one.name,
            "title": one.title,
            "reads": " and ".join(_reads(one)),
            "parameters": f"{one.parameters / 1e6:.1f} M" if one.parameters else "–",
            "UAR": f"{one.results[shared]['UAR']:.2f}" if _has_recall(one, shared) else "–",
        }
        for one in checkpoints
    ]
    table = pd.DataFrame(rows)
    words = ["model", "title", "reads"]
    for column in words:
        width = max(len(column), *table[column].str.len())
        table[column] = table[column].str.ljust(width)
        table = table.rename(columns={column: column.ljust(width)})
    measured = f"UAR: unweighted average recall on the test set '{shared}'. " if shared else ""
    return f"{table.to_string(index=False)}\n\n{measured}More about one: ser models NAME"


def _reads(checkpoint: Checkpoint) -> list[str]:
    reads = {"words": checkpoint.uses_text, "voice": checkpoint.uses_voice}
    return [name for name, used in reads.items() if used]


def _has_recall(checkpoint: Checkpoint, test_set: str) -> bool:
    return "UAR" in checkpoint.results.get(test_set, {})


def _shared_set(checkpoints: Sequence[Checkpoint]) -> str:
    """The test set on which most models have a UAR; of several the last, where there is any."""
    counts = Counter(name for one in checkpoints for name in one.results if _has_recall(one, name))
    most = max(counts.values(), default=0)
    return next((name for name in reversed(counts) if counts[name] == most), "")
