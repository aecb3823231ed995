"""The results of `ser evaluate`: every model on every set, and models against each other."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.corpora.demonstration import SPEECH_FOLDERS
from ser_core.errors import CorpusError
from ser_core.evaluation.comparison import compare, enough_draws, resample
from ser_core.evaluation.measures import METRICS, Measure, measures
from ser_core.evaluation.predict import Predictor, Scores
from ser_core.evaluation.test_sets import EvaluationSet, evaluation_sets
from ser_core.inputs.speech import Recogniser
from ser_core.inputs.text import TextEncoder
from ser_core.models.checkpoint import Checkpoint, require_encoder
from ser_core.models.registry import choose
from ser_core.training.recipe import DataConfig
from ser_core.training.split_data import PAIR_SEED, Material, load_material

COMPARED = ("UAR", "mean CCC")
RATERS = "raters"  # where human raters heard the voice alone, beside the models


@dataclass(frozen=True)
class Report:
    """Two long tables.

    Attributes:
        results: model, set, metric, value, low, high (95 % bootstrap interval), n.
        comparisons: set, metric, a, b, difference (a - b), low, high, p, p_holm; by the same
            resamples, Holm's correction over the pairs of a set and metric. For the metrics in
            `COMPARED`, without the reference models.
    """

    results: pd.DataFrame
    comparisons: pd.DataFrame


def evaluate(
    predictor: Predictor,
    models: Iterable[Checkpoint],
    sets: Iterable[EvaluationSet],
    draws: int | None = None,
) -> Report:
    """Measure every model on every set that has what it reads.

    Args:
        predictor: of all models. models: which of them. sets: what on.
        draws: resamples; as many as the comparisons of these models need where not said.
    """
    results: Rows = []
    comparisons: Rows = []
    chosen = list(models)
    draws = enough_draws(len(chosen)) if draws is None else draws
    for test_set in sets:
        readers = {c.name: c for c in chosen if predictor.can_predict(c, test_set)}
        found = {
            name: measures(test_set.examples, predictor.predict(checkpoint, test_set))
            for name, checkpoint in readers.items()
        }
        if found and test_set.heard is not None:
            found |= {RATERS: _of_raters(test_set)}
        references = {RATERS, *(name for name, c in readers.items() if c.reference)}
        more = measure_set(test_set.name, found, references, draws)
        results += more[0]
        comparisons += more[1]
    return Report(pd.DataFrame(results), pd.DataFrame(comparisons))


Rows = list[dict[str, object]]


def measure_set(
    name: str, found: Mapping[str, Mapping[str, Measure]], references: Container[str], draws: int
) -> tuple[Rows, Rows]:
    """The rows of both tables of `Report` for one set.

    Args:
        name: of the set. found: by model and metric. references: models without comparisons.
    """
    results: Rows = []
    comparisons: Rows = []
    for metric in METRICS:
        measured = {model: of[metric] for model, of in found.items() if metric in of}
        if not measured:
            continue
        groups = next(iter(measured.values())).groups
        statistics = {model: measure.statistic for model, measure in measured.items()}
        resampled = resample(statistics, groups, draws)
        where = {"set": name, "metric": metric}
        results += [
            {"model": model, **where, **vars(of.interval), "n": len(groups)}
            for model, of in resampled.items()
        ]
        if metric in COMPARED:
            own = {model: of for model, of in resampled.items() if model not in references}
            comparisons += [
                {
                    **where,
                    "a": pair.a,
                    "b": pair.b,
                    "difference": pair.interval.value,
                    "low": pair.interval.low,
                    "high": pair.interval.high,
                    "p": pair.p,
                    "p_holm": pair.p_holm,
                }
                for pair in compare(own)
            ]
    return results, comparisons


def _of_raters(test_set: EvaluationSet) -> dict[str, Measure]:
    """How far the majority of human raters agrees with the labels, as if it were a model."""
    assert test_set.heard is not None
    shares = Scores(test_set.heard, np.zeros((len(test_set.heard), 0)))
    found = measures(test_set.examples, shares)
    return {metric: found[metric] for metric in ("UAR", "macro-F1")}


def load_evaluation_material(models: Iterable[Checkpoint], root: Path, split: str) -> Material:
    """Clips and texts of a split of the demonstration corpora, with all that these models read.

    Raises:
        CorpusError: a corpus is missing, or an unknown split.
        EncoderError: a model was trained with another text or speech encoder.
    """
    if split not in PAIR_SEED:
        raise CorpusError(f"Unknown split '{split}': choose from {', '.join(PAIR_SEED)}.")
    encoder, recogniser, chosen = TextEncoder(), Recogniser(), list(models)
    for checkpoint in chosen:
        if checkpoint.uses_text:
            require_encoder(checkpoint, encoder.fingerprint)
    listening = [c for c in chosen if c.model.architecture == "foundation"]
    for checkpoint in listening:
        require_encoder(checkpoint, recogniser.fingerprint, "speech")
    speech, texts = tuple(SPEECH_FOLDERS), ("goemotions", "emobank")
    data = DataConfig(speech=speech, texts=texts, reference=1.0)
    return load_material(data, root, split, encoder, recogniser if listening else None, "all")


def evaluate_checkpoints(
    models: dict[str, Checkpoint], root: Path, split: str, names: Sequence[str] | None = None
) -> Report:
    """Measure checkpoints on the sets of a split of the demonstration corpora below `root`.

    Args:
        models: all checkpoints (late fusion finds its parents here).
        root: folder of the corpora.
        split: dev or test.
        names: measure only these.

    Raises:
        CheckpointError: an unknown name.
        CorpusError, EncoderError: see `load_evaluation_material`.
    """
    chosen = choose(models, names)
    material = load_evaluation_material(chosen, root, split)
    return evaluate(Predictor(models, material), chosen, evaluation_sets(material, split))
