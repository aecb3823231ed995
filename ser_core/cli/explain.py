"""`ser explain` and `ser explain-background`: why a model says so."""

from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import Data, readable


@readable
def explain_background(
    data: Data = Path("../shared/corpora"),
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("checkpoints/background"),
    seed: Annotated[int, typer.Option(help="Of the choice of clips.")] = 0,
) -> None:
    """Make the background voices and sentences that stand in for what is left out."""
    from ser_core.explain.background_making import make_background

    typer.echo(make_background(data, out, seed).to_string(index=False))
