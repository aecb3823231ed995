"""Clips of a labelled corpus once more, each heard relative to other clips of its speaker."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from ser_core.errors import AudioError
from ser_core.evaluation.answers import Answer, as_set
from ser_core.evaluation.predictions import Predictions
from ser_core.evaluation.speaker_voices import CLIPS, SpeakerVoices
from ser_core.inputs.reference import MIN_CLIPS


def obstacle(table: pd.DataFrame, models: Sequence[str]) -> str:
    """Why no clip of a corpus can be heard so, one sentence; "" where nothing is known to hinder.

    Args:
        table: of the corpus. models: that know speakers.
    """
    if not models:
        return "Nothing is heard relative to a speaker: none of the models knows speakers."
    named = table.loc[table["speaker"] != "", "speaker"]
    if not len(named):
        return (
            "Nothing is heard relative to a speaker: no clip names one. Add a column “speaker” to "
            "the table."
        )
    if named.value_counts().max() <= MIN_CLIPS:
        return too_few()
    return ""


def predict_relative(
    name: str,
    before: Sequence[Answer],
    voices: SpeakerVoices,
    models: Sequence[str],
    progress: Callable[[float], None],
) -> Predictions | None:
    """The set "NAME, reference" of clips that were asked about without one, with the same words.

    Clips of which fewer than `MIN_CLIPS` others of the speaker can be read are left out; notes tell
    how many.

    Args:
        name: of the set without a reference. before: its answers.
        voices: that heard these clips; further ones that are needed are heard now.
        models: that know speakers.
        progress: is told the share that is done.

    Returns:
        None where no clip is left.
    """
    voices.hear_more([answer.number for answer in before], lambda share: progress(share / 2))
    answers = []
    for done, answer in enumerate(before):
        progress(0.5 + done / len(before) / 2)
        speaker = voices.reference(answer.number, answer.digest)
        if speaker is None:
            continue
        try:
            clip = voices.load(answer.number)
        except AudioError:  # it could be read a while ago
            continue
        said = voices.analyzer.analyze(clip, answer.transcript, models, speaker=speaker)
        answers.append(Answer.of(answer.number, said))
    if not answers:
        return None
    name = f"{name}, reference"
    found = as_set(name, voices.table, answers, voices.analyzer, models)
    return replace(found, notes=_notes(name, len(before) - len(answers)))


def too_few() -> str:
    """Why there is no such set where speakers are named."""
    return (
        "Nothing is heard relative to a speaker: that takes more than "
        f"{MIN_CLIPS} clips of one that can be read."
    )


def _notes(name: str, lost: int) -> tuple[str, ...]:
    left_out = "1 clip is" if lost == 1 else f"{lost:,} clips are"
    how = (
        f"“{name}”: each clip is heard relative to {CLIPS} other clips of its speaker, by the "
        "models that know speakers."
    )
    why = f"fewer than {MIN_CLIPS} others of their speakers are known and can be read."
    return (how, f"{left_out} left out there: {why}") if lost else (how,)
