"""What lies beside the checkpoints: predictions that these very models made, and findings."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ser_core.evaluation.prediction_table import read
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.report import RATERS
from ser_core.models.checkpoint import Checkpoint

FOLDER, PREDICTIONS, FINDINGS = "reference", "predictions.parquet", "behaviour.parquet"
INFO = "info.json"  # of the reference set, whose digests are those of its folder


def reference_folder(models: Mapping[str, Checkpoint]) -> Path | None:
    """The first folder `reference` beside these checkpoints; None where there is none."""
    roots = dict.fromkeys(checkpoint.folder.parent for checkpoint in models.values())
    return next((root / FOLDER for root in roots if (root / FOLDER).is_dir()), None)


def predictions_of(models: Mapping[str, Checkpoint]) -> Predictions | None:
    """The predictions beside these checkpoints, of the models that are unchanged since.

    The table has no digests of its own: both it and the reference set are made anew after each
    training, and the reference set's tell which models those were.

    Returns:
        None where there are none, or every model has changed.

    Raises:
        CorpusError: the table is damaged.
    """
    folder = reference_folder(models)
    if folder is None or not (folder / PREDICTIONS).is_file() or not (folder / INFO).is_file():
        return None
    made_by = json.loads((folder / INFO).read_text("utf-8"))["models"]
    kept = {name for name, one in models.items() if made_by.get(name) == one.digest}
    found = read(folder / PREDICTIONS)
    scores = {name: of for name, of in found.scores.items() if name in kept or name == RATERS}
    if not kept & set(scores):
        return None
    notes = found.notes
    if changed := sorted(set(found.scores) - set(scores)):
        notes = (*notes, f"{', '.join(changed)} changed since the predictions were made.")
    return replace(found, scores=scores, notes=notes)
