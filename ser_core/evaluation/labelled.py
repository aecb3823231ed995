"""Predictions of a labelled corpus of the user's own, clip by clip by the Analyzer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from ser_core.errors import AudioError, CorpusError
from ser_core.evaluation.answers import Answer, as_set
from ser_core.evaluation.predictions import Predictions, join
from ser_core.evaluation.relative import obstacle, predict_relative, too_few
from ser_core.evaluation.speaker_voices import SpeakerVoices
from ser_core.inputs.transcript import Transcript
from ser_core.models.registry import knowing_speakers
from ser_core.training.recordings import load_recording, recordings

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.corpora.table import Corpus
    from ser_core.inputs.audio import Clip

WORDS = ("own", "none", "recognised")
_WORDS_NAMES = {"own": "own words", "none": "no text", "recognised": "recognised words"}
_SHOWN = 3  # files named in a note


def predict_corpus(
    analyzer: "Analyzer",
    corpus: "Corpus",
    words: str = "own",
    models: Sequence[str] | None = None,
    progress: Callable[[float], None] | None = None,
    load: Callable[[Any], "Clip"] = load_recording,
    *,
    most: int | None = None,
    relative: bool = False,
) -> Predictions:
    """Every model on every clip that can be read; notes name those that cannot.

    Args:
        corpus: with sound, as `ser_core.corpora.recognise.read` gives it.
        words: what the models read: the corpus' own transcripts (recognised ones for clips
            without), none, or what the recogniser hears.
        models: names; default all.
        progress: is told the share of the clips that is done, after each.
        load: reads a recording (a path, or a part of one); raises AudioError where it cannot.
        most: take so many of the clips, drawn at random, the same ones every time.
        relative: add a second set, "…, reference", of the models that know speakers: each clip
            heard relative to `speaker_voices.CLIPS` other clips of its speaker, which may be any of
            the corpus. Where that cannot be, a note says why.

    Raises:
        CorpusError: it has no clip that can be read.
    """
    table = corpus.table[corpus.table["path"] != ""].reset_index(drop=True)
    if not len(table):
        raise CorpusError(f"{corpus.name} has no recordings: name a folder with sound.")
    tell = progress or (lambda _: None)
    chosen = list(models or analyzer.models)
    knowing = knowing_speakers(analyzer.models, chosen)
    hindered = obstacle(table, knowing) if relative else ""
    voices = SpeakerVoices(analyzer, table, load) if relative and not hindered else None

    drawn = table if most is None or len(table) <= most else table.sample(most, random_state=0)
    numbers, sounds = sorted(map(int, drawn.index)), recordings(table)
    answers: list[Answer] = []
    broken: dict[str, list[str]] = {}
    for done, number in enumerate(numbers):
        tell(done / len(numbers) * (0.5 if voices else 1))
        try:
            clip = load(sounds[number])
        except AudioError as error:
            broken.setdefault(str(error), []).append(table["id"][number])
            continue
        given = _transcript(words, table["transcript"][number])
        answers.append(Answer.of(number, analyzer.analyze(clip, given, models)))
        if voices:
            voices.hear(number, clip)
    if not answers:
        reason = next(iter(broken))
        raise CorpusError(f"No clip of {corpus.name} can be read; the first: {reason}")

    name = f"{corpus.name}, {_WORDS_NAMES[words]}"
    found = replace(
        as_set(name, table, answers, analyzer, chosen), notes=tuple(_notes(corpus, broken))
    )
    if voices:
        again = predict_relative(
            name, answers, voices, knowing, lambda share: tell(0.5 + share / 2)
        )
        if again is not None:
            return join([found, again])
        hindered = too_few()
    return replace(found, notes=(*found.notes, hindered)) if hindered else found


def _transcript(words: str, own: str) -> Transcript | str | None:
    if words == "none":
        return Transcript.none()
    return (own or None) if words == "own" else None


def _notes(corpus: "Corpus", broken: dict[str, list[str]]) -> Iterator[str]:
    """Sentences on what was left out, of the corpus and of its recordings."""
    for reason, ids in broken.items():
        shown = ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")
        clips = "1 clip is" if len(ids) == 1 else f"{len(ids)} clips are"
        yield f"{clips} left out ({shown}): {reason}"
    if corpus.skipped:
        reasons = pd.Series([one.reason for one in corpus.skipped]).value_counts()
        counted = "; ".join(f"{n} × {reason}" for reason, n in reasons.items())
        yield f"The corpus lacks: {counted}."
    yield from corpus.notes
