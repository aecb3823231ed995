"""`ser behave` and `ser findings`: whom the models follow, and which tests they pass."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ser_core.cli.options import Checkpoints, Unit, names, readable
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.evaluation.predictions import Predictions


@readable
def behave(
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="SER_DATA",
            help="Folder of the demonstration corpora, or a labelled corpus; without it nothing "
            "is heard.",
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Predictions of `ser evaluate`; default those beside the checkpoints."),
    ] = None,
    clips: Annotated[int, typer.Option(min=1, help="Clips whose sound is disturbed.")] = 60,
    out: Annotated[Path | None, typer.Option(help="Write a report, one HTML file.")] = None,
    parquet: Annotated[Path | None, typer.Option(help="Write all figures as a table.")] = None,
    parts: Annotated[
        str, typer.Option(help="Of follow, words, templates, acts, battery; default all.")
    ] = "",
    by: Annotated[
        str, typer.Option(help="Also compare groups by this column, whatever it is.")
    ] = "",
    unit: Annotated[Unit, typer.Option(help="What intervals are over.")] = Unit.SPEAKERS,
    checkpoints: Checkpoints = None,
) -> None:
    """Say whom the models follow, what words do to them, and which public tests they pass."""
    from tqdm.auto import tqdm

    from ser_core.analysis import Analyzer
    from ser_core.behaviour.battery.clips import is_demonstration, test_clips
    from ser_core.behaviour.finding import PARTS
    from ser_core.behaviour.findings_file import write
    from ser_core.behaviour.report import write_report
    from ser_core.behaviour.run import run
    from ser_core.behaviour.word_changes import constructed_pairs

    chosen = names(parts) or list(PARTS)
    if unknown := sorted(set(chosen) - set(PARTS)):
        raise SerError(f"There is no part {unknown[0]}: choose of {', '.join(PARTS)}.")
    analyzer = Analyzer(checkpoints)
    corpus = test_clips(data) if data else None
    worded = constructed_pairs(data) if data and is_demonstration(data) else None
    table = _predictions(analyzer, predictions, data)
    found = []
    with tqdm(total=1000, bar_format="{l_bar}{bar}| {elapsed}<{remaining}") as bar:

        def show(done: float) -> None:
            bar.update(round(1000 * done) - bar.n)

        for finding in run(
            analyzer,
            predictions=table,
            corpus=corpus,
            worded=worded,
            parts=chosen,
            disturbed=clips,
            by=by,
            unit=unit,
            progress=show,
        ):
            found.append(finding)
            tqdm.write(f"{finding.question}\n  {finding.shows}")
        show(1.0)
    if parquet:
        write(found, parquet, {name: one.digest for name, one in analyzer.models.items()})
    if out:
        write_report(out, found, analyzer.models)
    for file in filter(None, (out, parquet)):
        typer.echo(f"{len(found)} findings in {file}")


def _predictions(
    analyzer: "Analyzer", file: Path | None, data: Path | None
) -> "Predictions | None":
    """The table that is named; else, unless a corpus is to be predicted, that of the test sets."""
    from ser_core.behaviour.battery.clips import is_demonstration
    from ser_core.behaviour.shipped import predictions_of
    from ser_core.evaluation.collect import predict_checkpoints
    from ser_core.evaluation.prediction_table import read

    if file is not None:
        return read(file)
    if data is not None and not is_demonstration(data):
        return None
    found = predictions_of(analyzer.models)
    if found is None and data is not None:
        typer.echo("Predicting the test sets…", err=True)
        return predict_checkpoints(analyzer.models, data, "test")
    return found


@readable
def findings(
    out: Annotated[Path, typer.Option(help="Markdown file to write.")] = Path("docs/findings.md"),
    checkpoints: Checkpoints = None,
) -> None:
    """Write what `ser behave` and `ser map` found of the checkpoints as one readable text."""
    from ser_core.analysis import default_checkpoints
    from ser_core.behaviour.document import document
    from ser_core.behaviour.shipped import reference_folder
    from ser_core.models.registry import discover
    from ser_core.support.atomic import write_whole

    models = discover(checkpoints or default_checkpoints())
    folder = reference_folder(models)
    if folder is None:
        raise SerError("There is no folder reference beside the checkpoints: see `ser map`.")
    write_whole(out, document(folder, models))
    typer.echo(f"{out}")
