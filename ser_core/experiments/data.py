"""The utterances of an experiment: read, checked, labelled, with words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.speech import Recogniser
from ser_core.labels import DIMENSIONS
from ser_core.training.feature_cache import LogMels, find_log_mels, list_files
from ser_core.training.recordings import recordings


@dataclass(frozen=True)
class Data:
    """What an experiment is made on.

    Attributes:
        table: the utterances that can be used, of all corpora; columns as of a corpus, and
            `transcript_doubt`.
        left_out: recordings that are missing or damaged: corpus, id, reason.
        notes: sentences for the report.
        log_mels: of the rows of `table`, by front end; see `Materials`.
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]
    log_mels: Mapping[FrontEnd, LogMels] = field(default_factory=dict)


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
    """Every corpus with the utterances that the experiment uses.

    They have the labels that the models predict, and are in some part of the protocol: only of
    these it matters whether the recordings are missing or damaged.

    Raises:
        CorpusError: a root holds no corpus, or another one; or no utterance has such labels.
    """
    found = []
    for name, root in roots.items():
        corpus = read(root)
        if corpus.name != name:
            raise CorpusError(f"The experiment needs {name}, but {root} holds {corpus.name}.")
        labelled = corpus.table[_labelled(corpus.table, experiment) & (corpus.table["path"] != "")]
        if labelled.empty:
            raise CorpusError(f"No utterance of {name} at {root} has labels: check its files.")
        table = labelled[_takes_part(labelled, experiment.protocol)].reset_index(drop=True)
        notes = [*corpus.notes]
        if unlabelled := len(corpus.table) - len(labelled):
            notes.append(
                f"{unlabelled:,} of {len(corpus.table):,} utterances have no such label as the "
                "models predict and are not used."
            )
        if apart := len(labelled) - len(table):
            notes.append(f"{apart:,} more are in no part of the protocol and are not used.")
        wanted = _labelled(corpus.unusable, experiment)
        wanted &= _takes_part(corpus.unusable, experiment.protocol)
        unwanted = set(corpus.unusable["id"][~wanted])
        skipped = tuple(one for one in corpus.skipped if one.item not in unwanted)
        if unwanted:
            notes.append(
                f"{len(unwanted):,} recordings are missing or damaged that the experiment does "
                "not use."
            )
        found.append(Corpus(name, table, skipped, corpus.missing, tuple(notes)))
    return found


def _labelled(table: pd.DataFrame, experiment: Experiment) -> pd.Series:
    """Rows with the label of every head, so that all models and metrics are of the same ones."""
    labelled = pd.Series(True, index=table.index)
    if experiment.categorical:
        labelled &= table["category"] != ""
    if experiment.dimensional:
        labelled &= table[list(DIMENSIONS)].notna().all(axis=1)
    return labelled


def _takes_part(table: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Rows that train, choose the epoch or test, see `make_folds`."""
    if protocol.split == "corpus":
        own = table["split"].isin(["train", "dev", *protocol.test])
    else:
        own = table["session"] != ""
    return own | table["corpus"].isin(protocol.test_corpora)


def prepare(
    experiment: Experiment,
    corpora: list[Corpus],
    front_end: FrontEnd,
    leave_out_damaged: bool,
    *,
    words: bool = True,
) -> Data:
    """Open every recording, and find its words; before anything is trained.

    Args:
        experiment: its protocol.
        corpora: see `read_corpora`.
        front_end: of the log-Mels, for which the recordings are opened.
        leave_out_damaged: go on without recordings that cannot be used.
        words: whether a model reads words; if none does, nothing is recognised, and the
            transcripts that should be are "".

    Raises:
        CorpusError: recordings are missing or damaged and not to be left out; transcripts cannot
            be used, or there are none. RecogniserError: there is no recogniser.
    """
    protocol = experiment.protocol
    recogniser = Recogniser(protocol.recogniser)
    heard = [
        corpus.name for corpus in corpora if protocol.transcripts_of(corpus.name) == ASR and words
    ]
    # What is wrong with the words is told before hours of computing, as far as it is known.
    table = pd.concat([_given_words(corpus, protocol) for corpus in corpora], ignore_index=True)
    if words:
        _require_words(table[~table["corpus"].isin(heard)], protocol)
    if heard:
        recogniser.load()
    problems = [
        (corpus.name, skipped.item, skipped.reason)
        for corpus in corpora
        for skipped in corpus.skipped
        if skipped.reason in UNUSABLE
    ]
    log_mels, damaged = find_log_mels(recordings(table), front_end)
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
    usable = np.delete(np.arange(len(table)), rows)
    if not len(usable):
        raise CorpusError(
            f"None of the {len(problems):,} recordings can be used: check the folder of the corpus."
        )
    parts = [
        with_transcripts(part, ASR, recogniser) if name in heard else part
        for name, part in table.iloc[usable].groupby("corpus", sort=False)
    ]
    table = pd.concat(parts, ignore_index=True)
    if words:
        _require_words(table, protocol)
    left_out = pd.DataFrame(problems, columns=["corpus", "id", "reason"])
    notes = [_transcript_note(part, protocol, words) for part in parts]
    notes += [_left_out_note(left_out)] if problems else []
    notes += [note for corpus in corpora for note in _corpus_notes(corpus)]
    return Data(table, left_out, tuple(notes), {front_end: log_mels.take(usable)})


def _given_words(corpus: Corpus, protocol: Protocol) -> pd.DataFrame:
    """The utterances with the words that there are; "" where they are to be recognised."""
    source = protocol.transcripts_of(corpus.name)
    if source == ASR:
        return corpus.table.assign(**{"transcript": "", DOUBT: ""})
    return with_transcripts(corpus.table, source)


def _require_words(table: pd.DataFrame, protocol: Protocol) -> None:
    for name, part in table.groupby("corpus", sort=False):
        if (part["transcript"] != "").any():
            continue
        if protocol.transcripts_of(str(name)) == ASR:
            raise CorpusError(
                f"{protocol.recogniser} found words in none of the {len(part):,} utterances of "
                f"{name}: name another `recogniser` in [protocol]."
            )
        raise CorpusError(
            f"None of the {len(part):,} utterances of {name} has words: set `transcripts` in "
            "[protocol] to asr or to a file of them."
        )


def _transcript_note(part: pd.DataFrame, protocol: Protocol, words: bool) -> str:
    name = part["corpus"].iloc[0]
    source = protocol.transcripts_of(name)
    if source == ASR and not words:
        return (
            f"Transcripts of {name}: not recognised, as no model of this run reads them; results "
            "of models that do are of the words with which they were made."
        )
    kind = {OWN_TRANSCRIPTS: "the corpus' own", ASR: f"recognised by {protocol.recogniser}"}
    absent, doubtful = int((part["transcript"] == "").sum()), int((part[DOUBT] != "").sum())
    text = f"Transcripts of {name}: {kind.get(source, f'from {Path(source).name}')}"
    text += f"; {absent:,} of {len(part):,} utterances have none" if absent else ""
    text += f"; the recogniser doubts {doubtful:,}" if doubtful else ""
    return f"{text}."


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
