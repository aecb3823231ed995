"""The sets that the shipped models are measured on."""

from dataclasses import dataclass

import numpy as np

from ser_core.corpora.pairing import Pairs, fixed_pairs
from ser_core.training.split_data import NO_TEXT, PAIR_SEED, Material


@dataclass(frozen=True)
class EvaluationSet:
    """Examples with labels.

    Attributes:
        name: short name; native sets carry how the words were given.
        examples: rows of clips and texts, and their labels.
        speakers: of each example, for intervals over speakers; None for texts, which have none.
    """

    name: str
    examples: Pairs
    speakers: np.ndarray | None

    @property
    def has_voice(self) -> bool:
        """Whether there is a clip with each example."""
        return bool((self.examples.clips >= 0).all())

    @property
    def has_words(self) -> bool:
        """Whether there is a text with each example."""
        return bool((self.examples.texts != NO_TEXT).all())


def native_sets(material: Material) -> list[EvaluationSet]:
    """Each speech corpus, with the clips' own (neutral) sentences and with no text."""
    sets = []
    for corpus in material.clips["corpus"].unique():
        rows = np.flatnonzero(material.clips["corpus"] == corpus)
        speakers = material.clips["speaker"].to_numpy()[rows]
        for suffix, texts in (
            ("own sentence", material.own[rows]),
            ("no text", np.full(len(rows), NO_TEXT)),
        ):
            examples = material.alone(rows, texts)
            sets.append(EvaluationSet(f"{corpus}, {suffix}", examples, speakers))
    return sets


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
