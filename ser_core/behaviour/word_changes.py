"""What if the words are missing or wrong? How well models do then, and what they still decide."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.analysis import Analyzer
from ser_core.behaviour.changed_words import (
    NONE,
    OWN,
    SHUFFLED,
    Changed,
    Load,
    at_wer,
    change_words,
)
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.statistics import (
    DRAWS,
    Entry,
    Measured,
    drawn_units,
    listed,
    mean_among,
    measure,
    told,
)
from ser_core.corpora.pairing import joint_category, one_hot
from ser_core.corpora.table import Corpus, make_table
from ser_core.evaluation.measures import Statistic, mean_of
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions
from ser_core.explain.progress import Progress
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.maps.selection import demonstration_rows
from ser_core.metrics import (
    concordance_of_sums,
    concordance_terms,
    confusion_terms,
    recall_of_sums,
)
from ser_core.models.registry import choose
from ser_core.synthesis.examples import load_examples
from ser_core.training.recordings import load_recording

LEVELS = (0.1, 0.25, 0.5, 1.0)  # word error rates
WORD_DRAWS = 3
MOST = 100  # clips
_LIMITS = (
    "Errors are drawn at random by the sound of words, and a recogniser's depend on the recording; "
    "the models may not lean on the words of these clips at all, if those say nothing of the "
    "emotion."
)


def findings(
    analyzer: Analyzer,
    corpus: Corpus,
    models: Sequence[str] | None = None,
    levels: Sequence[float] = LEVELS,
    word_draws: int = WORD_DRAWS,
    most: int = MOST,
    unit: str = "speakers",
    draws: int = DRAWS,
    seed: int = 0,
    load: Load = load_recording,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """UAR and mean CCC, as far as there are labels, and the share of unchanged decisions.

    Args:
        analyzer: of the models.
        corpus: with sound, as `ser_core.corpora.recognise.read` gives it; or `examples`.
        models: names; default all.
        levels: word error rates. word_draws: draws of errors at each; figures are means over them.
        most: clips; of a larger corpus so many are drawn.
        unit: what intervals are over. draws: of the bootstrap. seed: of everything that is drawn.
        load: reads a recording of the corpus; raises AudioError where it can't be used.
        progress: told of the share of the clips that is done; what it raises ends the work.

    Raises:
        CheckpointError: an unknown model.
        CorpusError: no clip that can be read has words.
    """
    chosen = choose(analyzer.models, models)
    names = [one.name for one in chosen]
    changed = change_words(analyzer, corpus, names, levels, word_draws, most, seed, load, progress)
    drawn, note = drawn_units(Predictions(changed.rows, {}), unit)
    notes = (*changed.notes, *note)
    reading = [one.name for one in chosen if one.uses_text]
    cases = [SHUFFLED, NONE, *(at_wer(level) for level in levels[-1:])]
    for key, question, measure_name, statistic in (
        ("uar", "How well do the models do as their words change?", "UAR", _uar),
        ("ccc", "How close are the dimensions as the words change?", "mean CCC", _ccc),
    ):
        measured = measure(_entries(changed, names, statistic), drawn, draws, seed)
        if len(measured.table):
            yield Finding(
                f"words_{key}",
                "words",
                question,
                f"The {measure_name} on {measured.table['n'].max()} clips with own words, and how "
                f"others change it: {_costs(measured, reading, cases)}.",
                _LIMITS,
                measure_name,
                measured.table,
                notes,
            )
    measured = measure(_entries(changed, reading, _unchanged), drawn, draws, seed)
    if len(measured.table):
        yield Finding(
            "words_unchanged",
            "words",
            "Do the models still decide the same?",
            f"Of the decisions on {len(changed.rows)} clips stay the same as with own words: "
            f"{_kept(measured, reading, cases)}.",
            _LIMITS,
            "share of decisions as with own words",
            measured.table,
            notes,
        )


def examples() -> Corpus:
    """The example clips, synthetic, labelled as constructed pairs are where both are known."""
    spoken = [one for one in load_examples() if one.transcript]
    voice, words = (
        one_hot(pd.Series([getattr(one, of) for one in spoken])) for of in ("voice", "words")
    )
    joint = joint_category(voice, words)
    category = [CATEGORIES[row.argmax()] if row.any() else "" for row in joint]
    table = pd.DataFrame(
        {
            "id": [one.id for one in spoken],
            "corpus": "examples",
            "path": [str(one.path) for one in spoken],
            "language": "en",
            "transcript": [one.transcript for one in spoken],
            "category": category,
        }
    )
    note = "Example clips of one synthetic voice: nobody said them."
    return Corpus("examples", make_table(table), notes=(note,))


def constructed_pairs(root: Path, seed: int = 0) -> Corpus:
    """Test clips of the demonstration corpora, each with sentences of other categories.

    The clips' own sentences say nothing of the emotion, so that no model can lose by them.

    Args:
        root: folder of the corpora. seed: of the choice.

    Raises:
        CorpusError: a corpus is missing.
    """
    rows = demonstration_rows(root, seed)
    pairs = rows[rows["kind"] == "pair"]
    paths = [str(root / path) for path in pairs["path"]]
    table = make_table(pairs.assign(path=paths, transcript=pairs["words"]))
    note = "Constructed pairs: the words are not those that are heard, and the labels are joint."
    return Corpus("constructed pairs", table, notes=(note,))


Of = Callable[[pd.DataFrame, Scores, Scores], tuple[Statistic, int] | None]


def _entries(changed: Changed, names: Sequence[str], of: Of) -> Iterator[Entry]:
    own = changed.said[OWN][0]
    for name in names:
        for case, said in changed.said.items():
            found = [of(changed.rows, draw[name], own[name]) for draw in said]
            known = [one for one in found if one is not None]
            if known:
                statistic = mean_of([one[0] for one in known])
                more = {"wer": round(changed.wer[case], 4)}
                yield Entry(name, case, statistic, min(one[1] for one in known), more)


def _uar(rows: pd.DataFrame, scores: Scores, own: Scores) -> tuple[Statistic, int] | None:
    truth = one_hot(rows["category"])
    known = (truth.sum(axis=1) > 0) & np.isfinite(scores.probabilities).all(axis=1)
    if not known.any():
        return None
    decisions = scores.probabilities.argmax(axis=1)
    terms = confusion_terms(truth.argmax(axis=1), decisions, len(CATEGORIES))
    return Statistic(terms * known[:, None], recall_of_sums), int(known.sum())


def _ccc(rows: pd.DataFrame, scores: Scores, own: Scores) -> tuple[Statistic, int] | None:
    ratings = rows[list(DIMENSIONS)].to_numpy(np.float64)
    known = np.isfinite(ratings).all(axis=1) & np.isfinite(scores.dimensions).all(axis=1)
    if known.sum() < 2:
        return None
    each = []
    for k in range(len(DIMENSIONS)):
        terms = np.zeros((len(rows), 5))
        terms[known] = concordance_terms(ratings[known, k], scores.dimensions[known, k])
        each.append(Statistic(terms, concordance_of_sums))
    return mean_of(each), int(known.sum())


def _unchanged(rows: pd.DataFrame, scores: Scores, own: Scores) -> tuple[Statistic, int] | None:
    known = np.isfinite(scores.probabilities).all(axis=1)
    if not known.any():
        return None
    same = scores.probabilities.argmax(axis=1) == own.probabilities.argmax(axis=1)
    return mean_among(same, known), int(known.sum())


def _costs(measured: Measured, models: Sequence[str], cases: Sequence[str]) -> str:
    """What each model gets with own words, and how the cases differ from that."""
    parts = []
    for name in models:
        if (name, OWN) not in measured.figures:
            continue
        costs = [
            f"{told(measured.difference((name, case), (name, OWN)), sign=True)} with {case}"
            for case in cases
            if (name, case) in measured.figures
        ]
        parts.append(f"{name} {measured.figures[name, OWN].value:.2f}, then {listed(costs)}")
    return "; ".join(parts)


def _kept(measured: Measured, models: Sequence[str], cases: Sequence[str]) -> str:
    """Shares of unchanged decisions of each model."""
    parts = []
    for name in models:
        shares = [
            f"{told(measured.interval(name, case), percent=True)} with {case}"
            for case in cases
            if (name, case) in measured.figures
        ]
        if shares:
            parts.append(f"{name} {listed(shares)}")
    return "; ".join(parts)
