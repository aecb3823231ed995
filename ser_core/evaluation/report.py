"""The results table of `ser evaluate`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.corpora.demonstration import SPEECH_FOLDERS
from ser_core.corpora.pairing import Pairs
from ser_core.errors import CorpusError
from ser_core.evaluation.metrics import (
    Interval,
    bootstrap,
    concordance,
    confusion,
    expected_calibration_error,
    macro_f1,
    unweighted_average_recall,
)
from ser_core.evaluation.predict import Predictor, Scores, can_predict
from ser_core.evaluation.test_sets import EvaluationSet, evaluation_sets
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import Checkpoint, choose, require_encoder
from ser_core.speech import Recogniser
from ser_core.text import TextEncoder
from ser_core.training.material import PAIR_SEED, load_material
from ser_core.training.recipe import DataConfig

METRICS = {
    "UAR": "unweighted average recall of the four categories",
    "macro-F1": "mean F1 of the four categories",
    "ECE": "expected calibration error, 15 bins",
    **{f"CCC {name}": f"concordance of {name}" for name in DIMENSIONS},
}


def measure(examples: Pairs, scores: Scores, draws: int = 1000) -> dict[str, Interval]:
    """All metrics of one model on one set, with 95 % bootstrap intervals over utterances.

    A clip that occurs in several pairs is drawn with all of them. Soft labels count as their most
    probable category.
    """
    results: dict[str, Interval] = {}
    groups = examples.clips if len(np.unique(examples.clips)) > 1 else examples.texts
    known = np.flatnonzero(examples.categories.sum(axis=1) > 0)
    if len(known) and scores.probabilities.shape[1]:
        truth = examples.categories[known].argmax(axis=1)
        decision = scores.probabilities[known].argmax(axis=1)

        def counts(rows: np.ndarray) -> np.ndarray:
            return confusion(truth[rows], decision[rows], len(CATEGORIES))

        clusters = groups[known]
        size = len(known)
        results["UAR"] = bootstrap(
            lambda rows: unweighted_average_recall(counts(rows)), size, clusters, draws
        )
        results["macro-F1"] = bootstrap(lambda rows: macro_f1(counts(rows)), size, clusters, draws)
        probabilities = scores.probabilities[known]
        results["ECE"] = bootstrap(
            lambda rows: expected_calibration_error(truth[rows], probabilities[rows]),
            size,
            clusters,
            draws,
        )
    for k, name in enumerate(DIMENSIONS if scores.dimensions.shape[1] else ()):
        known = np.flatnonzero(np.isfinite(examples.dimensions[:, k]))
        if len(known) > 1:
            truth_k, prediction_k = examples.dimensions[known, k], scores.dimensions[known, k]
            results[f"CCC {name}"] = bootstrap(
                lambda rows, t=truth_k, p=prediction_k: concordance(t[rows], p[rows]),  # type: ignore[misc]
                len(known),
                groups[known],
                draws,
            )
    return results


def labelled(examples: Pairs, metric: str) -> int:
    """Number of examples that have the label that a metric needs."""
    if metric.startswith("CCC "):
        column = DIMENSIONS.index(metric.removeprefix("CCC "))
        return int(np.isfinite(examples.dimensions[:, column]).sum())
    return int((examples.categories.sum(axis=1) > 0).sum())


def evaluate(
    predictor: Predictor,
    models: Iterable[Checkpoint],
    sets: Iterable[EvaluationSet],
    draws: int = 1000,
) -> pd.DataFrame:
    """One row a model, set and metric: model, set, metric, value, low, high, n."""
    rows = []
    chosen = list(models)
    for test_set in sets:
        for checkpoint in chosen:
            if not can_predict(checkpoint, test_set):
                continue
            scores = predictor.predict(checkpoint, test_set)
            for metric, interval in measure(test_set.examples, scores, draws).items():
                rows.append(
                    {
                        "model": checkpoint.name,
                        "set": test_set.name,
                        "metric": metric,
                        "value": interval.value,
                        "low": interval.low,
                        "high": interval.high,
                        "n": labelled(test_set.examples, metric),
                    }
                )
    return pd.DataFrame(rows)


def evaluate_checkpoints(
    models: dict[str, Checkpoint], root: Path, split: str, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Measure checkpoints on the sets of a split of the demonstration corpora below `root`.

    Args:
        models: all checkpoints (late fusion finds its parents here).
        root: folder of the corpora.
        split: dev or test.
        names: measure only these.

    Raises:
        CheckpointError: an unknown name. CorpusError: a corpus is missing, or an unknown split.
        EncoderError: a model was trained with another text encoder.
    """
    chosen = choose(models, names)
    if split not in PAIR_SEED:
        raise CorpusError(f"Unknown split '{split}': choose from {', '.join(PAIR_SEED)}.")
    encoder = TextEncoder()
    for checkpoint in chosen:
        if checkpoint.uses_text:
            require_encoder(checkpoint, encoder.fingerprint)
    listens = any(c.model.architecture == "foundation" for c in chosen)
    recogniser = Recogniser() if listens else None
    data = DataConfig(speech=tuple(SPEECH_FOLDERS), texts=("goemotions", "emobank"))
    material = load_material(data, root, split, encoder, recogniser)
    predictor = Predictor(models, material)
    return evaluate(predictor, chosen, evaluation_sets(material, split))


def to_markdown(results: pd.DataFrame, intervals: bool = True) -> str:
    """One Markdown table a metric: rows are sets, columns are models."""
    models = list(results["model"].unique())
    parts = []
    for metric in [m for m in METRICS if m in set(results["metric"])]:
        rows = results[results["metric"] == metric]
        lines = [
            f"**{metric}**: {METRICS[metric]}",
            "",
            "| test set | n | " + " | ".join(models) + " |",
            "|---|---:|" + "---|" * len(models),
        ]
        for name in rows["set"].unique():
            of_set = rows[rows["set"] == name].set_index("model")
            cells = [
                _cell(of_set.loc[model], intervals) if model in of_set.index else "–"
                for model in models
            ]
            lines.append(f"| {name} | {of_set['n'].iloc[0]} | " + " | ".join(cells) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _cell(row: pd.Series, intervals: bool) -> str:
    value = f"{row['value']:.3f}"
    return f"{value} [{row['low']:.3f}, {row['high']:.3f}]" if intervals else value
