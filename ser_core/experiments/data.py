"""The utterances of an experiment: read, checked, labelled, with words."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ser_core.corpora.files import UNUSABLE
from ser_core.corpora.inspect import groups
from ser_core.corpora.recognise import read
from ser_core.corpora.table import Corpus
from ser_core.errors import CorpusError
from ser_core.experiments.protocol import ASR, OWN_TRANSCRIPTS, Experiment, Protocol
from ser_core.experiments.transcripts import DOUBT, with_transcripts
from ser_core.features import FrontEnd
from ser_core.labels import DIMENSIONS
from ser_core.speech import Recogniser
from ser_core.training.store import find_log_mels, list_files


@dataclass(frozen=True)
class Data:
    """What an experiment is made on.

    Attributes:
        table: the utterances that can be used, of all corpora; columns as of a corpus, and
            `transcript_doubt`.
        left_out: recordings that are missing or damaged: corpus, id, reason.
        notes: sentences for the report.
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]


def parse_roots(options: list[str], protocol: Protocol) -> dict[str, Path]:
    """`ROOT`, or `name=ROOT` once for each corpus of the protocol -> root by name.

    Raises:
        CorpusError: a corpus has no root, or one is given that is not asked for.
    """
    wanted = protocol.corpora
    if len(wanted) == 1 and len(options) == 1:
        return {wanted[0]: Path(options[0].removeprefix(f"{wanted[0]}="))}
    roots = {
        name: Path(root) for name, _, root in (option.partition("=") for option in options) if root
    }
    if set(roots) != set(wanted) or len(options) != len(wanted):
        needed = " ".join(f"--data {name}=FOLDER" for name in wanted)
        raise CorpusError(f"The experiment needs {' and '.join(wanted)}: give {needed}.")
    return roots


def read_corpora(experiment: Experiment, roots: Mapping[str, Path]) -> list[Corpus]:
    """Every corpus with the utterances that have the labels that the models predict.

    Raises:
        CorpusError: a root holds no corpus, or another one; or no utterance has such labels.
    """
    found = []
    for name, root in roots.items():
        corpus = read(root)
        if corpus.name != name:
            raise CorpusError(f"The experiment needs {name}, but {root} holds {corpus.name}.")
        table = corpus.table[_labelled(corpus.table, experiment)].reset_index(drop=True)
        if table.empty:
            raise CorpusError(f"No utterance of {name} at {root} has labels: check its files.")
        notes = [*corpus.notes]
        if unlabelled := len(corpus.table) - len(table):
            notes.append(
                f"{unlabelled:,} of {len(corpus.table):,} utterances have no such label as the "
                "models predict and are not used."
            )
        found.append(Corpus(name, table, corpus.skipped, corpus.missing, tuple(notes)))
    return found


def _labelled(table: pd.DataFrame, experiment: Experiment) -> pd.Series:
    """Rows with the label of every head, so that all models and metrics are of the same ones."""
    usable = table["path"] != ""
    if experiment.categorical:
        usable &= table["category"] != ""
    if experiment.dimensional:
        usable &= table[list(DIMENSIONS)].notna().all(axis=1)
    return usable


def prepare(
    experiment: Experiment, corpora: list[Corpus], front_end: FrontEnd, leave_out_damaged: bool
) -> Data:
    """Open every recording, and find its words; before anything is trained.

    Raises:
        CorpusError: recordings are missing or damaged and not to be left out; transcripts cannot
            be used. RecogniserError: there is no recogniser.
    """
    table = pd.concat([corpus.table for corpus in corpora], ignore_index=True)
    problems = [
        (corpus.name, skipped.item, skipped.reason)
        for corpus in corpora
        for skipped in corpus.skipped
        if skipped.reason in UNUSABLE
    ]
    _, damaged = find_log_mels(list(table["path"]), front_end)
    rows = np.array(sorted(damaged), dtype=int)
    problems += [
        (corpus, item, damaged[row])
        for row, corpus, item in zip(
            rows, table["corpus"].iloc[rows], table["id"].iloc[rows], strict=True
        )
    ]
    if problems and not leave_out_damaged:
        names = list_files([(item, reason) for _, item, reason in problems])
        raise CorpusError(
            f"{len(problems):,} recordings are missing or damaged: {names}: complete the corpus, "
            "or leave them out with --leave-out-damaged."
        )
    table = table[~table.index.isin(rows)].reset_index(drop=True)
    protocol = experiment.protocol
    recogniser = Recogniser(protocol.recogniser)
    parts = [
        with_transcripts(part, protocol.transcripts_of(str(name)), recogniser)
        for name, part in table.groupby("corpus", sort=False)
    ]
    left_out = pd.DataFrame(problems, columns=["corpus", "id", "reason"])
    notes = [note for part in parts for note in _transcript_notes(part, protocol)]
    notes += [_left_out_note(left_out)] if problems else []
    notes += [note for corpus in corpora for note in _corpus_notes(corpus)]
    return Data(pd.concat(parts, ignore_index=True), left_out, tuple(notes))


def _transcript_notes(part: pd.DataFrame, protocol: Protocol) -> list[str]:
    name = part["corpus"].iloc[0]
    source = protocol.transcripts_of(name)
    kind = {OWN_TRANSCRIPTS: "the corpus' own", ASR: f"recognised by {protocol.recogniser}"}
    absent, doubtful = int((part["transcript"] == "").sum()), int((part[DOUBT] != "").sum())
    words = f"Transcripts of {name}: {kind.get(source, f'from {Path(source).name}')}"
    words += f"; {absent:,} of {len(part):,} utterances have none" if absent else ""
    words += f"; the recogniser doubts {doubtful:,}" if doubtful else ""
    return [f"{words}."]


def _left_out_note(left_out: pd.DataFrame) -> str:
    return (
        f"{len(left_out):,} recordings are missing or damaged and left out: see left_out.csv. The "
        "results are of the others."
    )


def _corpus_notes(corpus: Corpus) -> list[str]:
    others = [skipped for skipped in corpus.skipped if skipped.reason not in UNUSABLE]
    notes = [f"{corpus.name}: {note}" for note in corpus.notes]
    if others:
        lines = groups(others).replace("- ", "").replace("\n", "; ")
        notes.append(f"{corpus.name}, left out when it was read: {lines}.")
    return notes
