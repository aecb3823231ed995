"""`ser train` and `ser experiment`: one recipe, or a whole table of them."""

from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import (
    CORPORA,
    Accelerator,
    Data,
    Devices,
    Models,
    Nodes,
    Strategy,
    Unit,
    names,
    readable,
    trainer_arguments,
)
from ser_core.errors import SerError


@readable
def train(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a TOML file.")],
    data: Data = CORPORA,
    out: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
    seed: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    fold: Annotated[
        int, typer.Option(min=0, help="Part of the training speakers to measure on, from 1.")
    ] = 0,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="For a short run, instead of the recipe's.")
    ] = None,
    packed: Annotated[
        Path | None, typer.Option(help="Folder of `ser pack`, in place of the corpora.")
    ] = None,
    accelerator: Accelerator = "auto",
    devices: Devices = "auto",
    nodes: Nodes = 1,
    strategy: Strategy = "auto",
) -> None:
    """Train a recipe; a run that was stopped is resumed."""
    from dataclasses import replace

    from ser_core.training import recipe as recipes
    from ser_core.training.run import train as run

    chosen = recipes.load(recipe)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    if epochs is not None:
        chosen = chosen.shortened(epochs)
    if fold:
        chosen = chosen.on_fold(fold)
    flags = trainer_arguments(accelerator, devices, nodes, strategy)
    checkpoint = run(chosen, data, out, packed, **flags)
    typer.echo(f"{checkpoint.name}: {checkpoint.folder}")


@readable
def pack(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a TOML file.")],
    out: Annotated[Path, typer.Option(help="Folder to make; it must not be there yet.")],
    data: Data = CORPORA,
) -> None:
    """Pack what a recipe reads into a few files, for `ser train --packed` on another machine."""
    from ser_core.training import recipe as recipes
    from ser_core.training.data import RecipeData
    from ser_core.training.packing import write_pack

    if out.exists():
        raise SerError(f"{out} is there already: name another folder.")
    chosen = recipes.load(recipe)
    found = RecipeData.read(chosen, data)
    write_pack(out, chosen, {"train": found.train, "dev": found.dev}, found.encoders or {})
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    typer.echo(f"{out}: {size / 1e6:.0f} MB")


@readable
def experiment(
    name: Annotated[
        str,
        typer.Argument(help="A shipped experiment, or a TOML file; without it, they are listed."),
    ] = "",
    data: Annotated[
        list[str] | None,
        typer.Option(help="Folder of the corpus; NAME=FOLDER for each where there are several."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
    models: Models = "",
    seeds: Annotated[str, typer.Option(help="Numbers, separated by commas.")] = "",
    folds: Annotated[str, typer.Option(help="Sessions to test, separated by commas.")] = "",
    bootstrap: Annotated[Unit, typer.Option(help="What intervals and tests draw.")] = Unit.SPEAKERS,
    leave_out_damaged: Annotated[
        bool, typer.Option("--leave-out-damaged", help="Go on without unusable recordings.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the runs and which are done.")
    ] = False,
    accelerator: Accelerator = "auto",
    # Not all of them: each gets a batch of the recipe's size, so that more change the protocol.
    devices: Devices = "1",
    nodes: Nodes = 1,
    strategy: Strategy = "auto",
) -> None:
    """Run a whole table of models, seeds and folds, resuming it where it was stopped."""
    from ser_core.experiments import files

    if not name:
        for known, title in files.shipped().items():
            typer.echo(f"{known}: {title}")
        return
    from ser_core.experiments.data import parse_roots
    from ser_core.experiments.run import Choice, plan, run
    from ser_core.training.across_processes import is_first_process

    chosen = files.load(name)
    roots = parse_roots(data or [], chosen.protocol)
    wrong = [seed for seed in names(seeds) or () if not seed.isdecimal()]
    if wrong:
        raise SerError(f"The seed '{wrong[0]}' is no number: give numbers, separated by commas.")
    numbers = [int(seed) for seed in names(seeds) or ()]
    chosen = chosen.with_seeds(numbers)
    choice = Choice(names(models), numbers or None, names(folds))
    if dry_run:
        for cell in choice.of(plan(chosen, roots, out)):
            state = "done" if cell.done else "begun" if cell.begun else "to do"
            if cell.changes(cell.settings()):
                state += ", with other settings"
            typer.echo(f"{cell.name}: {state}")
        return
    folder = run(
        chosen,
        roots,
        out,
        choice,
        bootstrap=bootstrap.value,
        leave_out_damaged=leave_out_damaged,
        progress=typer.echo,
        **trainer_arguments(accelerator, devices, nodes, strategy),
    )
    if is_first_process():
        typer.echo(f"The tables are in {folder}: results.md, results.csv, comparisons.csv.")
