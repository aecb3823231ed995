"""`ser predict`: what every model says of recordings."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from typer.core import TyperCommand

from ser_core.cli.console import echo_json
from ser_core.cli.options import Checkpoints, Models, names, readable
from ser_core.cli.recordings import expand, require_any, speaker_references
from ser_core.errors import AudioError, SerError
from ser_core.inputs.formats import IN_WORDS

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer
    from ser_core.cli.predictions import Writer

STDOUT = "-"
Analyze = Callable[[Path], "Analysis"]


class PredictCommand(TyperCommand):
    """`--csv` without a name of a table behind it means standard output."""

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]
        """See `TyperCommand.parse_args`."""
        named = (*args[1:], "")
        for place in reversed([place for place, word in enumerate(args) if word == "--csv"]):
            if named[place] != STDOUT and not named[place].lower().endswith(".csv"):
                args = [*args[: place + 1], STDOUT, *args[place + 1 :]]
        return super().parse_args(ctx, args)


@readable
def predict(
    clips: Annotated[
        list[Path],
        typer.Argument(help=f"Recordings, or folders of them: {IN_WORDS}.", metavar="CLIP..."),
    ],
    transcript: Annotated[
        str | None, typer.Option(help="The words; without it the recogniser listens.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Use the voice alone.")] = False,
    translate: Annotated[
        bool,
        typer.Option(
            "--translate", help="Read the recogniser's English translation of other languages."
        ),
    ] = False,
    models: Models = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; of several recordings one a line.")
    ] = False,
    csv: Annotated[
        str | None,
        typer.Option(metavar="[FILE.csv]", help="Write CSV; without a name, or to '-', print it."),
    ] = None,
    late_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Weight of the words in late fusion.")
    ] = None,
    use_doubted_words: Annotated[
        bool,
        typer.Option("--use-doubted-words", help="Use words that the recogniser itself doubts."),
    ] = False,
    speaker_clips: Annotated[
        Path | None,
        typer.Option(
            "--speaker-clips",
            help="Folder of other recordings of the same speaker, ten or more: the voice is heard "
            "relative to them, by the models that know speakers.",
        ),
    ] = None,
    checkpoints: Checkpoints = None,
) -> None:
    """Predict the emotion of recordings with every model.

    A recording that cannot be used does not end the others: the reason stands in its place, and
    the exit code is 1.
    """
    require_any(clips)
    if no_text and transcript is not None:
        raise SerError("Give either --transcript or --no-text, not both.")
    if translate and (no_text or transcript is not None):
        raise SerError("--translate is of recognised words: leave --transcript and --no-text out.")
    if as_json and csv:
        raise SerError("Give either --json or --csv, not both.")
    files, passed_over = expand(clips)
    single = len(clips) == 1 and files == clips
    if transcript is not None and not single:
        raise SerError("--transcript is of one recording: leave it out, or give one.")
    from ser_core.analysis import Analyzer
    from ser_core.inputs.audio import load
    from ser_core.inputs.transcript import Transcript
    from ser_core.models.registry import choose

    analyzer = Analyzer(checkpoints)
    chosen = [one.name for one in choose(analyzer.models, names(models))]
    reference = None if speaker_clips is None else speaker_references(analyzer, speaker_clips)

    def analyze(clip: Path) -> "Analysis":
        sound = load(clip)
        words: Transcript | str | None = Transcript.none() if no_text else transcript
        return analyzer.analyze(
            sound,
            transcript=analyzer.translate(sound) if translate else words,
            models=chosen,
            late_weight=late_weight,
            use_doubted_words=use_doubted_words,
            speaker=reference and reference(clip),
        )

    for note in passed_over:
        typer.echo(f"ser: {note}", err=True)
    if single and not csv:
        analysis = analyze(files[0])
        if as_json:
            echo_json(analysis.to_json())
        else:
            _print_one(analysis, files[0].name, analyzer)
        return
    with _writer(files, chosen, as_json, csv) as writer:
        failed = sum(not _analyzed(file, analyze, writer) for file in files)
    if failed:
        typer.echo(
            f"ser: {failed} of {len(files)} recordings could not be used: see the lines of each.",
            err=True,
        )
        raise typer.Exit(1)


def _analyzed(file: Path, analyze: Analyze, writer: "Writer") -> bool:
    """Write what the models say of a recording, or why it cannot be used; whether it can."""
    try:
        analysis = analyze(file)
    except AudioError as error:
        writer.fail(file, str(error))
        return False
    writer.write(file, analysis)
    return True


@contextmanager
def _writer(
    files: list[Path], models: list[str], as_json: bool, csv: str | None
) -> Iterator["Writer"]:
    """What takes the predictions; a table where nothing else is asked for.

    Raises:
        SerError: the CSV file has another suffix, or cannot be written.
    """
    from ser_core.cli.predictions import Csv, JsonLines, Table

    if csv is None:
        yield JsonLines() if as_json else Table(files, models)
    elif csv == STDOUT:
        sys.stdout.flush()
        yield Csv(sys.stdout.buffer)
    elif not csv.lower().endswith(".csv"):
        raise SerError(f"--csv {csv}: give the table a name that ends in .csv.")
    else:
        with _opened(Path(csv)) as out:
            yield Csv(out)


def _opened(file: Path) -> BinaryIO:
    """A file to write rows to as they come, so that an interrupted run keeps its own."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("wb")
    except OSError as error:
        raise SerError(
            f"{file} cannot be written ({error.strerror}): name another file."
        ) from error


def _print_one(analysis: "Analysis", name: str, analyzer: "Analyzer") -> None:
    """One recording, at length."""
    from ser_core.models.registry import knows_speakers

    words = analysis.transcript
    typer.echo(f"{name}: {analysis.clip.duration_s:.2f} s")
    typer.echo(f"transcript ({words.source}): {words.text or '–'}")
    if analysis.speaker:
        known = analyzer.models
        knowing = [n for n in analysis.predictions if knows_speakers(known, known[n])]
        typer.echo(
            f"heard relative to {analysis.speaker.clips} other clips of the speaker by: "
            f"{', '.join(knowing) or 'no model'}"
        )
    for note in analysis.notes:
        typer.echo(f"note: {note}")
    table = analysis.to_frame()
    if len(table):
        typer.echo(table.to_string(index=False, float_format=lambda x: f"{x:.2f}"))
    for model, reason in analysis.skipped.items():
        typer.echo(f"{model}: {reason}")
