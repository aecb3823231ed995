"""`ser stages`: what the fusion stages do over the reference set."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import CORPORA, Checkpoints, Data, readable


@readable
def make_stages(
    reference: Annotated[
        Path, typer.Option(help="Folder of a reference set, see `ser map`; the tables go there.")
    ] = Path("checkpoints/reference"),
    data: Data = CORPORA,
    checkpoints: Checkpoints = None,
) -> None:
    """Tell which stages matter, and which clips excite their channels, for the reference set."""
    from tqdm.auto import tqdm

    from ser_core.analysis import Analyzer
    from ser_core.explain.stage_tables import Row, make_stage_tables, save
    from ser_core.inputs.audio import load
    from ser_core.maps import reference as references
    from ser_core.synthesis.examples import load_examples

    table = references.load(reference).rows
    table = table[table["words"] != ""]
    examples = {example.id: example.path for example in load_examples()}
    rows = []
    for ident, example, path, words in zip(
        table["id"], table["example"], table["path"], table["words"], strict=True
    ):
        file = examples[example] if example else data / path
        rows.append(Row(ident, example or path, partial(load, file), words))
    with tqdm(total=len(rows), desc="clips", unit="clip") as bar:

        def show(done: float) -> None:
            bar.update(round(done * len(rows)) - bar.n)

        save(make_stage_tables(Analyzer(checkpoints), rows, show), reference)
    typer.echo(f"{len(rows):,} clips in {reference}")
