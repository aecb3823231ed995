"""The model grid: one table, rows are models, columns are categories and dimensions.

Semantic HTML, so that it is read by people, screen readers and printers alike, fits any width by
container queries, and stands on a page or in a report by itself.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import chain

from markupsafe import Markup

from ser_core.figures.ask import combine
from ser_core.figures.grid_head import grid_head
from ser_core.figures.grid_legend import legend
from ser_core.figures.grid_rows import Body, Slider
from ser_core.figures.model_notes import Notes
from ser_core.figures.rows import Row, majority
from ser_core.labels import CATEGORIES, DIMENSIONS

__all__ = ["MODEL_GRID_CSS", "Slider", "model_grid"]

# All rules are below `.ser-grid`, so that the text can stand in the head of a report.
MODEL_GRID_CSS = files("ser_core.figures").joinpath("model_grid.css").read_text("utf-8")

_GRID = Markup(
    '<div class="ser-grid{}" style="--cats:{};--dims:{}">{}<table class="grid" role="table">'
    "<caption>What each model says: its decision, the probabilities of the categories, and the "
    "dimensions from 0 to 1.</caption>{}</table>{}{}</div>"
)


def model_grid(
    rows: Sequence[Row],
    *,
    compared: str = "before the edit",
    skipped: Mapping[str, str] | None = None,
    notes: Notes | None = None,
    dimmed: str = "",
    slider: Slider | None = None,
    ident: str = "grid",
) -> str:
    """The grid as HTML, to be styled by `MODEL_GRID_CSS`; whatever is not ours is escaped.

    Args:
        rows: from `make_rows` or `group_seeds`; `row.other` is drawn hollow.
        compared: what `row.other` is called.
        skipped: why a model did not answer, by name, as in `Analysis.skipped`.
        notes: from `make_notes`; without them the models' names can't be asked.
        dimmed: one sentence on why the predictions are not to be taken at their word (no speech,
            say); everything is pale then.
        slider: the weight of late fusion, None for none.
        ident: prefix of all ids, unique in the document or shadow root.
    """
    found = [row.prediction for row in rows if row.prediction]
    categories = _labels([prediction.probabilities for prediction in found], CATEGORIES)
    dimensions = _labels([prediction.dimensions for prediction in found], DIMENSIONS)
    body = Body(
        ident, categories, dimensions, majority(rows), compared, skipped or {}, notes, slider
    )
    table = combine(
        "{}",
        grid_head(ident, categories, dimensions, notes.calibration if notes else Markup("")),
        body.rows("compared", [row for row in rows if not row.reference]),
        body.rows("references", [row for row in rows if row.reference]),
    )
    signs = legend(ident, rows, compared)
    return str(
        _GRID.format(
            " dimmed" if dimmed else "",
            len(categories),
            len(dimensions),
            Markup('<p class="why" role="note">{}</p>').format(dimmed) if dimmed else "",
            table.html,
            signs.html,
            table.notes + signs.notes,
        )
    )


def _labels(found: Sequence[Mapping[str, float]], default: Sequence[str]) -> Sequence[str]:
    """Those that the models have, in their order."""
    return list(dict.fromkeys(chain.from_iterable(found))) or default
