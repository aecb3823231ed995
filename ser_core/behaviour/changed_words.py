"""What models say of clips as their words are removed, exchanged and corrupted; the sound stays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ser_core.analysis import Analyzer
from ser_core.corpora.table import Corpus
from ser_core.errors import AudioError, CorpusError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import make_rows
from ser_core.explain.progress import Progress
from ser_core.inputs.audio import Clip
from ser_core.inputs.transcript import Transcript
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.perturb.transcript_errors import corrupt, normalise, word_error_rate
from ser_core.results import Prediction
from ser_core.training.recordings import Recording, load_recording, recordings

Load = Callable[[Any], Clip]  # of a `Recording`: a path, or a part of one
OWN, NONE, SHUFFLED = "own words", "no words", "another clip's words"


def at_wer(level: float) -> str:
    """The case of transcripts with this word error rate."""
    return f"WER {level:g}"


@dataclass(frozen=True)
class Changed:
    """Clips, and what models say of them in each case.

    Attributes:
        rows: columns as in `predictions.COLUMNS`, one row a clip [N].
        said: by case, for each draw, scores of each model; NaN where it gave no answer.
        wer: mean word error rate of each case, against the clips' own words.
        notes: what was left out.
    """

    rows: pd.DataFrame
    said: Mapping[str, Sequence[Mapping[str, Scores]]]
    wer: Mapping[str, float]
    notes: tuple[str, ...]


def change_words(
    analyzer: Analyzer,
    corpus: Corpus,
    models: Sequence[str],
    levels: Sequence[float],
    draws: int,
    most: int,
    seed: int,
    load: Load = load_recording,
    progress: Progress | None = None,
) -> Changed:
    """Every model on every clip with all texts; a clip's log-Mel is computed once.

    Args:
        corpus: with sound; words are its transcripts, or recognised ones where it has none.
        models: their names.
        levels: word error rates in (0, 1]. draws: of errors at each.
        most: clips; of more so many are drawn, of the labelled ones if there are enough.
        seed: of the clips, of the exchange, and of the errors.
        load: reads a recording; raises AudioError where it can't be used.
        progress: told of the share of the clips that is done.

    Raises:
        CorpusError: no clip that can be read has words.
    """
    rng = np.random.default_rng(seed)
    table, words, notes = _with_words(analyzer, corpus, most, rng, load)
    cases, more = _plan(words, levels, draws, seed, rng)
    notes += more
    kept: list[int] = []
    answers: list[dict[tuple[str, int], dict[str, Prediction]]] = []
    for number, recording in enumerate(recordings(table)):
        clip = _loaded(load, recording)
        if clip is None:
            notes.append(f"{table['id'].iloc[number]} can't be read and is left out.")
            continue
        kept.append(number)
        answers.append(
            {
                key: analyzer.analyze(clip, _transcript(texts[number]), models).predictions
                for key, texts in cases.items()
            }
        )
        if progress is not None:
            progress((number + 1) / len(table))
    if not kept:
        raise CorpusError(f"No clip of {corpus.name} can be read: check its recordings.")
    rows = table.iloc[kept].drop(columns=["transcript"]).reset_index(drop=True)
    rows = rows.assign(set=corpus.name, clip=rows["id"], words=[words[k] for k in kept])
    said: dict[str, list[dict[str, Scores]]] = {}
    for key in cases:
        of = {name: _scores([one[key].get(name) for one in answers]) for name in models}
        said.setdefault(key[0], []).append(of)
    wer = {
        case: float(
            np.mean(
                [
                    word_error_rate(words[k], cases[case, draw][k])
                    for draw in range(len(said[case]))
                    for k in kept
                ]
            )
        )
        for case in said
    }
    return Changed(make_rows(rows), said, wer, tuple(notes))


def _with_words(
    analyzer: Analyzer, corpus: Corpus, most: int, rng: np.random.Generator, load: Load
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Rows with sound and English words, their words, and notes."""
    table = corpus.table[corpus.table["path"] != ""].reset_index(drop=True)
    english = table[table["language"].isin(["", "en"])].reset_index(drop=True)
    notes = list(corpus.notes)
    if others := len(table) - len(english):
        notes.append(f"{others} clips in another language than English are left out.")
    if len(english) > most:
        labelled = english[(english["category"] != "") | english["valence"].notna()]
        pool = labelled if len(labelled) >= most else english
        kind = "labelled clips" if pool is labelled else "clips"
        notes.append(f"{most} of {len(pool)} {kind}, drawn by chance.")
        english = pool.iloc[np.sort(rng.choice(len(pool), most, replace=False))]
    words = [
        str(text) if normalise(str(text)) else _recognise(analyzer, recording, load)
        for text, recording in zip(english["transcript"], recordings(english), strict=True)
    ]
    known = [k for k, text in enumerate(words) if normalise(text)]
    if not known:
        raise CorpusError(
            f"No clip of {corpus.name} has words in English: give transcripts, or clips that the "
            "recogniser can read."
        )
    if len(known) < len(words):
        notes.append(f"{len(words) - len(known)} clips without words are left out.")
    different = len({normalise(words[k]) for k in known})
    if different < len(known) / 2:
        notes.append(f"{len(known)} clips share {different} different texts.")
    return english.iloc[known].reset_index(drop=True), [words[k] for k in known], notes


def _recognise(analyzer: Analyzer, recording: Recording, load: Load) -> str:
    clip = _loaded(load, recording)
    if clip is None:
        return ""
    heard = analyzer.transcribe_or_none(clip)
    return heard.text if heard.usable() else ""


def _loaded(load: Load, recording: Recording) -> Clip | None:
    try:
        return load(recording)
    except (AudioError, CorpusError):
        return None


def _plan(
    words: Sequence[str],
    levels: Sequence[float],
    draws: int,
    seed: int,
    rng: np.random.Generator,
) -> tuple[dict[tuple[str, int], list[str]], list[str]]:
    """The text of each clip in each case and draw, and notes."""
    cases = {(OWN, 0): list(words), (NONE, 0): [""] * len(words)}
    notes = []
    if len(words) > 1:
        partners = derange([normalise(text) for text in words], rng)
        cases[SHUFFLED, 0] = [words[k] for k in partners]
        pairs = zip(words, cases[SHUFFLED, 0], strict=True)
        if same := sum(normalise(a) == normalise(b) for a, b in pairs):
            notes.append(f"{same} clips were given the same words again, which many clips share.")
    else:
        notes.append("Of a single clip the words can't be exchanged.")
    for level in levels:
        for draw in range(draws):
            cases[at_wer(level), draw] = [
                corrupt(text, level, _seed(seed, number, draw)) for number, text in enumerate(words)
            ]
    return cases, notes


def derange(texts: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """A random order in which none stays in place, and no text meets itself where that can be.

    Equal texts are put side by side, in random order, and all are moved on by as many places as
    the commonest text has.

    Returns:
        Number of the text that each gets, int [N], N > 1.
    """
    codes = pd.factorize(np.asarray(texts, dtype=object))[0]
    shuffled = rng.permutation(len(texts))
    order = shuffled[np.argsort(rng.permutation(codes.max() + 1)[codes[shuffled]], kind="stable")]
    step = int(np.bincount(codes).max()) % len(texts) or 1
    partners = np.empty(len(texts), int)
    partners[order] = np.roll(order, -step)
    return partners


def _seed(seed: int, number: int, draw: int) -> int:
    return int(np.random.SeedSequence([seed, number, draw]).generate_state(1)[0])


def _transcript(text: str) -> Transcript:
    return Transcript.typed(text) if text.strip() else Transcript.none()


def _scores(said: Sequence[Prediction | None]) -> Scores:
    """Of all clips, NaN where there is no answer."""

    def head(of: Callable[[Prediction], dict[str, float]], outputs: Sequence[str]) -> np.ndarray:
        rows = [[(of(one) if one else {}).get(name, np.nan) for name in outputs] for one in said]
        return np.array(rows, np.float64)

    return Scores(
        head(lambda one: one.probabilities, CATEGORIES),
        head(lambda one: one.dimensions, DIMENSIONS),
    )
