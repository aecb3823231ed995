"""Are speakers right on average, and in the right order?"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import rankdata

from ser_core.behaviour.battery.case import CATEGORY, divide, labelled_by
from ser_core.behaviour.battery.findings import finding
from ser_core.behaviour.battery.measure import RANDOM
from ser_core.behaviour.battery.table import Asked, Row, row
from ser_core.behaviour.finding import Finding
from ser_core.errors import SerError
from ser_core.evaluation.comparison import Resampled, resampled_counts
from ser_core.labels import CATEGORIES, DIMENSIONS

CLIPS = 10  # of a speaker who counts
SPEAKERS = 8  # of a ranking that has a verdict
MOST_ERROR, LEAST_RANK = 0.1, 0.7
# Figures of truth and prediction of the speakers, [..., S] each -> [...].
Figure = Callable[[np.ndarray, np.ndarray], np.ndarray]


def average(asked: Asked) -> Iterator[Finding]:
    """Mean absolute error of the speakers' shares of each class, and of their mean dimensions."""
    yield finding(
        asked,
        "speaker_average",
        "Is each speaker right on average?",
        _rows(asked, mean_error, (-np.inf, MOST_ERROR), 2),
        "mean absolute error over speakers",
        "Errors of single clips of a speaker can cancel each other.",
        (f"Speakers of fewer than {CLIPS} labelled clips do not count.",),
    )


def ranking(asked: Asked) -> Iterator[Finding]:
    """Spearman's correlation of the same over speakers."""
    yield finding(
        asked,
        "speaker_ranking",
        "Are speakers in the right order?",
        _rows(asked, spearman, (LEAST_RANK, np.inf), SPEAKERS),
        "Spearman's correlation over speakers",
        "Where actors all play the same, their order is that of small differences.",
        (f"There is no verdict for fewer than {SPEAKERS} speakers.",),
    )


def mean_error(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Mean absolute difference over the speakers."""
    return np.asarray(np.abs(truth - prediction).mean(axis=-1))


def spearman(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation over the speakers; NaN where one is constant."""
    x, y = (rankdata(np.round(of, 12), axis=-1) for of in (truth, prediction))
    x, y = (of - of.mean(axis=-1, keepdims=True) for of in (x, y))
    spread = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return divide((x * y).sum(axis=-1), spread)


def _rows(asked: Asked, figure: Figure, limits: tuple[float, float], least: int) -> Iterator[Row]:
    told = 0
    for model in asked.models():
        of = asked.part.scores[model]
        for head, values in (
            (CATEGORY, of.probabilities),
            *((n, of.dimensions) for n in DIMENSIONS),
        ):
            if not values.shape[1]:
                continue
            rows, places = _spoken(asked, head, values)
            told = max(told, int(places.max(initial=-1)) + 1)
            if places.max(initial=-1) < 1:
                continue
            for name, truth, said in _of_head(asked, head, values):
                yield _row(
                    asked, model, name, places, truth[rows], said[rows], figure, limits, least
                )
    if told < 2:
        raise SerError(f"It needs two speakers with {CLIPS} labelled clips each.")


def _spoken(asked: Asked, head: str, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that count, and the number of their speakers."""
    speakers = asked.part.rows["speaker"].to_numpy(str)
    counts = labelled_by(asked.part.examples, head) & np.isfinite(values).all(axis=1)
    counts &= speakers != ""
    names, sizes = np.unique(speakers[counts], return_counts=True)
    rows = np.flatnonzero(counts & np.isin(speakers, names[sizes >= CLIPS]))
    return rows, np.unique(speakers[rows], return_inverse=True)[1]


def _of_head(
    asked: Asked, head: str, values: np.ndarray
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """What is averaged over a speaker's clips: name, truth and prediction of each row."""
    examples = asked.part.examples
    if head != CATEGORY:
        k = DIMENSIONS.index(head)
        yield head, examples.dimensions[:, k], values[:, k]
        return
    truth, said = examples.categories.argmax(axis=1), values.argmax(axis=1)
    for k, name in enumerate(CATEGORIES):
        yield f"share of {name}", (truth == k).astype(float), (said == k).astype(float)


def _row(
    asked: Asked,
    model: str,
    name: str,
    places: np.ndarray,
    truth: np.ndarray,
    said: np.ndarray,
    figure: Figure,
    limits: tuple[float, float],
    least: int,
) -> Row:
    size = places.max() + 1
    sizes = np.bincount(places)

    def averages(of: np.ndarray) -> np.ndarray:
        return np.bincount(places, of, size) / sizes

    real, given = averages(truth), averages(said)
    (counts,) = resampled_counts(size, asked.draws)
    chosen = np.stack([np.repeat(np.arange(size), of.astype(int)) for of in counts])
    interval = Resampled(float(figure(real, given)), figure(real[chosen], given[chosen])).interval
    generator = np.random.default_rng(0)
    guesses = [averages(generator.permutation(said)) for _ in range(RANDOM)]
    drawn = figure(np.broadcast_to(real, (RANDOM, size)), np.stack(guesses))
    known = drawn[np.isfinite(drawn)]
    found = row(
        model,
        name,
        (interval.value, interval.low, interval.high),
        int(size),
        limits,
        float(known.mean()) if len(known) else np.nan,
    )
    within = limits[0] <= interval.value <= limits[1]
    return {
        **found,
        "passed": bool(within) if size >= least and interval.value == interval.value else None,
    }
