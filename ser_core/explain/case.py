"""The case to be explained: one output of one model for one clip and its words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.outputs import OutputChoice, choices, parse
from ser_core.explain.words import Times, recognised_times, word_spans
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.registry import choose, parents
from ser_core.results import notes_of


@dataclass(frozen=True, eq=False)
class Case:
    """One output of one model for one clip and its words.

    Attributes:
        checkpoint: the model.
        clip: the sound.
        transcript: the words, whether they are used or not.
        words: what the model reads; None where it reads nothing, or nothing is to be used.
        choice: the output.
        times: of each word of `words`.
        late_weight: of the words in late fusion; None as the checkpoint has it.
    """

    analyzer: Analyzer
    checkpoint: Checkpoint
    clip: Clip
    transcript: Transcript
    words: str | None
    choice: OutputChoice
    times: Times
    late_weight: float | None

    @property
    def is_late(self) -> bool:
        """Whether the model has no network of its own."""
        return self.checkpoint.model.architecture == "late"

    @property
    def listener(self) -> Checkpoint:
        """The model that hears the voice: for late fusion its audio model."""
        return self.parents[1].checkpoint if self.is_late else self.checkpoint

    @property
    def parents(self) -> tuple["Case", "Case"]:
        """The cases of late fusion's text and audio models."""
        text, audio = parents(self.analyzer.models, self.checkpoint)
        return (
            replace(self, checkpoint=text),
            replace(self, checkpoint=audio, words=None, times=()),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was doubted or not used, one sentence each."""
        used = self.words is not None or not self.checkpoint.uses_text
        return notes_of(self.clip, self.transcript, used)


def make_case(
    analyzer: Analyzer,
    clip: Clip,
    transcript: Transcript | str | None,
    model: str,
    output: str | OutputChoice | None = None,
    *,
    late_weight: float | None = None,
    use_doubted_words: bool = False,
    times: Sequence[tuple[float, float] | None] | None = None,
) -> Case:
    """Choose what to explain.

    Args:
        transcript: as `Analyzer.analyze` takes it.
        model: name of a checkpoint.
        output: name (see `outputs.parse`) or choice; None takes the model's decision, or its
            first dimension where it has no categories.
        times: (start, end) in seconds of each word that blanks separate; default those of the
            recogniser, as far as it heard these words.

    Raises:
        CheckpointError: an unknown model.
        SerError: an output that the model does not have, words missing for a model that reads
            nothing else, or a weight outside [0, 1].
    """
    (checkpoint,) = choose(analyzer.models, [model])
    if transcript is None:
        transcript = analyzer.transcribe_or_none(clip)
    elif isinstance(transcript, str):
        transcript = Transcript.typed(transcript)
    words = transcript.text if transcript.usable(use_doubted_words) else None
    if words is None and checkpoint.needs_text:
        raise SerError(
            f"'{model}' reads only the words, and they are doubtful: correct or accept them."
            if transcript.has_text
            else f"'{model}' reads only the words, and there are none: type some."
        )
    words = words if checkpoint.uses_text else None
    known = recognised_times(transcript) if times is None else times
    if words is not None and len(known) != len(word_spans(words)):
        raise SerError("Give one time for each word of the transcript.")
    if late_weight is not None and not 0 <= late_weight <= 1:
        raise SerError("The weight of the text in late fusion lies between 0 and 1.")
    case = Case(
        analyzer=analyzer,
        checkpoint=checkpoint,
        clip=clip,
        transcript=transcript,
        words=words,
        choice=choices(analyzer.models, checkpoint)[0],
        times=() if words is None else tuple(known),
        late_weight=late_weight,
    )
    if isinstance(output, OutputChoice):
        output = output.name
    return replace(case, choice=_decided(case) if output is None else _parse(case, output))


def _parse(case: Case, output: str) -> OutputChoice:
    return parse(output, case.analyzer.models, case.checkpoint)


def _decided(case: Case) -> OutputChoice:
    name = case.checkpoint.name
    transcript = Transcript.none() if case.words is None else Transcript.typed(case.words)
    analysis = case.analyzer.analyze(
        case.clip, transcript, models=[name], late_weight=case.late_weight
    )
    decision = analysis.predictions[name].decision
    return case.choice if decision is None else _parse(case, decision)
