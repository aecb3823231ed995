"""`ser corpora inspect` and `ser examples`: the data that goes in."""

from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import readable


@readable
def examples(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("examples"),
) -> None:
    """Make the example clips anew (needs the extra `examples`)."""
    from ser_core.synthesis.examples import generate

    table = generate(out)
    typer.echo(table[["id", "title", "duration_s"]].to_string(index=False))


@readable
def inspect_corpus(
    root: Annotated[Path, typer.Argument(help="Folder of the corpus.")],
    name: Annotated[
        str | None, typer.Option(help="Which corpus it is; default: recognised.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="For manifests, audformat: ours=theirs, such as path=file."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="For manifests, audformat: theirs=ours, such as Freude=happy."),
    ] = None,
    scale: Annotated[
        list[str] | None,
        typer.Option(help="For manifests, audformat: of ratings, such as valence=1:5."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Time to spend on audio headers.")] = 30.0,
) -> None:
    """Say what a corpus holds, what is missing or broken, and what was left out and why."""
    from ser_core.corpora.inspect import inspect
    from ser_core.corpora.layout import Layout

    layout = Layout.from_options(column or (), label or (), scale or ())
    given = layout if column or label or scale else None
    typer.echo(inspect(root, name, given, seconds))
