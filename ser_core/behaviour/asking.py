"""Models asked about many texts in one voice: every output, in batches that take their turns."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.explain.background import background_of
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.sounds import Sound
from ser_core.explain.values import rows_at_once, word_inputs
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.registry import parents


def ask_all(
    analyzer: Analyzer,
    checkpoints: Sequence[Checkpoint],
    voices: int,
    texts: Sequence[str],
    progress: Progress | None = None,
) -> tuple[dict[str, Scores], tuple[str, ...]]:
    """What each model says of every text in each of the first background voices.

    Args:
        checkpoints: which models. A voice means nothing to one that only reads.
        voices: how many; they differ in speaker and mood, four in a row are one of each category.
        progress: told of the share that is done; what it raises ends the work.

    Returns:
        Scores [V, N, K] by model, and sentences on models that can't be asked.

    Raises:
        SerError: there is no background, or the text encoder is missing or another one.
    """
    sounds = background_of(checkpoints[0]).voices()[:voices]
    # A pass through a network that hears takes far longer than one through one that reads.
    passes = len(sounds) * sum(len(texts) for one in checkpoints if _long(one))
    steps = Steps(progress, passes)
    found: dict[str, Scores] = {}
    notes: list[str] = []
    for checkpoint in checkpoints:
        said = []
        try:
            for sound in sounds:
                parts = []
                for part in ask(analyzer, checkpoint, sound, texts):
                    steps.advance(len(part.dimensions) if _long(checkpoint) else 0)
                    parts.append(part)
                said.append(Scores.join(parts))
        except SerError as error:
            if checkpoint.uses_text and not checkpoint.uses_voice:
                raise
            notes.append(f"{checkpoint.name} is left out: {error}")
            continue
        found[checkpoint.name] = Scores(
            np.stack([of.probabilities for of in said]), np.stack([of.dimensions for of in said])
        )
    return found, tuple(notes)


def _long(checkpoint: Checkpoint) -> bool:
    """Whether each text costs a pass through a network that hears."""
    return checkpoint.model.architecture == "fusion"


def ask(
    analyzer: Analyzer, checkpoint: Checkpoint, sound: Sound, texts: Sequence[str]
) -> Iterator[Scores]:
    """What a model says of each text in this voice, batch by batch.

    A model of the voice alone says the same of all texts, and is asked once.

    Raises:
        EncoderError, SerError: see `explain.values.word_inputs` and `explain.background`.
    """
    if checkpoint.model.architecture == "late":
        yield from _ask_late(analyzer, checkpoint, sound, texts)
        return
    heard = dict(sound(checkpoint)) if checkpoint.uses_voice else {}
    if not checkpoint.uses_text:
        said = _forward(analyzer, checkpoint, [heard])
        yield Scores(
            *(head.repeat(len(texts), axis=0) for head in (said.probabilities, said.dimensions))
        )
        return
    at_once = rows_at_once(len(heard["log_mel"]) if "log_mel" in heard else 1)
    for start in range(0, len(texts), at_once):
        rows = [
            {**heard, **word_inputs(analyzer, checkpoint, text)}
            for text in texts[start : start + at_once]
        ]
        yield _forward(analyzer, checkpoint, rows)


def _ask_late(
    analyzer: Analyzer, checkpoint: Checkpoint, sound: Sound, texts: Sequence[str]
) -> Iterator[Scores]:
    text, audio = parents(analyzer.models, checkpoint)
    read = Scores.join(list(ask(analyzer, text, sound, texts)))
    heard = Scores.join(list(ask(analyzer, audio, sound, texts)))
    rule = checkpoint.model.late_rule()
    yield Scores(
        rule.posteriors(read.probabilities, heard.probabilities),
        rule.scores(read.dimensions, heard.dimensions),
    )


def _forward(
    analyzer: Analyzer, checkpoint: Checkpoint, rows: Sequence[Mapping[str, torch.Tensor]]
) -> Scores:
    inputs = {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
    output = analyzer.forward(checkpoint, inputs)
    return Scores(
        checkpoint.probabilities(output.logits).numpy(), output.dimensions.double().numpy()
    )
