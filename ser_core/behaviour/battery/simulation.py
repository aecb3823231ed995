"""Models that know nothing: each clip gets what the model says of another clip."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ser_core.behaviour.battery.case import Case, mean_of_known
from ser_core.corpora.pairing import Pairs
from ser_core.evaluation.predict import Scores


def random_models(
    cases: Sequence[Case],
    examples: Pairs,
    scores: Scores,
    codes: np.ndarray,
    size: int,
    reduce: Callable[[np.ndarray], float],
    draws: int,
    seed: int = 0,
) -> np.ndarray:
    """What random models get in each case, float [draws, cases].

    They decide for each class as often as this one, and their groups are as large. As in
    `evaluation.gaps.measure_gap`, but whole clips change places: a model of the voice says the same
    of a clip whatever its words, so that its rows are fewer answers than they seem.

    Args:
        cases: of the same rows. examples, scores: of these rows, N.
        codes: number of each row's group, int [N]. size: number of groups.
        reduce: the groups' figures [size, F] -> one number.
    """
    found = np.full((draws, len(cases)), np.nan)
    inside = np.eye(size)[codes].T.copy()
    for draw, dealt in enumerate(dealings(examples.clips, draws, seed)):
        guess = Scores(*(head[dealt] for head in (scores.probabilities, scores.dimensions)))
        sums: dict[int, np.ndarray] = {}
        for number, case in enumerate(cases):
            if id(case.terms) not in sums:
                sums[id(case.terms)] = inside @ case.terms(examples, guess)
            found[draw, number] = reduce(case.figure(sums[id(case.terms)]))
    return found


def dealings(clips: np.ndarray, draws: int, seed: int = 0) -> Iterator[np.ndarray]:
    """The row whose prediction each row gets, int [N], `draws` times.

    Clips are permuted, and each row gets one of the other clip's rows at random: in their order it
    would tell the words, where all clips meet the same.

    Args:
        clips: of each row, [N].
    """
    generator = np.random.default_rng(seed)
    order = np.argsort(clips, kind="stable")
    _, place, sizes = np.unique(clips, return_inverse=True, return_counts=True)
    starts = np.cumsum(sizes) - sizes
    for _ in range(draws):
        other = generator.permutation(len(sizes))[place]
        inner = (generator.random(len(clips)) * sizes[other]).astype(int)
        yield order[starts[other] + inner]


def farthest(figures: np.ndarray) -> float:
    """Largest distance of a group from the mean over the groups, of [groups, F]; NaN for none."""
    distances = np.abs(figures - mean_of_known(figures, axis=0))
    known = distances[np.isfinite(distances)]
    return float(known.max()) if len(known) else float("nan")
