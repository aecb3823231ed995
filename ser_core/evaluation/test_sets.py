"""The sets that the shipped models are measured on."""

from dataclasses import dataclass, replace

import numpy as np

from ser_core.corpora.pairing import Pairs, fixed_pairs
from ser_core.labels import CATEGORIES
from ser_core.training.split_data import NO_TEXT, PAIR_SEED, Material


@dataclass(frozen=True)
class EvaluationSet:
    """Examples with labels.

    Attributes:
        name: short name; native sets carry how the words were given.
        examples: rows of clips and texts, and their labels.
        speakers: of each example, for intervals over speakers; None for texts, which have none.
        reference: whether the voices are heard relative to ten other clips of their speakers.
        heard: shares of human raters of the voice alone for the categories, [N, 4], their sum
            below 1 where raters heard other emotions; None where there were no raters.
    """

    name: str
    examples: Pairs
    speakers: np.ndarray | None
    reference: bool = False
    heard: np.ndarray | None = None

    @property
    def has_voice(self) -> bool:
        """Whether there is a clip with each example."""
        return bool((self.examples.clips >= 0).all())

    @property
    def has_words(self) -> bool:
        """Whether there is a text with each example."""
        return bool((self.examples.texts != NO_TEXT).all())


def native_sets(material: Material) -> list[EvaluationSet]:
    """Each speech corpus, with the clips' own (neutral) sentences, with no text, and with no text
    but a reference of the speaker; and with no text against what human raters heard.
    """
    sets = []
    for corpus in material.clips["corpus"].unique():
        rows = np.flatnonzero(material.clips["corpus"] == corpus)
        speakers = material.clips["speaker"].to_numpy()[rows]
        silent = material.alone(rows, np.full(len(rows), NO_TEXT))
        spoken = material.alone(rows, material.own[rows])
        heard = _heard(material, rows)
        sets += [
            EvaluationSet(f"{corpus}, own sentence", spoken, speakers),
            EvaluationSet(f"{corpus}, no text", silent, speakers, heard=heard),
        ]
        if material.voices is not None:
            sets.append(EvaluationSet(f"{corpus}, reference", silent, speakers, reference=True))
        if heard is not None:
            sets.append(_as_heard(f"{corpus}, as raters heard it", silent, speakers, heard))
    return sets


def _heard(material: Material, rows: np.ndarray) -> np.ndarray | None:
    columns = [f"heard_{category}" for category in CATEGORIES]
    if columns[0] not in material.clips:
        return None
    shares = material.clips.loc[rows, columns].to_numpy(np.float64)
    return shares if np.isfinite(shares).all() else None


def _as_heard(name: str, silent: Pairs, speakers: np.ndarray, heard: np.ndarray) -> EvaluationSet:
    """Clips of which raters heard one of the categories more than anything else, so labelled."""
    others = 1 - heard.sum(axis=1)
    first, second = np.sort(heard, axis=1)[:, -1], np.sort(heard, axis=1)[:, -2]
    clear = np.flatnonzero((first > second) & (first > others))
    chosen = silent.rows(clear)
    majority = np.eye(len(CATEGORIES))[heard[clear].argmax(axis=1)]
    unrated = np.full_like(chosen.dimensions, np.nan)
    return EvaluationSet(
        name, replace(chosen, categories=majority, dimensions=unrated), speakers[clear]
    )


def text_sets(material: Material) -> list[EvaluationSet]:
    """Each text corpus."""
    names = [name for name in material.texts["corpus"].unique() if name != "own"]
    return [
        EvaluationSet(name, material.words(np.flatnonzero(material.texts["corpus"] == name)), None)
        for name in names
    ]


def pair_set(material: Material, split: str) -> EvaluationSet:
    """The constructed pairs of a split: the same ones for every model and every run."""
    pairs = fixed_pairs(material.clips, material.texts, PAIR_SEED[split])
    speakers = material.clips["speaker"].to_numpy()[pairs.clips]
    return EvaluationSet("constructed pairs", pairs, speakers)


def evaluation_sets(material: Material, split: str) -> list[EvaluationSet]:
    """All sets of a split: native clips, texts, constructed pairs."""
    return [*native_sets(material), *text_sets(material), pair_set(material, split)]
