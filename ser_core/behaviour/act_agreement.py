"""How often the rules for dialogue acts agree with a person who labelled some utterances.

`dialogue_acts.csv` holds text, act, and whether the utterance was written before the rules, which
were then made with these in sight, or after them. The later ones tell what to expect elsewhere.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.behaviour.dialogue_acts import ACTS, classify
from ser_core.behaviour.statistics import Entry, Measured, mean_among, measure
from ser_core.evaluation.measures import Statistic
from ser_core.metrics import confusion_terms, recall_of_sums

ACCURACY, RECALL, KAPPA = "accuracy", "macro recall", "Cohen's kappa"
WRITTEN = ("before", "after")


@lru_cache(maxsize=1)
def labelled_utterances() -> pd.DataFrame:
    """Columns `text`, `act` (by a person), `written` (one of `WRITTEN`); in random order."""
    return pd.read_csv(Path(__file__).with_name("dialogue_acts.csv"))


def kappa_of_sums(sums: np.ndarray) -> np.ndarray:
    """Cohen's kappa (1960), (p_o - p_e) / (1 - p_e), of `metrics.confusion_terms`."""
    classes = len(ACTS)
    counts = sums.reshape(*sums.shape[:-1], classes, classes)
    total = counts.sum(axis=(-2, -1))
    observed = counts.diagonal(axis1=-2, axis2=-1).sum(axis=-1) / total
    expected = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1) / total**2
    result: np.ndarray = (observed - expected) / np.where(expected < 1, 1 - expected, np.nan)
    return result


@lru_cache(maxsize=2)
def agreement(draws: int = 1000, seed: int = 0) -> Measured:
    """Accuracy, macro recall and kappa, then the recall of each act, over utterances.

    The models of its table are `rules, written before` and `rules, written after`.
    """
    table = labelled_utterances()
    codes = {act: k for k, act in enumerate(ACTS)}
    person = table["act"].map(codes).to_numpy()
    rules = table["text"].map(classify).map(codes).to_numpy()
    counted = confusion_terms(person, rules, len(ACTS))
    entries = []
    for written in WRITTEN:
        chosen = (table["written"] == written).to_numpy()
        name, size = f"rules, written {written}", int(chosen.sum())
        terms = counted * chosen[:, None]
        entries += [
            Entry(name, ACCURACY, mean_among(person == rules, chosen), size),
            Entry(name, RECALL, Statistic(terms, recall_of_sums), size),
            Entry(name, KAPPA, Statistic(terms, kappa_of_sums), size),
        ]
        for act, code in codes.items():
            among = chosen & (person == code)
            entries.append(Entry(name, act, mean_among(rules == code, among), int(among.sum())))
    return measure(entries, np.arange(len(table)), draws, seed)
