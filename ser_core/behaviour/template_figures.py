"""The figures of the templates: valence, category, and what degree and negation change."""

from collections.abc import Iterator, Mapping

import numpy as np

from ser_core.behaviour.finding import Finding
from ser_core.behaviour.lexicon import ALONE, CONTEXT, NEGATED, STRONGER, WEAKER, emotion_words
from ser_core.behaviour.statistics import Entry, Measured, listed, mean_among, measure, told
from ser_core.evaluation.predict import Scores
from ser_core.labels import CATEGORIES, DIMENSIONS

VALENCE = DIMENSIONS.index("valence")
OUTWARD, INWARD, BACK, PAST = (
    "intensified: outward",
    "reduced: inward",
    "negated: back",
    "negated: past neutral",
)
_EMOTIONS = "emotion words"
_ORDER = ("happy", "neutral", "sad", "angry")
_WORDS = (
    "The words are this project's own small choice of adjectives about the speaker: the interval "
    "is over these words, and says nothing of other words, other sentences or other speakers."
)
Said = Mapping[str, Mapping[str, Scores]]


def findings(
    said: Said, how: str, notes: tuple[str, ...], draws: int, seed: int
) -> Iterator[Finding]:
    """Valence by category, the category itself, then degree and negation.

    Args:
        said: scores [V, N, K] of V voices and the N words, by form and model.
        how: `silent` or `spoken`.
        notes: of all findings.
        draws, seed: of the bootstrap over words.
    """
    words = emotion_words()
    drawn = np.arange(len(words))
    notes = (*notes, f"Intervals are over {len(words)} words.")
    for key, question, measure_name, entries, sentence in (
        ("valence", "Does valence follow the words", "mean valence", _valence, _say_valence),
        (
            "category",
            "Do the models give the category that the word means",
            "share of the decisions",
            _category,
            _say_category,
        ),
        (
            "degree",
            "Do degree and negation move valence as they should",
            "share of the words",
            _degree,
            _say_degree,
        ),
    ):
        measured = measure(entries(said), drawn, draws, seed)
        if not len(measured.table):
            continue
        models = list(dict.fromkeys(measured.table["model"]))
        yield Finding(
            f"templates_{key}_{how}",
            "templates",
            f"{question}, {how}?",
            sentence(measured, models),
            _WORDS if key != "degree" else f"{_WORDS} A step in the right direction may be tiny.",
            measure_name,
            measured.table,
            notes,
        )


def _of(category: str) -> np.ndarray:
    return (emotion_words()["category"] == category).to_numpy()


def _valences(said: Said, form: str, model: str) -> np.ndarray:
    """[V, N]."""
    result: np.ndarray = said[form][model].dimensions[..., VALENCE]
    return result


def _with_valence(said: Said) -> list[str]:
    return [name for name, of in said[CONTEXT].items() if of.dimensions.shape[-1] > VALENCE]


def _valence(said: Said) -> Iterator[Entry]:
    for model in _with_valence(said):
        for form in (ALONE, CONTEXT):
            mean = _valences(said, form, model).mean(axis=0)
            for category in _ORDER:
                among = _of(category)
                more = {"category": category, "form": form}
                yield Entry(
                    model, f"{category}, {form}", mean_among(mean, among), int(among.sum()), more
                )


def _say_valence(measured: Measured, models: list[str]) -> str:
    parts = []
    for model in models:
        happy, *others = (f"{category}, {CONTEXT}" for category in _ORDER)
        values = [f"{measured.figures[model, case].value:.2f}" for case in (happy, *others)]
        gap = measured.difference((model, happy), (model, others[1]))
        parts.append(f"{model} {listed(values)} (happy less sad {told(gap)})")
    return f"Words in a sentence get the mean valence, {listed(_ORDER)}: {'; '.join(parts)}."


def _category(said: Said) -> Iterator[Entry]:
    meant = emotion_words()["category"].map({name: k for k, name in enumerate(CATEGORIES)})
    emotions = ~_of("neutral")
    for model, of in said[CONTEXT].items():
        if not of.probabilities.shape[-1]:
            continue
        given = {
            form: (said[form][model].probabilities.argmax(axis=-1) == meant.to_numpy()).mean(axis=0)
            for form in (ALONE, CONTEXT, NEGATED)
        }
        for form, right in given.items():
            statistic = mean_among(right, emotions)
            yield Entry(model, f"{_EMOTIONS}, {form}", statistic, int(emotions.sum()))
        for category in _ORDER:
            among = _of(category)
            statistic = mean_among(given[CONTEXT], among)
            yield Entry(model, f"{category}, {CONTEXT}", statistic, int(among.sum()))


def _say_category(measured: Measured, models: list[str]) -> str:
    parts = []
    for model in models:
        alone, context, negated = (
            told(measured.interval(model, f"{_EMOTIONS}, {form}"), percent=True)
            for form in (ALONE, CONTEXT, NEGATED)
        )
        parts.append(f"{model} in {alone} alone, {context} in a sentence and {negated} negated")
    return f"The category of an emotion word is given by {'; '.join(parts)}."


def _degree(said: Said) -> Iterator[Entry]:
    sign = emotion_words()["direction"].to_numpy()
    emotions = sign != 0
    for model in _with_valence(said):
        plain = _valences(said, CONTEXT, model)
        neutral = plain[:, ~emotions].mean(axis=1, keepdims=True)
        negated = _valences(said, NEGATED, model)
        expected = {
            OUTWARD: sign * (_valences(said, STRONGER, model) - plain) > 0,
            INWARD: sign * (_valences(said, WEAKER, model) - plain) < 0,
            BACK: sign * (negated - plain) < 0,
            PAST: sign * (negated - neutral) < 0,
        }
        for case, right in expected.items():
            yield Entry(model, case, mean_among(right.mean(axis=0), emotions), int(emotions.sum()))


def _say_degree(measured: Measured, models: list[str]) -> str:
    parts = []
    for model in models:
        shares = [
            told(measured.interval(model, case), percent=True)
            for case in (OUTWARD, INWARD, BACK, PAST)
        ]
        parts.append(f"{model} {listed(shares)}")
    return (
        "Of the emotion words valence moves outward as they are intensified, inward as they are "
        "reduced, back as they are negated, and then past that of neutral words, in: "
        f"{'; '.join(parts)} (chance is 50 % of the first three)."
    )
