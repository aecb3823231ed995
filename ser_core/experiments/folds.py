"""Which utterances train, choose the epoch, and test."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ser_core.errors import CorpusError
from ser_core.experiments.protocol import Experiment, Protocol


@dataclass(frozen=True)
class Fold:
    """One division of the utterances.

    Attributes:
        name: of the session that is tested, or "" where there is one fold only.
        train, dev: row numbers of the table.
        tests: row numbers by name of the test set.
    """

    name: str
    train: np.ndarray
    dev: np.ndarray
    tests: dict[str, np.ndarray]


def make_folds(experiment: Experiment, table: pd.DataFrame) -> list[Fold]:
    """The folds of an experiment's protocol.

    Args:
        table: utterances; row numbers refer to it.

    Raises:
        CorpusError: the corpus has too few sessions, or lacks a split.
    """
    protocol = experiment.protocol
    others = {name: np.flatnonzero(table["corpus"] == name) for name in protocol.test_corpora}
    own = (table["corpus"] == protocol.corpus).to_numpy()
    if protocol.split == "corpus":
        return [_by_split(protocol, table, own, others)]
    sessions = sorted(set(table["session"][own]) - {""})
    if len(sessions) < 3:
        raise CorpusError(
            f"Leaving one session out needs three, and {protocol.corpus} has {len(sessions)}: "
            "complete the corpus."
        )
    folds = []
    for number, session in enumerate(sessions):
        next_one = sessions[(number + 1) % len(sessions)]
        of_session = {
            name: own & (table["session"] == name).to_numpy() for name in (session, next_one)
        }
        train = own & (table["session"] != "").to_numpy()
        train &= ~of_session[session] & ~of_session[next_one]
        tests = {protocol.corpus: np.flatnonzero(of_session[session]), **others}
        dev = np.flatnonzero(of_session[next_one])
        folds.append(Fold(session, np.flatnonzero(train), dev, tests))
    return folds


def _by_split(
    protocol: Protocol, table: pd.DataFrame, own: np.ndarray, others: dict[str, np.ndarray]
) -> Fold:
    rows = {
        split: np.flatnonzero(own & (table["split"] == split).to_numpy())
        for split in ("train", "dev", *protocol.test)
    }
    for split in ("train", "dev"):
        if not len(rows[split]):
            raise CorpusError(
                f"{protocol.corpus} has no labelled utterances to {split}: complete the corpus."
            )
    tests = {f"{protocol.corpus} {name}": rows[name] for name in protocol.test if len(rows[name])}
    if not tests and not others:
        wanted = ", ".join(protocol.test)
        raise CorpusError(
            f"{protocol.corpus} has no labelled utterances in {wanted}: complete the corpus."
        )
    return Fold("", rows["train"], rows["dev"], tests | others)
