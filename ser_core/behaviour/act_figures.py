"""Each utterance in each of several voices: what models give by act, and what moves them."""

from collections.abc import Iterator, Mapping

import numpy as np

from ser_core.behaviour.dialogue_acts import ACTS
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.statistics import Entry, mean_among, measure, span_of
from ser_core.evaluation.measures import Statistic
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS

VALENCE = DIMENSIONS.index("valence")
_LIMITS = (
    "The utterances are this project's own, without the context of a conversation, and the voices "
    "say something else: it is the words of an act that is looked at, not its intonation."
)


def of_utterances(
    said: Mapping[str, Scores],
    acts: np.ndarray,
    notes: tuple[str, ...],
    draws: int,
    seed: int,
) -> Iterator[Finding]:
    """Valence and emotion by act, then how often voice and words change a decision.

    Args:
        said: scores [V, N, K] of V voices and N utterances, by model.
        acts: of each utterance, [N].
        draws, seed: of the bootstrap over utterances.
    """
    voices = len(next(iter(said.values())).probabilities) if said else 0
    notes = (
        *notes,
        f"Each utterance in {voices} background voices; intervals are over utterances.",
    )
    for key, question, measure_name, of in (
        ("valence", "What valence does each act get?", "mean valence", _valence),
        ("emotional", "Which acts are given an emotion?", "share not decided neutral", _emotional),
        (
            "voice_varied",
            "The words fixed: how often does another voice change the decision?",
            "share of pairs of voices decided differently",
            voice_varied,
        ),
        (
            "words_varied",
            "The voice fixed: how often do other words of the act change the decision?",
            "share of pairs of utterances decided differently",
            words_varied,
        ),
    ):
        entries = []
        for name, scores in said.items():
            head = scores.dimensions if key == "valence" else scores.probabilities
            if not head.shape[-1]:
                continue
            for act in ACTS:
                among = acts == act
                entries.append(Entry(name, act, of(scores, among), int(among.sum())))
        measured = measure(entries, np.arange(len(acts)), draws, seed)
        models = list(dict.fromkeys(measured.table["model"]))
        if models:
            spans = "; ".join(
                span_of(measured, name, [act for act in ACTS if (name, act) in measured.figures])
                for name in models
            )
            yield Finding(
                f"acts_{key}",
                "acts",
                question,
                f"As {measure_name}, {spans}.",
                _LIMITS,
                measure_name,
                measured.table,
                notes,
            )


def _valence(scores: Scores, among: np.ndarray) -> Statistic:
    return mean_among(scores.dimensions[..., VALENCE].mean(axis=0), among)


def _emotional(scores: Scores, among: np.ndarray) -> Statistic:
    emotional = scores.probabilities.argmax(axis=-1) != CATEGORIES.index("neutral")
    return mean_among(emotional.mean(axis=0), among)


def voice_varied(scores: Scores, among: np.ndarray) -> Statistic:
    """Share of pairs of different voices in which an utterance is decided differently; 0 to 1.

    Mean over utterances of (1 - Σ_c p_c²) V / (V - 1), where p_c is the share of the V voices that
    are decided c: 0 for a model that does not hear.
    """
    decided = _decided(scores)
    voices = len(decided)
    differing = 1 - (decided.mean(axis=0) ** 2).sum(axis=-1)
    return mean_among(differing * voices / max(voices - 1, 1), among)


def words_varied(scores: Scores, among: np.ndarray) -> Statistic:
    """Share of pairs of utterances that are decided differently in the same voice; 0 to 0.75.

    Mean over voices of 1 - Σ_c p_c², where p_c is the share of the utterances that are decided c:
    0 for a model that does not read.
    """
    decided = _decided(scores)
    voices, size, classes = decided.shape
    terms = decided.transpose(1, 0, 2).reshape(size, voices * classes) * among[:, None]

    def figure(sums: np.ndarray) -> np.ndarray:
        counts = sums.reshape(*sums.shape[:-1], voices, classes)
        total = counts.sum(axis=-1, keepdims=True)
        shares = counts / np.where(total > 0, total, np.nan)
        result: np.ndarray = (1 - (shares**2).sum(axis=-1)).mean(axis=-1)
        return result

    return Statistic(terms, figure)


def _decided(scores: Scores) -> np.ndarray:
    """One-hot decisions, float64 [V, N, 4]."""
    result: np.ndarray = np.eye(scores.probabilities.shape[-1])[
        scores.probabilities.argmax(axis=-1)
    ]
    return result
