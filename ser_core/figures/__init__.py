"""Pure functions from arrays and analyses to plotly figures and HTML; no web framework, no torch.

Backgrounds are transparent and greys neutral, so that every figure stands on light and dark pages.
"""

from ser_core.figures.circumplex import plane
from ser_core.figures.grid import category_grid, dimension_grid
from ser_core.figures.model_grid import MODEL_GRID_CSS, Slider, model_grid
from ser_core.figures.model_notes import Notes, make_notes
from ser_core.figures.rows import Row, agreement, make_rows
from ser_core.figures.seeds import SeedRow, group_seeds
from ser_core.figures.spectrogram import sound
from ser_core.figures.style import CATEGORY_COLOURS, CONFIG, model_style

__all__ = [
    "CATEGORY_COLOURS",
    "CONFIG",
    "MODEL_GRID_CSS",
    "Notes",
    "Row",
    "SeedRow",
    "Slider",
    "agreement",
    "category_grid",
    "dimension_grid",
    "group_seeds",
    "make_notes",
    "make_rows",
    "model_grid",
    "model_style",
    "plane",
    "sound",
]
