"""`ser predict`: what every model says of a recording."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ser_core.cli.options import Checkpoints, Models, names, readable
from ser_core.errors import SerError
from ser_core.inputs.formats import IN_WORDS
from ser_core.inputs.paths import require_file

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.inputs.reference import SpeakerReference


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
    """Predict the emotion of one recording with every model."""
    require_file(clip)  # before the imports that take seconds
    from ser_core.analysis import Analyzer
    from ser_core.inputs.transcript import Transcript
    from ser_core.models.registry import knows_speakers

    if no_text and transcript is not None:
        raise SerError("Give either --transcript or --no-text, not both.")
    analyzer = Analyzer(checkpoints)
    analysis = analyzer.analyze_file(
        clip,
        transcript=Transcript.none() if no_text else transcript,
        models=names(models),
        late_weight=late_weight,
        use_doubted_words=use_doubted_words,
        speaker=None if speaker_clips is None else _reference(analyzer, clip, speaker_clips),
    )
    if as_json:
        typer.echo(analysis.to_json())
        return
    words = analysis.transcript
    typer.echo(f"{clip.name}: {analysis.clip.duration_s:.2f} s")
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
    for name, reason in analysis.skipped.items():
        typer.echo(f"{name}: {reason}")


def _reference(analyzer: "Analyzer", clip: Path, folder: Path) -> "SpeakerReference":
    """What is typical of the speaker of the recordings in a folder; without the clip itself.

    Raises:
        SerError: no other recordings are there.
    """
    from ser_core.corpora.files import find_media
    from ser_core.inputs.audio import load

    if not folder.is_dir():
        raise SerError(f"{folder} is no folder: give one with recordings of the speaker.")
    others = [path for path in find_media(folder).files.values() if not path.samefile(clip)]
    if not others:
        raise SerError(f"{folder} holds no other recordings: give ten or more of the speaker.")
    return analyzer.reference([load(path) for path in others])
