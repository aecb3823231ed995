"""Does it depend on the dialogue act? With the words fixed, the voice fixed, and in a corpus."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ser_core.analysis import Analyzer
from ser_core.behaviour import conflicts
from ser_core.behaviour.act_agreement import (
    ACCURACY,
    KAPPA,
    WRITTEN,
    agreement,
    labelled_utterances,
)
from ser_core.behaviour.act_figures import of_utterances
from ser_core.behaviour.asking import ask_all
from ser_core.behaviour.dialogue_acts import ACTS, classify
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.follow import read_and_heard
from ser_core.behaviour.roles import Roles
from ser_core.behaviour.statistics import (
    DRAWS,
    Entry,
    drawn_units,
    listed,
    measure,
    span_of,
    told,
    within,
)
from ser_core.evaluation.measured import can_measure, labelled, statistic
from ser_core.evaluation.predictions import Predictions
from ser_core.explain.progress import Progress
from ser_core.models.registry import choose

COLUMN = "dialogue_act"
VOICES = 4  # of the background: one of each category, of different speakers


def findings(
    analyzer: Analyzer,
    predictions: Predictions | None = None,
    models: Sequence[str] | None = None,
    voices: int = VOICES,
    unit: str = "speakers",
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """How good the rules are, then our utterances in several voices, then a corpus' own rows.

    Args:
        analyzer: of the models.
        predictions: see `of_predictions`; None leaves them out.
        models: names; default all.
        voices: of the background, in each of which every model meets each utterance.
        unit: what intervals over `predictions` are over. draws, seed: of the bootstrap.
        progress: see `Progress`.

    Raises:
        SerError: an unknown model, no text encoder, no background voices; or see `of_predictions`.
    """
    chosen = choose(analyzer.models, models)
    yield rules_finding()
    table = labelled_utterances()
    found, notes = ask_all(analyzer, chosen, voices, table["text"].tolist(), progress)
    yield from of_utterances(found, table["act"].to_numpy(dtype=str), notes, draws, seed)
    if predictions is not None:
        roles = Roles.of({one.name: one for one in chosen})
        yield from of_predictions(predictions, roles, unit, draws, seed)


def rules_finding() -> Finding:
    """How often the rules agree with a person."""
    found = agreement()
    before, after = (
        f"{told(found.interval(f'rules, written {written}', ACCURACY), percent=True)} "
        f"(kappa {told(found.interval(f'rules, written {written}', KAPPA))})"
        for written in WRITTEN
    )
    return Finding(
        "acts_rules",
        "acts",
        "How often do the rules for dialogue acts agree with a person?",
        f"The rules give the act that a person gave to {after} of the utterances that were "
        f"written after them, and to {before} of those that they were made with.",
        "One person wrote and labelled the utterances and made the rules; transcripts without "
        "punctuation, or of real conversation, will be harder.",
        "share of the utterances; kappa",
        found.table,
    )


def of_predictions(
    predictions: Predictions,
    roles: Roles,
    unit: str = "speakers",
    draws: int = DRAWS,
    seed: int = 0,
) -> Iterator[Finding]:
    """UAR by act, and whom each fusion follows by act, of examples with a voice and words.

    Args:
        predictions: their column `dialogue_act` tells the act; of a table without it, the rules do
            where the words are English.

    Raises:
        SerError: no example was both read and heard, see `follow.read_and_heard`.
    """
    present = tuple(name for name in roles.fusions if name in predictions.scores)
    roles = replace(roles, fusions=present)
    part = read_and_heard(predictions, roles)
    acts, note = acts_of(part.rows)
    known = acts != ""
    part = part.take(known)
    part = replace(part, rows=part.rows.assign(**{COLUMN: acts[known]}), notes=(note,))
    uar = _uar(part, roles, unit, draws, seed)
    if uar is not None:
        yield uar
    conflict = conflicts.meant(part) or conflicts.decided(part, roles)
    if conflict is None:
        return
    column = conflict.part.rows[COLUMN]
    masks = {act: (column == act).to_numpy() for act in _in_order(column)}
    found = conflicts.by_cases(
        conflict, roles, "dialogue act", masks, unit, draws, seed, part="acts"
    )
    if found is not None:
        yield replace(found, notes=(*found.notes, note))


def acts_of(rows: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Act of each row as text [N], "" where it is not known, and a note on where it comes from."""
    if COLUMN in rows and (given := rows[COLUMN].fillna("").astype(str)).ne("").any():
        return given.to_numpy(dtype=str), f"Acts are those of the column {COLUMN}."
    english = rows["language"].isin(["", "en"]).to_numpy()
    if "text" in rows:  # words of a pair are English, whatever the voice speaks
        english = english | (rows["text"] != "").to_numpy()
    acts = [
        classify(words) if known else ""
        for words, known in zip(rows["words"], english, strict=True)
    ]
    expected = agreement().interval(f"rules, written {WRITTEN[-1]}", ACCURACY)
    return np.array(acts, dtype=str), (
        "Acts are told by rules from English words; on unseen utterances a person agrees with "
        f"{told(expected, percent=True)} of them."
    )


def _in_order(acts: pd.Series) -> list[str]:
    """Ours first, then others of a column, without ""."""
    present = set(acts) - {""}
    return [act for act in ACTS if act in present] + sorted(present - set(ACTS))


def _uar(part: Predictions, roles: Roles, unit: str, draws: int, seed: int) -> Finding | None:
    if not len(part) or not labelled(part.examples, "UAR").any():
        return None
    known = part.take(labelled(part.examples, "UAR"))
    column = known.rows[COLUMN]
    masks = {act: (column == act).to_numpy() for act in _in_order(column)}
    kept = {act: mask for act, mask in masks.items() if mask.sum() >= conflicts.LEAST}
    models = [name for name in roles.names if can_measure(known, name, "UAR")]
    if len(kept) < 2 or not models:
        return None
    drawn, notes = drawn_units(known, unit)
    entries = [
        Entry(
            name,
            act,
            within(statistic(known.examples, known.scores[name], "UAR"), mask),
            int(mask.sum()),
        )
        for name in models
        for act, mask in kept.items()
    ]
    measured = measure(entries, drawn, draws, seed)
    few = [act for act in masks if act not in kept]
    left_out = (f"Fewer than {conflicts.LEAST} rows: {listed(few)}.",) if few else ()
    spans = "; ".join(span_of(measured, name, list(kept)) for name in models)
    return Finding(
        "acts_uar",
        "acts",
        "How well does each model do by dialogue act?",
        f"As UAR, {spans}.",
        "Acts come with other emotions and other lengths, so that a difference need not be due to "
        "the act; the least and the most of several differ by chance as well.",
        "UAR",
        measured.table,
        (*notes, *left_out, *part.notes),
    )
