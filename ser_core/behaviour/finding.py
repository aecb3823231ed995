"""One question about the models' behaviour, with its figures and what they do and do not show."""

from dataclasses import dataclass, field

import pandas as pd

PARTS = {
    "follow": "Whom does each fusion follow?",
    "words": "What if the words are missing or wrong?",
    "templates": "What do the words alone do?",
    "acts": "Does it depend on the dialogue act?",
    "battery": "Does each model pass the public tests?",
}
COLUMNS = ("model", "case", "value", "low", "high", "n")  # of every finding's table
TESTED = ("limit", "random", "passed")  # of one that is passed or failed


@dataclass(frozen=True)
class Finding:
    """The answer to one question, for several models.

    Attributes:
        key: a short name of it, its own within all parts: letters, digits and underscores.
        part: the group it belongs to, one of `PARTS`.
        question: what is asked, as a heading.
        shows: one sentence on what the figures say, made from them.
        not_shown: one sentence on what they do not say.
        measure: name and unit of the values, the label of their axis.
        table: a row for each case and model: `model` and `case` (text); `value` with its 95 %
            interval `low` to `high` (NaN where there is none); `n`, the examples it rests on. Of
            a test also `limit` (the threshold as it is told, "> 0.5"), `random` (what a model
            that knows nothing gets; NaN if it is not asked) and `passed` (True, False, or None
            where too few examples allow no verdict). Other columns are kept and shown.
        notes: sentences: what was left out, and why.
    """

    key: str
    part: str
    question: str
    shows: str
    not_shown: str
    measure: str
    table: pd.DataFrame
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        lacking = [column for column in COLUMNS if column not in self.table]
        if lacking or self.part not in PARTS:
            raise ValueError(f"{self.key}: part {self.part!r}, without columns {lacking}")

    @property
    def tested(self) -> bool:
        """Whether its rows are passed or failed."""
        return "passed" in self.table
