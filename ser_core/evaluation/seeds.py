"""Several seeds of the same recipes: their spread, and of each model the best on dev."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ser_core.errors import CheckpointError
from ser_core.models.checkpoint import CONFIG, WEIGHTS, Checkpoint
from ser_core.models.familiarity import FILE as FAMILIARITY
from ser_core.models.registry import discover

SPREAD = "seeds.csv"


def spread(results: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Mean and standard deviation over seeds.

    Args:
        results: `Report.results` of each seed.

    Returns:
        model, set, metric, mean, sd (with n - 1; NaN for one seed), seeds.
    """
    grouped = pd.concat(results).groupby(["model", "set", "metric"], sort=False)["value"]
    table = grouped.agg(mean="mean", sd="std", seeds="count")
    return table.reset_index()


def stored_spread(root: Path) -> pd.DataFrame | None:
    """The spread that was measured when the models in `root` were made; None if it never was."""
    return pd.read_csv(root / SPREAD) if (root / SPREAD).exists() else None


def store_spread(root: Path, measured: pd.DataFrame) -> pd.DataFrame:
    """Put a spread into `root`; models that were not measured keep theirs.

    Returns:
        The spread of all models, in the order of `root`'s checkpoints.
    """
    stored = stored_spread(root)
    if stored is not None:
        others = stored[~stored["model"].isin(set(measured["model"]))]
        measured = pd.concat([others, measured], ignore_index=True)
    of_each = [measured[measured["model"] == name] for name in discover(root)]
    kept = pd.concat(of_each, ignore_index=True)
    kept.to_csv(root / SPREAD, index=False, float_format="%.4f")
    return kept


def best_on_dev(roots: Sequence[Path]) -> dict[str, Checkpoint]:
    """Of each model, the checkpoint with the highest dev score; the first where there is none.

    Args:
        roots: folders of checkpoint folders, one a seed.

    Raises:
        CheckpointError: a folder holds no checkpoints, or not the same models as the others.
    """
    found = [discover(root) for root in roots]
    for root, models in zip(roots, found, strict=True):
        if list(models) != list(found[0]):
            raise CheckpointError(
                f"{root} holds {', '.join(models)} and {roots[0]} {', '.join(found[0])}: train the "
                "same recipes for every seed."
            )
    return {
        name: max((models[name] for models in found), key=lambda c: c.training.get("dev_score", 0))
        for name in found[0]
    }


def select(roots: Sequence[Path], out: Path) -> dict[str, Checkpoint]:
    """Copy the best of each model into `out`, replacing config and weights there.

    Raises:
        CheckpointError: see `best_on_dev`.
    """
    chosen = best_on_dev(roots)
    for name, checkpoint in chosen.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FAMILIARITY).unlink(missing_ok=True)  # another seed's
        for file in (CONFIG, WEIGHTS, FAMILIARITY):
            if (checkpoint.folder / file).exists():
                shutil.copy2(checkpoint.folder / file, folder / file)
    return chosen
