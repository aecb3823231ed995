"""Variants of a clip and its words side by side: what was changed, and what that did.

After the table of counterfactuals in the Language Interpretability Tool (Tenney et al., 2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.perturb.rows import analysis_rows
from ser_core.perturb.transcript_errors import normalise, word_error_rate
from ser_core.results import Analysis, Prediction


@dataclass(frozen=True)
class Variant:
    """A version of a clip and its words.

    Attributes:
        name: what the user calls it.
        analysis: what the models say of it.
    """

    name: str
    analysis: Analysis


@dataclass(frozen=True)
class Difference:
    """One model's answers to a variant and to what it is compared with.

    Attributes:
        model: its name.
        before, after: what it says; None where it could not answer.
        sound_changed: whether the samples differ.
        words_changed: whether the words differ, capitals and punctuation included: models read
            them.
    """

    model: str
    before: Prediction | None
    after: Prediction | None
    sound_changed: bool
    words_changed: bool

    @property
    def flipped(self) -> bool:
        """Whether both have a decision, and they differ."""
        decided = self.before and self.before.decision, self.after and self.after.decision
        return None not in decided and decided[0] != decided[1]

    @property
    def deltas(self) -> dict[str, float]:
        """After minus before, for each category (probability) and dimension that both have."""
        if self.before is None or self.after is None:
            return {}
        return {
            key: after[key] - before[key]
            for before, after in (
                (self.before.probabilities, self.after.probabilities),
                (self.before.dimensions, self.after.dimensions),
            )
            for key in after
            if key in before
        }


def differences(base: Analysis, variant: Analysis) -> list[Difference]:
    """Of every model that answers to at least one of both, in display order."""
    models = dict.fromkeys([*base.predictions, *variant.predictions])
    return [
        Difference(
            model,
            base.predictions.get(model),
            variant.predictions.get(model),
            sound_changed=base.clip.digest != variant.clip.digest,
            words_changed=base.transcript.text != variant.transcript.text,
        )
        for model in models
    ]


def to_frame(base: Analysis, variants: Sequence[Variant]) -> pd.DataFrame:
    """One row a variant and model, after those of `base` itself, whose differences are 0.

    Columns: variant, sound_changed, words_changed, words_wer (against the base's words; missing
    where either has none), decision_before, flipped, delta_<category or dimension>, and what
    `ser_core.perturb.rows` gives of the variant. A model that can't answer to it has no row.
    """
    rows = []
    for variant in (Variant("base", base), *variants):
        pairs = {d.model: d for d in differences(base, variant.analysis)}
        wer = _word_errors(base, variant.analysis)
        for row in analysis_rows(variant.analysis):
            pair = pairs[row["model"]]
            rows.append(
                {
                    "variant": variant.name,
                    "sound_changed": pair.sound_changed,
                    "words_changed": pair.words_changed,
                    "words_wer": wer,
                    "decision_before": pair.before.decision if pair.before else None,
                    "flipped": pair.flipped,
                    **{f"delta_{k}": pair.deltas.get(k) for k in (*CATEGORIES, *DIMENSIONS)},
                    **row,
                }
            )
    return pd.DataFrame(rows)


def _word_errors(base: Analysis, variant: Analysis) -> float | None:
    texts = base.transcript.text, variant.transcript.text
    return word_error_rate(*texts) if all(map(normalise, texts)) else None
