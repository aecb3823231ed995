"""`ser whatif`: every model's answers while one thing about a recording changes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ser_core.cli.console import echo_json
from ser_core.cli.options import Checkpoints, Models, names, readable
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.perturb.sweep import Point


@readable
def whatif(
    clip: Annotated[Path | None, typer.Argument(help="Recording: WAV, FLAC, MP3, …")] = None,
    change: Annotated[str, typer.Option(help="What changes; --list names them.")] = "",
    points: Annotated[
        str, typer.Option(help="Values, separated by commas; default the change's own.")
    ] = "",
    transcript: Annotated[
        str | None, typer.Option(help="The words; without it the recogniser listens, once.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Use the voice alone.")] = False,
    recognise_again: Annotated[
        bool, typer.Option("--recognise-again", help="Recognise the words of every changed sound.")
    ] = False,
    models: Models = "",
    draws: Annotated[int, typer.Option(min=1, help="Of a random change at each value.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the first draw.")] = 0,
    late_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Weight of the words in late fusion.")
    ] = None,
    use_doubted_words: Annotated[
        bool,
        typer.Option("--use-doubted-words", help="Use words that the recogniser itself doubts."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Also write all values here.")] = None,
    list_changes: Annotated[bool, typer.Option("--list", help="List the changes.")] = False,
    checkpoints: Checkpoints = None,
) -> None:
    """Change one thing about a recording, step by step, and predict at every step."""
    from ser_core.perturb.sweep import CHANGES, sweep, to_frame

    if list_changes:
        for known in CHANGES.values():
            values = ", ".join(f"{value:g}" for value in known.points)
            typer.echo(f"{known.name}: {known.help}")
            typer.echo(f"  {values} {known.unit}".rstrip())
        return
    if clip is None:
        raise SerError("Name a recording, or list the changes with --list.")
    if change not in CHANGES:
        raise SerError(f"There is no change '{change}'; there are {', '.join(CHANGES)}.")
    if no_text and transcript is not None:
        raise SerError("Give either --transcript or --no-text, not both.")
    if no_text and recognise_again:
        raise SerError("Give either --recognise-again or --no-text, not both.")

    from ser_core.analysis import Analyzer
    from ser_core.inputs.audio import load
    from ser_core.inputs.transcript import Transcript
    from ser_core.support.atomic import write_whole

    found = list(
        sweep(
            Analyzer(checkpoints),
            load(clip),
            Transcript.none() if no_text else transcript,
            CHANGES[change],
            _values(points),
            names(models),
            draws,
            seed=seed,
            late_weight=late_weight,
            use_doubted_words=use_doubted_words,
            recognise_again=recognise_again,
        )
    )
    if csv:
        write_whole(csv, to_frame(found).to_csv(index=False, lineterminator="\n"))
    if as_json:
        _print_json(found)
    else:
        _print_table(found)


def _values(points: str) -> list[float] | None:
    try:
        return [float(value) for value in names(points) or ()] or None
    except ValueError as error:
        raise SerError(f"'{points}' are no numbers: separate them by commas.") from error


def _print_table(points: "list[Point]") -> None:
    import pandas as pd

    from ser_core.perturb.flips import flips

    rows, models = [], list(points[0].predictions)
    for point in sorted(points, key=lambda p: (p.value, p.draw)):
        value = "unchanged" if point.unchanged else f"{point.value:g} {point.unit}".rstrip()
        if point.problem:
            rows.append({"value": value, "draw": point.draw})
            continue
        answers = {m: _say(point, m) for m in models}
        rows.append({"value": value, "draw": point.draw, **answers})
    table = pd.DataFrame(rows, columns=["value", "draw", *models])
    if not table["draw"].any():
        table = table.drop(columns="draw")
    typer.echo(table.to_string(index=False, na_rep="–"))
    for flip in (flip for model in models for flip in flips(points, model)):
        typer.echo(f"flip: {flip}")
    _print_notes(points)


def _say(point: "Point", model: str) -> str:
    prediction = point.predictions.get(model)
    if prediction is None:
        return "–"
    if prediction.decision is None:
        return " ".join(f"{name[0]} {value:.2f}" for name, value in prediction.dimensions.items())
    return f"{prediction.decision} {prediction.probabilities[prediction.decision]:.2f}"


def _print_notes(points: "list[Point]") -> None:
    """What went wrong, and what was noted of the clip and its words, each once."""
    for problem in dict.fromkeys(point.problem for point in points if point.problem):
        typer.echo(f"note: {problem}")
    said = [note for p in points if p.analysis for note in p.analysis.notes]
    for note in dict.fromkeys(note for note in said if not note.startswith("Changed: ")):
        typer.echo(f"note: {note}")
    first = points[0].analysis
    for name, reason in (first.skipped if first else {}).items():
        typer.echo(f"{name}: {reason}")


def _print_json(points: "list[Point]") -> None:
    import json

    from ser_core.perturb.flips import flips

    first = points[0].analysis
    assert first is not None  # the unchanged clip has no problem
    found = {
        "change": points[0].change,
        "unit": points[0].unit,
        "base": first.to_dict(),
        "points": [point.to_dict() for point in points],
        "flips": [flip.to_dict() for model in first.predictions for flip in flips(points, model)],
    }
    echo_json(json.dumps(found, indent=2, ensure_ascii=False))
