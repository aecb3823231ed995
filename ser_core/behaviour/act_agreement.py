"""How often the rules for dialogue acts agree with a person who labelled 200 utterances.

The utterances (`dialogue_acts.csv`) were written and labelled before the rules were.
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


@lru_cache(maxsize=1)
def labelled_utterances() -> pd.DataFrame:
    """`text` and the `act` that a person gave it, in random order."""
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


@lru_cache(maxsize=1)
def agreement(draws: int = 1000, seed: int = 0) -> Measured:
    """Accuracy, macro recall, kappa, and the recall of each act; intervals over utterances."""
    table = labelled_utterances()
    codes = {act: k for k, act in enumerate(ACTS)}
    person = table["act"].map(codes).to_numpy()
    rules = table["text"].map(classify).map(codes).to_numpy()
    counted = confusion_terms(person, rules, len(ACTS))
    statistics = {
        ACCURACY: mean_among(person == rules),
        RECALL: Statistic(counted, recall_of_sums),
        KAPPA: Statistic(counted, kappa_of_sums),
    }
    entries = [Entry("rules", name, one, len(table)) for name, one in statistics.items()]
    for act, code in codes.items():
        among = person == code
        entries.append(Entry("rules", act, mean_among(rules == code, among), int(among.sum())))
    return measure(entries, np.arange(len(table)), draws, seed)
