"""`ser map`: embeddings and coordinates of a reference set."""

from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import CORPORA, Checkpoints, Data, readable


@readable
def make_map(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    data: Data = CORPORA,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="A corpus of your own (folder or manifest) in place of the demonstration's."
        ),
    ] = None,
    checkpoints: Checkpoints = None,
    seed: Annotated[int, typer.Option(help="Of choice and projections.")] = 0,
    umap: Annotated[bool, typer.Option(help="Also fit UMAP, which takes minutes.")] = True,
) -> None:
    """Embed clips by every layer of every model, project them, and write all as Parquet."""
    from tqdm.auto import tqdm

    from ser_core.analysis import Analyzer
    from ser_core.maps.layers import Embedder
    from ser_core.maps.making import make_reference
    from ser_core.maps.reference import save
    from ser_core.maps.sources import demonstration, own

    source = demonstration(data, seed) if corpus is None else own(corpus)
    with tqdm(total=len(source.rows), desc="clips", unit="clip") as bar:

        def show(done: float) -> None:
            bar.update(round(done * len(source.rows)) - bar.n)

        reference = make_reference(source, Embedder(Analyzer(checkpoints)), seed, show)
    save(reference, out)
    if umap:
        from ser_core.maps.umap_fit import fit_umap

        typer.echo("Fitting UMAP…")
        reference = fit_umap(reference)
        save(reference, out)
    for note in source.notes:
        typer.echo(note)
    for name, reason in reference.problems.items():
        typer.echo(f"left out: {name}: {reason}")
    typer.echo(f"{len(reference.rows):,} rows and {len(reference.layers)} layers in {out}")
