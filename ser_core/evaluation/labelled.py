"""Predictions of a labelled corpus of the user's own, clip by clip by the Analyzer."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ser_core.errors import AudioError, CorpusError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions, make_rows
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.training.recordings import load_recording, recordings

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer, Prediction
    from ser_core.corpora.table import Corpus
    from ser_core.inputs.audio import Clip

WORDS = ("own", "none", "recognised")
_SHOWN = 3  # files named in a note


def predict_corpus(
    analyzer: "Analyzer",
    corpus: "Corpus",
    words: str = "own",
    models: Sequence[str] | None = None,
    progress: Callable[[float], None] | None = None,
    load: Callable[[Any], "Clip"] = load_recording,
) -> Predictions:
    """Every model on every clip that can be read; notes name those that cannot.

    Args:
        corpus: with sound, as `ser_core.corpora.recognise.read` gives it.
        words: what the models read: the corpus' own transcripts (recognised ones for clips
            without), none, or what the recogniser hears.
        models: names; default all.
        progress: is told the share of the clips that is done, after each.
        load: reads a recording (a path, or a part of one); raises AudioError where it cannot.

    Raises:
        CorpusError: it has no clip that can be read.
    """
    table = corpus.table[corpus.table["path"] != ""].reset_index(drop=True)
    if not len(table):
        raise CorpusError(f"{corpus.name} has no recordings: name a folder with sound.")
    chosen = list(models or analyzer.models)
    kept: list[int] = []
    said: list[dict[str, Prediction]] = []
    heard: list[str] = []
    broken: dict[str, list[str]] = {}
    for number, (row, recording) in enumerate(
        zip(table.itertuples(), recordings(table), strict=True)
    ):
        if progress is not None:
            progress(number / len(table))
        try:
            clip = load(recording)
        except AudioError as error:
            broken.setdefault(str(error), []).append(str(row.id))
            continue
        analysis = analyzer.analyze(clip, _transcript(words, str(row.transcript)), models)
        kept.append(number)
        said.append(analysis.predictions)
        heard.append(analysis.transcript.text if analysis.used_words else "")
    if not kept:
        reason = next(iter(broken))
        raise CorpusError(f"No clip of {corpus.name} can be read; the first: {reason}")
    rows = table.iloc[kept].reset_index(drop=True)
    rows = rows.drop(columns=["transcript"]).assign(
        set=f"{corpus.name}, {_WORDS_NAMES[words]}", clip=rows["id"], words=heard
    )
    references = frozenset(n for n in chosen if analyzer.models[n].reference)
    scores = {name: as_scores(name, said) for name in chosen}
    asked = {n: s for n, s in scores.items() if s.probabilities.shape[1] or s.dimensions.shape[1]}
    return Predictions(make_rows(rows), asked, references, tuple(_notes(corpus, broken)))


_WORDS_NAMES = {"own": "own words", "none": "no text", "recognised": "recognised words"}


def _transcript(words: str, own: str) -> Transcript | str | None:
    if words == "none":
        return Transcript.none()
    return (own or None) if words == "own" else None


def as_scores(model: str, said: "Sequence[dict[str, Prediction]]") -> Scores:
    """Of all clips; NaN where this model has no answer, a head that never answers left out."""
    heads = []
    for outputs, kind in ((CATEGORIES, "probabilities"), (DIMENSIONS, "dimensions")):
        values = np.full((len(said), len(outputs)), np.nan)
        for number, predictions in enumerate(said):
            if model in predictions and (found := getattr(predictions[model], kind)):
                values[number] = [found.get(name, np.nan) for name in outputs]
        heads.append(values if np.isfinite(values).any() else np.zeros((len(said), 0)))
    return Scores(*heads)


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
