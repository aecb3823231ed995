"""The rows of the model grid: name, decision, cells, and late fusion's slider in its own row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from markupsafe import Markup

from ser_core.figures.ask import Part, ask, combine, join
from ser_core.figures.grid_cells import category_cell, dimension_cell, spread
from ser_core.figures.marks import mark
from ser_core.figures.model_notes import Notes
from ser_core.figures.rows import Row, differs
from ser_core.figures.seeds import SeedRow

_ROW = '<tr role="row" tabindex="-1" class="{}">{}</tr>'
_NAME = Markup(
    '<th role="rowheader" scope="row" class="name">{}<span class="title">{}{}</span></th>'
)
_SLIDER = Markup(
    '<label class="slider">{words}<input type="range" id="{ident}" '
    'min="0" max="1" step="0.05" value="{weight:g}" aria-label="{title}: weight of the words, from '
    '0 (voice only) to 1 (words only)"{disabled}></label>'
)


class Slider(NamedTuple):
    """The weight of the words in late fusion, moved in its row.

    Attributes:
        weight: in [0, 1].
        models: names of the models that it changes; the first one's row holds the slider.
        enabled: False where there are no words.
    """

    weight: float
    models: tuple[str, ...]
    enabled: bool = True


@dataclass(frozen=True)
class Body:
    """What all rows of a grid share.

    Attributes:
        ident: prefix of all ids.
        categories, dimensions: the columns.
        winner: the category of the majority, or None.
        compared: what `row.other` is called.
        skipped: why a model did not answer, by name.
        notes: of the models; None for names that can't be asked.
        slider: of late fusion, or None.
    """

    ident: str
    categories: Sequence[str]
    dimensions: Sequence[str]
    winner: str | None
    compared: str
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: Notes | None = None
    slider: Slider | None = None

    def rows(self, kind: str, rows: Sequence[Row]) -> Part:
        """A body of the table; nothing without rows."""
        if not rows:
            return Part(Markup(""))
        start = Markup('<tbody role="rowgroup" class="{}">').format(kind)
        return combine(start + Markup("{}</tbody>"), *(self._row(row) for row in rows))

    def _row(self, row: Row) -> Part:
        title = self._title(row)
        head = _NAME.format(mark(row.style), title.html, self._below(row))
        apart = differs(row, self.winner)
        if row.prediction is None:
            width = 1 + len(self.categories) + len(self.dimensions)
            why = self.skipped.get(row.name, "It could not answer.")
            cell = Markup('<td role="cell" tabindex="-1" colspan="{}" class="skipped">{}</td>')
            cells = cell.format(width, why)
        else:
            cells = join(self._decision(row, apart), *self._cells(row))
        html = Markup(_ROW).format("differs" if apart else "", head + cells)
        return Part(html, title.notes)

    def _title(self, row: Row) -> Part:
        if self.notes is None or row.name not in self.notes.models:
            return Part(Markup("<span>{}</span>").format(row.title))
        note = self.notes.models[row.name]
        if isinstance(row, SeedRow):
            names = ", ".join(member.name for member in row.members)
            note += Markup("<p>The first of {} seeds: {}.</p>").format(len(row.members), names)
        return ask(f"{self.ident}-model-{row.name}", row.title, note)

    def _below(self, row: Row) -> Markup:
        """The small line below a model's name."""
        parts: list[Markup | str] = []
        if row.reference:
            parts.append("reference")
        if self.slider and row.name in self.slider.models:
            first = row.name == self.slider.models[0]
            weight = self.slider.weight
            parts.append(self._slider(self.slider, row.title) if first else f"words {weight:.2f}")
        elif isinstance(row, SeedRow):
            parts.append(f"{len(row.members)} seeds")
        if row.prediction is not None and row.prediction.unfamiliar:
            parts.append(Markup('<span class="unlike">? unlike training</span>'))
        if not parts:
            return Markup("")
        return Markup('<span class="below">{}</span>').format(Markup(" · ").join(parts))

    def _slider(self, slider: Slider, title: str) -> Markup:
        words = Markup("words <output>{:.2f}</output>").format(slider.weight)
        return _SLIDER.format(
            words=words if slider.enabled else "no words",
            weight=slider.weight,
            ident=f"{self.ident}-words",
            title=title,
            disabled="" if slider.enabled else Markup(" disabled"),
        )

    def _decision(self, row: Row, apart: bool) -> Markup:
        sign = '<span aria-hidden="true">≠ </span><span class="sr">differs from most: </span>'
        sd = spread(row, row.decision) if row.decision else ""
        return Markup('<td role="cell" tabindex="-1" class="says">{}{}{}</td>').format(
            Markup(sign) if apart else "",
            row.decision or "–",
            Markup('<span class="below">{}</span>').format(sd) if sd else "",
        )

    def _cells(self, row: Row) -> list[Markup]:
        kinds = ((self.categories, category_cell), (self.dimensions, dimension_cell))
        return [
            # A tip opens towards the middle of the table.
            cell(row, name, self.compared, "left" if place < len(names) / 2 else "right")
            for names, cell in kinds
            for place, name in enumerate(names)
        ]
