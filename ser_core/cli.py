"""The command line: `ser`."""

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from ser_core.errors import SerError

# What imports torch is imported inside commands: `ser --help` must answer at once.

app = typer.Typer(
    help="Speech emotion recognition by words, by voice, and by fusing both.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
corpora = typer.Typer(help="Look into corpora.", no_args_is_help=True)
app.add_typer(corpora, name="corpora")
Checkpoints = Annotated[
    Path | None, typer.Option("--checkpoints", help="Folder of checkpoint folders.")
]
Data = Annotated[Path, typer.Option("--data", help="Folder of the corpora.")]
Accelerator = Annotated[str, typer.Option(help="Lightning's accelerator.")]
Devices = Annotated[str, typer.Option(help="Lightning's devices.")]
Nodes = Annotated[int, typer.Option(help="Lightning's number of nodes.")]
Strategy = Annotated[str, typer.Option(help="Lightning's strategy.")]
Models = Annotated[str, typer.Option("--models", help="Names, separated by commas; default all.")]


class Unit(StrEnum):
    """What a bootstrap draws."""

    SPEAKERS = "speakers"
    UTTERANCES = "utterances"


def _readable(command: Callable[..., None]) -> Callable[..., None]:
    """Errors that a user can cause end in one sentence and exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except SerError as error:
            typer.echo(f"ser: {error}", err=True)
            raise typer.Exit(2) from error

    return run


@app.command()
@_readable
def predict(
    clip: Annotated[Path, typer.Argument(help="Recording: WAV, FLAC, Ogg, MP3, M4A, WebM, …")],
    transcript: Annotated[
        str | None, typer.Option(help="The words; without it the recogniser listens.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Use the voice alone.")] = False,
    models: Models = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    late_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Weight of the words in late fusion.")
    ] = None,
    checkpoints: Checkpoints = None,
) -> None:
    """Predict the emotion of one recording with every model."""
    from ser_core.analysis import Analyzer
    from ser_core.speech import Transcript

    if no_text and transcript is not None:
        raise SerError("Give either --transcript or --no-text, not both.")
    analysis = Analyzer(checkpoints).analyze_file(
        clip,
        transcript=Transcript.none() if no_text else transcript,
        models=_names(models),
        late_weight=late_weight,
    )
    if as_json:
        typer.echo(analysis.to_json())
        return
    words = analysis.transcript
    typer.echo(f"{clip.name}: {analysis.clip.duration_s:.2f} s")
    typer.echo(f"transcript ({words.source}): {words.text or '–'}")
    if words.doubt:
        typer.echo(f"doubtful: {words.doubt}")
    table = analysis.to_frame()
    if len(table):
        typer.echo(table.to_string(index=False, float_format=lambda x: f"{x:.2f}"))
    for name, reason in analysis.skipped.items():
        typer.echo(f"{name}: {reason}")


def _names(models: str) -> list[str] | None:
    return [name.strip() for name in models.split(",") if name.strip()] or None


@app.command()
@_readable
def models(checkpoints: Checkpoints = None) -> None:
    """List the checkpoints: architecture, size, training data, measured results."""
    from ser_core.analysis import default_checkpoints
    from ser_core.evaluation.cards import describe, summary
    from ser_core.models.checkpoint import discover

    for checkpoint in discover(checkpoints or default_checkpoints()).values():
        typer.echo(f"{checkpoint.name}: {checkpoint.title}")
        typer.echo(f"  {describe(checkpoint)}")
        for line in summary(checkpoint):
            typer.echo(f"  {line}")


@app.command("app")
@_readable
def run_app(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    headless: Annotated[bool, typer.Option(help="Do not open a browser.")] = False,
    checkpoints: Checkpoints = None,
) -> None:
    """Start the web app and print its address."""
    script = Path(__file__).resolve().parents[1] / "app.py"
    if not script.is_file():
        raise SerError("The app is not here: run `ser app` from a clone installed with `make`.")
    environment = dict(os.environ)
    if checkpoints:
        environment["SER_CHECKPOINTS"] = str(checkpoints.resolve())
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", f"--server.headless={str(headless).lower()}"]
    command += ["--logger.hideWelcomeMessage=true"]  # it advertises; the address is all one needs
    typer.echo(f"The app is at http://localhost:{port} (Ctrl + C ends it).")
    sys.stdout.flush()
    # Streamlit reads .streamlit/config.toml from the folder that it is started in.
    os.chdir(script.parent)
    # In place of this process: whoever ends it ends Streamlit.
    os.execve(sys.executable, command, environment)


@app.command()
@_readable
def train(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name, or a TOML file.")],
    data: Data = Path("../shared/corpora"),
    out: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
    seed: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
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
    checkpoint = run(chosen, data, out, **_trainer(accelerator, devices, nodes, strategy))
    typer.echo(f"{checkpoint.name}: {checkpoint.folder}")


def _trainer(accelerator: str, devices: str, nodes: int, strategy: str) -> dict[str, Any]:
    """Arguments of Lightning's Trainer."""
    return {
        "accelerator": accelerator,
        "devices": int(devices) if devices.isdecimal() else devices,
        "num_nodes": nodes,
        "strategy": strategy,
    }


@app.command()
@_readable
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
    from ser_core.training.gather import is_first_process

    chosen = files.load(name)
    roots = parse_roots(data or [], chosen.protocol)
    wrong = [seed for seed in _names(seeds) or () if not seed.isdecimal()]
    if wrong:
        raise SerError(f"The seed '{wrong[0]}' is no number: give numbers, separated by commas.")
    numbers = [int(seed) for seed in _names(seeds) or ()]
    chosen = chosen.with_seeds(numbers)
    choice = Choice(_names(models), numbers or None, _names(folds))
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
        **_trainer(accelerator, devices, nodes, strategy),
    )
    if is_first_process():
        typer.echo(f"The tables are in {folder}: results.md, results.csv, comparisons.csv.")


@app.command()
@_readable
def evaluate(
    data: Data = Path("../shared/corpora"),
    models: Models = "",
    split: Annotated[str, typer.Option(help="test or dev.")] = "test",
    csv: Annotated[Path | None, typer.Option(help="Also write the long table here.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write test results into configs and cards.")
    ] = False,
    seeds: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of the same models of another seed; their spread is added."),
    ] = None,
    checkpoints: Checkpoints = None,
) -> None:
    """Measure the models: UAR, macro-F1, calibration and CCC, with 95 % intervals."""
    from ser_core.analysis import default_checkpoints
    from ser_core.evaluation.cards import side_by_side, write_cards
    from ser_core.evaluation.report import evaluate_checkpoints
    from ser_core.evaluation.seeds import spread
    from ser_core.models.checkpoint import discover

    if write and split != "test":
        raise SerError("Only test results go into the cards: leave --split out.")
    if write and models:
        raise SerError("The cards hold the results of all models: leave --models out.")
    root = checkpoints or default_checkpoints()
    report = evaluate_checkpoints(discover(root), data, split, _names(models))
    runs = [evaluate_checkpoints(discover(s), data, split, _names(models)) for s in seeds or ()]
    over_seeds = spread([run.results for run in runs]) if runs else None
    typer.echo(side_by_side(report, over_seeds))
    if csv:
        csv.parent.mkdir(parents=True, exist_ok=True)
        report.results.to_csv(csv, index=False)
    if write:
        write_cards(root, report, over_seeds)


@app.command("select")
@_readable
def select_best(
    runs: Annotated[list[Path], typer.Argument(help="Folders of the same models, one a seed.")],
    out: Annotated[Path, typer.Option(help="Folder of checkpoints to write to.")],
) -> None:
    """Of several seeds, copy each model's best on dev into a folder of checkpoints."""
    from ser_core.evaluation.seeds import select

    for checkpoint in select(runs, out).values():
        typer.echo(f"{checkpoint.name}: {checkpoint.folder}")


@app.command()
@_readable
def examples(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("examples"),
) -> None:
    """Make the example clips anew (needs the extra `examples`)."""
    from ser_core.examples import generate

    table = generate(out)
    typer.echo(table[["id", "title", "duration_s"]].to_string(index=False))


@corpora.command("inspect")
@_readable
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


if __name__ == "__main__":
    app()
