"""`ser predict`: what every model says of a recording."""

from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import Checkpoints, Models, names, readable
from ser_core.errors import SerError
from ser_core.inputs.formats import IN_WORDS
from ser_core.inputs.paths import require_file


@readable
def predict(
    clip: Annotated[Path, typer.Argument(help=f"Recording: {IN_WORDS}.")],
    transcript: Annotated[
        str | None, typer.Option(help="The words; without it the recogniser listens.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Use the voice alone.")] = False,
    models: Models = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    late_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Weight of the words in late fusion.")
    ] = None,
    use_doubted_words: Annotated[
        bool,
        typer.Option("--use-doubted-words", help="Use words that the recogniser itself doubts."),
    ] = False,
    checkpoints: Checkpoints = None,
) -> None:
    """Predict the emotion of one recording with every model."""
    require_file(clip)  # before the imports that take seconds
    from ser_core.analysis import Analyzer
    from ser_core.inputs.transcript import Transcript

    if no_text and transcript is not None:
        raise SerError("Give either --transcript or --no-text, not both.")
    analysis = Analyzer(checkpoints).analyze_file(
        clip,
        transcript=Transcript.none() if no_text else transcript,
        models=names(models),
        late_weight=late_weight,
        use_doubted_words=use_doubted_words,
    )
    if as_json:
        typer.echo(analysis.to_json())
        return
    words = analysis.transcript
    typer.echo(f"{clip.name}: {analysis.clip.duration_s:.2f} s")
    typer.echo(f"transcript ({words.source}): {words.text or '–'}")
    for note in analysis.notes:
        typer.echo(f"note: {note}")
    table = analysis.to_frame()
    if len(table):
        typer.echo(table.to_string(index=False, float_format=lambda x: f"{x:.2f}"))
    for name, reason in analysis.skipped.items():
        typer.echo(f"{name}: {reason}")
