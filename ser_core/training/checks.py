"""What would end a training, told before anything is read or computed."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException

from ser_core.errors import SerError
from ser_core.training.lightning_hints import quiet


def require_trainer(trainer_flags: Mapping[str, object]) -> None:
    """Refuse arguments of Lightning's Trainer that it cannot use on this machine.

    Args:
        trainer_flags: accelerator, devices, num_nodes, strategy.

    Raises:
        SerError: with Lightning's own reason.
    """
    extras = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
    try:
        with quiet():
            L.Trainer(**trainer_flags, **dict.fromkeys(extras, False))  # type: ignore[arg-type]
    except (MisconfigurationException, ValueError, TypeError, RuntimeError, ImportError) as error:
        reason = " ".join(str(error).split()).rstrip(".!")
        raise SerError(
            f"Lightning cannot train like this ({reason}): change --accelerator, --devices, "
            "--nodes or --strategy."
        ) from error


def require_writable(folder: Path) -> None:
    """Refuse a folder that cannot be made or written to.

    Raises:
        SerError: there is a file in the way, or no permission.
    """
    target = folder.absolute()
    nearest = next(path for path in (target, *target.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise SerError(
            f"Nothing can be written to {folder}: choose another folder with --out."
        ) from error
