"""What the commands share: options, and errors as sentences."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from ser_core.errors import SerError

Checkpoints = Annotated[
    Path | None, typer.Option("--checkpoints", help="Folder of checkpoint folders.")
]
Data = Annotated[Path, typer.Option("--data", envvar="SER_DATA", help="Folder of the corpora.")]
CORPORA = Path("corpora")  # where `Data` is looked for unless told
Accelerator = Annotated[str, typer.Option(help="Lightning's accelerator.")]
Devices = Annotated[str, typer.Option(help="Lightning's devices.")]
Nodes = Annotated[int, typer.Option(help="Lightning's number of nodes.")]
Strategy = Annotated[str, typer.Option(help="Lightning's strategy.")]
Models = Annotated[str, typer.Option("--models", help="Names, separated by commas; default all.")]


class Unit(StrEnum):
    """What a bootstrap draws."""

    SPEAKERS = "speakers"
    UTTERANCES = "utterances"


def readable(command: Callable[..., None]) -> Callable[..., None]:
    """Errors that a user can cause end in one sentence and exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except SerError as error:
            typer.echo(f"ser: {error}", err=True)
            raise typer.Exit(2) from error

    return run


def names(models: str) -> list[str] | None:
    """Names separated by commas; None for all."""
    return [name.strip() for name in models.split(",") if name.strip()] or None


def trainer_arguments(accelerator: str, devices: str, nodes: int, strategy: str) -> dict[str, Any]:
    """Arguments of Lightning's Trainer."""
    return {
        "accelerator": accelerator,
        "devices": int(devices) if devices.isdecimal() else devices,
        "num_nodes": nodes,
        "strategy": strategy,
    }
