"""`ser explain` and `ser explain-background`: why a model says so."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ser_core.cli.console import echo_json
from ser_core.cli.options import CORPORA, Checkpoints, Data, readable
from ser_core.errors import SerError

if TYPE_CHECKING:
    from ser_core.explain.results import Explanation
    from ser_core.explain.shares import Shares

_MOST_WORDS = 12  # of the printed summary; the JSON has all


@readable
def explain(
    clip: Annotated[Path, typer.Argument(help="Recording: WAV, FLAC, Ogg, MP3, M4A, WebM, …")],
    transcript: Annotated[
        str | None, typer.Option(help="The words; without it the recogniser listens.")
    ] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Use the voice alone.")] = False,
    model: Annotated[str, typer.Option(help="Name of one model.")] = "multistage",
    output: Annotated[
        str | None,
        typer.Option(
            help="A category, logit:A, logit:A-B, or a dimension; default the model's decision."
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            help="input-x-gradient, integrated-gradients or occlusion; default the model's first."
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=2, help="Of integrated gradients; default as many as needed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Also write a report of the clip, one self-contained file.")
    ] = None,
    late_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Weight of the words in late fusion.")
    ] = None,
    use_doubted_words: Annotated[
        bool,
        typer.Option("--use-doubted-words", help="Use words that the recogniser itself doubts."),
    ] = False,
    checkpoints: Checkpoints = None,
) -> None:
    """Say what in the voice and which words raised or lowered one output of one model."""
    from ser_core.analysis import Analyzer
    from ser_core.explain.attribution import attribute
    from ser_core.explain.case import make_case
    from ser_core.explain.faithfulness import faithfulness
    from ser_core.explain.results import to_dict
    from ser_core.explain.shares import modality_shares
    from ser_core.inputs.audio import load
    from ser_core.inputs.transcript import Transcript

    if no_text and transcript is not None:
        raise SerError("Give either --transcript or --no-text, not both.")
    case = make_case(
        Analyzer(checkpoints),
        load(clip),
        Transcript.none() if no_text else transcript,
        model,
        output,
        late_weight=late_weight,
        use_doubted_words=use_doubted_words,
    )
    explanation = attribute(case, method, steps)
    shares = modality_shares(case)
    trusted = faithfulness(case, explanation)
    values = to_dict(case.clip, case.transcript, explanation, shares, trusted)
    if html is not None:
        from ser_core.clip_report import make_report
        from ser_core.support.atomic import write_whole

        analysis = case.analyzer.analyze(
            case.clip,
            case.transcript,
            late_weight=late_weight,
            use_doubted_words=use_doubted_words,
        )
        write_whole(html, make_report(clip.name, analysis, case, explanation, shares, trusted))
    if as_json:
        echo_json(json.dumps(values, indent=2, ensure_ascii=False))
        return
    _print(clip.name, explanation, shares)
    typer.echo(f"deletion: {trusted.in_words}")


def _print(name: str, explanation: "Explanation", shares: "Shares") -> None:
    typer.echo(
        f"{name}: {explanation.model}, {explanation.output} = {explanation.value:.3f} "
        f"({explanation.unit}), by {explanation.method}"
    )
    for note in explanation.notes:
        typer.echo(f"note: {note}")
    parts = ", ".join(f"{part} {value:+.3f}" for part, value in shares.to_dict().items())
    typer.echo(f"shares: {parts}")
    over_time = explanation.over_time
    if over_time is not None:
        rate = explanation.frame_rate
        high, low = int(over_time.argmax()) / rate, int(over_time.argmin()) / rate
        typer.echo(
            f"voice: {explanation.voice_total:+.3f} in all; raised most at {high:.2f} s, "
            f"lowered most at {low:.2f} s"
        )
    strongest = sorted(explanation.words, key=lambda word: -abs(word.value))[:_MOST_WORDS]
    if strongest:
        words = ", ".join(f"{word.text} {word.value:+.3f}" for word in strongest)
        typer.echo(f"words, strongest first: {words}")
    if explanation.stages:
        stages = ", ".join(f"{name} {value:+.3f}" for name, value in explanation.stages.items())
        typer.echo(f"stages: {stages}")
    typer.echo(f"gap: {explanation.gap_in_words}")


@readable
def explain_background(
    data: Data = CORPORA,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("checkpoints/background"),
    seed: Annotated[int, typer.Option(help="Of the choice of clips.")] = 0,
) -> None:
    """Make the background voices and sentences that stand in for what is left out."""
    from ser_core.explain.background_making import make_background

    typer.echo(make_background(data, out, seed).to_string(index=False))
