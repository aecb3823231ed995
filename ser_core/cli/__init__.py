"""The command line: `ser`. One file holds a family of commands."""

from importlib.metadata import version
from typing import Annotated

import typer

from ser_core.cli.behave import behave, findings
from ser_core.cli.console import Commands
from ser_core.cli.corpora import examples, inspect_corpus
from ser_core.cli.explain import explain, explain_background
from ser_core.cli.map import make_map
from ser_core.cli.models import choose_late, evaluate, measure_familiarity, models, select_best
from ser_core.cli.predict import PredictCommand, predict
from ser_core.cli.serve import run_app
from ser_core.cli.stages import make_stages
from ser_core.cli.train import experiment, pack, train
from ser_core.cli.whatif import whatif

# What imports torch is imported inside commands: `ser --help` must answer at once.

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ser {version('ser')}")
        raise typer.Exit()


@app.callback()
def main(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Speech emotion recognition by words, by voice, and by fusing both."""


app.command("predict", cls=PredictCommand)(predict)
app.command("whatif")(whatif)
app.command("models")(models)
app.command("app")(run_app)
app.command("train")(train)
app.command("pack")(pack)
app.command("experiment")(experiment)
app.command("evaluate")(evaluate)
app.command("select")(select_best)
app.command("choose-late")(choose_late)
app.command("familiarity")(measure_familiarity)
app.command("examples")(examples)
app.command("map")(make_map)
app.command("behave")(behave)
app.command("findings")(findings)
app.command("stages")(make_stages)
app.command("explain")(explain)
app.command("explain-background")(explain_background)

corpora = typer.Typer(help="Look into corpora.", no_args_is_help=True)
corpora.command("inspect")(inspect_corpus)
app.add_typer(corpora, name="corpora")
