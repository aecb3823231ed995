"""What all parts of the evaluation page look at, and what they share to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from pages import _choices as choices
from pages import _evaluation_clips as clips
from pages._evaluation_source import Source
from ser_core.figures.model_marks import model_marks
from ser_core.figures.style import Style

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer
    from ser_core.evaluation.predictions import Predictions

RATERS = "raters"


@dataclass(frozen=True)
class Question:
    """What all parts look at.

    Attributes:
        source: of the predictions. name: of the set.
        part: the set's rows, each with an answer of every model that was asked.
        unit: what a bootstrap draws.
        titles, styles: of the models of the set, by name, in display order.
    """

    source: Source
    name: str
    part: "Predictions"
    unit: str
    titles: Mapping[str, str]
    styles: Mapping[str, Style]

    @property
    def key(self) -> tuple[str, str, str]:
        """What computations of it depend on."""
        return (self.source.key, self.name, self.unit)

    def categorical(self) -> list[str]:
        """Models that decide for a category, without the human raters."""
        return [name for name in self.part.with_categories() if name != RATERS]

    def pick(self, numbers: np.ndarray, what: str) -> None:
        """Select rows, told in a sentence."""
        found = clips.rows(self.part, np.unique(numbers), self.titles, self.source.sound)
        clips.select(found, f"{what}: {count(len(found))}.")


def ask(source: Source, name: str, unit: str, analyzer: "Analyzer") -> Question:
    """The question, with the models' names and marks."""
    part = source.predictions.of_set(name).complete()
    titles, styles = model_marks(analyzer.models, list(part.scores), {*part.references, RATERS})
    if RATERS in titles:
        titles[RATERS] = "Human raters of the voice"
    return Question(source, name, part, unit, titles, styles)


def two_models(question: Question, models: Sequence[str]) -> tuple[str, str]:
    """A model, and one beside it or ""; at first the last two that are no references."""
    beside = {*question.part.references, RATERS}
    own = [name for name in reversed(models) if name not in beside]
    order = [*own, *(name for name in models if name in beside)]
    grid = st.grid("auto", min_column_width=150)
    with grid.cell():
        a = choices.choose("evaluation.first", "Model", order, question.titles.__getitem__)
    others = [*(name for name in order if name != a), ""]
    with grid.cell():
        b = choices.choose(
            "evaluation.second", "Beside it", others, lambda n: question.titles.get(n, "nothing")
        )
    return a, b


def has_labels(question: Question, figure: str) -> bool:
    """Whether any row counts in one of `measured.FIGURES`."""
    from ser_core.evaluation.measured import labelled

    return bool(labelled(question.part.examples, figure).any())


def no_labels() -> None:
    """Say what is missing."""
    st.info("No clip of this set has the label that this needs: name one in the table's columns.")


def numbers(table: pd.DataFrame, key: str) -> None:
    """A table with three digits, of p-values with four."""
    config = {
        name: st.column_config.NumberColumn(format="%.4f" if name.startswith("p") else "%.3f")
        for name in table.select_dtypes("float").columns
    }
    st.dataframe(table, hide_index=True, column_config=config, key=f"table_{key}")


def count(number: int) -> str:
    """Such as "1 clip"."""
    return "1 clip" if number == 1 else f"{number:,} clips"
