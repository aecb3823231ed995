"""Pure functions from arrays and analyses to plotly figures and HTML; no web framework, no torch.

Backgrounds are transparent and greys neutral, so that every figure stands on light and dark pages.
"""

from ser_core.figures.against_truth import dimension_scatter, reliability
from ser_core.figures.cells import cells
from ser_core.figures.circumplex import plane
from ser_core.figures.conflict import conflict_table
from ser_core.figures.curves import curves
from ser_core.figures.intervals import Series, intervals
from ser_core.figures.model_grid import MODEL_GRID_CSS, Slider, model_grid
from ser_core.figures.model_notes import Notes, make_notes
from ser_core.figures.network import network_diagram
from ser_core.figures.rows import Row, agreement, make_rows
from ser_core.figures.seeds import SeedRow, group_seeds
from ser_core.figures.shares import common_span, share_bars
from ser_core.figures.stage_summary import stage_summary
from ser_core.figures.stages import measures_span, stage_panels
from ser_core.figures.style import CATEGORY_COLOURS, CONFIG, model_style
from ser_core.figures.time_axis import common_scale, spread_over_frames
from ser_core.figures.trust import against_random, sanity_lines
from ser_core.figures.verdicts import Verdicts, overview, tested, verdict

__all__ = [
    "CATEGORY_COLOURS",
    "CONFIG",
    "MODEL_GRID_CSS",
    "Notes",
    "Row",
    "SeedRow",
    "Series",
    "Slider",
    "Verdicts",
    "against_random",
    "agreement",
    "cells",
    "common_scale",
    "common_span",
    "conflict_table",
    "curves",
    "dimension_scatter",
    "group_seeds",
    "intervals",
    "make_notes",
    "make_rows",
    "measures_span",
    "model_grid",
    "model_style",
    "network_diagram",
    "overview",
    "plane",
    "reliability",
    "sanity_lines",
    "share_bars",
    "spread_over_frames",
    "stage_panels",
    "stage_summary",
    "tested",
    "verdict",
]
