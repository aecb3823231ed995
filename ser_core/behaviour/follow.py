"""Whom does each fusion follow, the words or the voice? From a table of predictions alone."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ser_core.behaviour import conflicts, correlations
from ser_core.behaviour.finding import Finding
from ser_core.behaviour.roles import Roles
from ser_core.behaviour.statistics import DRAWS
from ser_core.errors import SerError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import Predictions


def findings(
    predictions: Predictions,
    roles: Roles,
    set_name: str | None = None,
    unit: str = "speakers",
    draws: int = DRAWS,
    seed: int = 0,
) -> Iterator[Finding]:
    """Correlation with words and voice, then whom they follow in conflicts, as it is computed.

    Conflicts are told of the rows that were meant as such (columns `text` and `voice`, as of the
    constructed pairs), and of those that the models of the words and of the voice decide
    differently, of any table.

    Args:
        predictions: of `ser evaluate`, or of a corpus; see `Predictions`.
        roles: who reads, who hears; fusions that the table lacks are left out.
        set_name: which set; default the constructed pairs, or all where there are none.
        unit: what intervals are over, `speakers` or `utterances`.
        draws: of the bootstrap. seed: of the draws.

    Raises:
        SerError: no row has words, a voice, and an answer of each of the models.
    """
    present = tuple(name for name in roles.fusions if name in predictions.scores)
    roles = replace(roles, fusions=present)
    part = read_and_heard(predictions, roles, set_name)
    names = part.sets
    where = f"{len(part)} examples of {names[0] if len(names) == 1 else f'{len(names)} sets'}"
    yield from correlations.findings(part, roles, where, unit, draws, seed)
    if not all(part.scores[name].probabilities.shape[1] for name in roles.names):
        return
    for conflict in (conflicts.meant(part), conflicts.decided(part, roles)):
        if conflict is not None:
            yield from conflicts.findings(conflict, roles, unit, draws, seed)


def read_and_heard(
    predictions: Predictions, roles: Roles, set_name: str | None = None
) -> Predictions:
    """Rows that a model of the words, one of the voice and all fusions have answered.

    Args:
        set_name: as in `findings`.

    Raises:
        SerError: there are none.
    """
    missing = [name for name in (roles.text, roles.audio) if name not in predictions.scores]
    if missing or not roles.fusions:
        what = f"predictions of {missing[0]}" if missing else "predictions of a fusion"
        raise SerError(
            f"Whom a fusion follows can't be told without {what}: name a table that has them."
        )
    part = replace(predictions, scores={name: predictions.scores[name] for name in roles.names})
    rows = part.rows
    chosen = (rows["words"] != "").to_numpy()
    if set_name is not None:
        chosen = chosen & (rows["set"] == set_name).to_numpy()
    elif {"text", "voice"} <= set(rows):
        paired = rows.loc[(rows["text"] != "") & (rows["voice"] != ""), "set"].unique()
        if len(paired):
            chosen = chosen & rows["set"].isin(paired).to_numpy()
    for of in part.scores.values():
        chosen = chosen & _answered(of, chosen)
    if not chosen.any():
        raise SerError(
            f"No example was both read and heard by {roles.text}, {roles.audio} and the fusions: "
            "give clips with their transcripts."
        )
    part = part.take(chosen)
    return part.of_set(part.sets[0]) if len(part.sets) == 1 else part


def _answered(of: Scores, chosen: np.ndarray) -> np.ndarray:
    """Rows with all outputs of each head that has any among the chosen rows, bool [N]."""
    heads = [np.isfinite(head) for head in (of.probabilities, of.dimensions) if head.shape[1]]
    present = [head.all(axis=1) for head in heads if head[chosen].any()]
    return np.logical_and.reduce(present) if present else np.zeros(len(chosen), bool)
