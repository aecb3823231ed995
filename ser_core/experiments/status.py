"""Where an experiment stands: its cells, what they depend on today, the tables of what is done."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ser_core.experiments.cells import Cell, list_cells, seeds_done
from ser_core.experiments.data import Data
from ser_core.experiments.folds import Fold, make_folds
from ser_core.experiments.protocol import ASR, Experiment
from ser_core.experiments.provenance import contents, words_of
from ser_core.experiments.report import write_report


@dataclass(frozen=True)
class Standing:
    """An experiment on its data, in a folder that other commands may work in too.

    Attributes:
        words_known: whether the words that are to be recognised are in the table of the data.
    """

    experiment: Experiment
    data: Data
    out: Path
    bootstrap: str
    words_known: bool

    @property
    def folder(self) -> Path:
        """Of all results."""
        return self.out / self.experiment.name

    @cached_property
    def _folds(self) -> list[Fold]:
        return make_folds(self.experiment, self.data.table)

    @cached_property
    def _contents(self) -> tuple[np.ndarray, np.ndarray | None]:
        protocol, table = self.experiment.protocol, self.data.table
        heard = ASR in map(protocol.transcripts_of, protocol.corpora)
        words = words_of(table) if self.words_known or not heard else None
        return contents(table), words

    def settings(self, cell: Cell) -> dict[str, Any]:
        """What a cell depends on today."""
        return cell.settings(*self._contents)

    def cells(self) -> list[Cell]:
        """All cells of the protocol, and those of further seeds that are done by now."""
        planned = self.experiment.protocol.seeds
        with_more = self.experiment.with_seeds(seeds_done(self.folder))
        cells = list_cells(with_more, self._folds, self.out)
        return [cell for cell in cells if cell.recipe.seed in planned or cell.done]

    def report(self, draws: int | None = None) -> None:
        """Write the tables of what is done by now, of today's settings."""
        write_report(
            self.experiment,
            self.cells(),
            self.data,
            self.folder,
            self.bootstrap,
            draws,
            accepts=lambda cell: not cell.changes(self.settings(cell)),
        )
