"""The models' marks as SVG: the shapes that plotly draws on the plane, for HTML."""

from markupsafe import Markup

from ser_core.figures.style import Style

# Paths in a box of 16 units; those of lines only have no area to fill.
_SHAPES = {
    "circle": "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6z",
    "square": "M3 3h10v10h-10z",
    "diamond": "M8 1.2l6.8 6.8l-6.8 6.8l-6.8-6.8z",
    "triangle-up": "M8 1.8l6.7 11.9h-13.4z",
    "star": "M8 .8l2 5l5.4.4l-4.1 3.5l1.3 5.2l-4.6-2.8l-4.6 2.8l1.3-5.2l-4.1-3.5l5.4-.4z",
}
_LINES = {"x": "M3 3l10 10m0-10l-10 10", "cross": "M8 1.5v13m-6.5-6.5h13"}


def mark(style: Style, hollow: bool = False) -> Markup:
    """An inline SVG of a model's symbol in its colour; a hollow one is drawn as an outline."""
    lines = style.symbol in _LINES
    path = _LINES[style.symbol] if lines else _SHAPES.get(style.symbol, _SHAPES["circle"])
    fill = "none" if lines or hollow else style.colour
    width = 1.6 if lines and hollow else 2.8 if lines else 1.8
    return Markup(
        '<svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<path d="{}" fill="{}" stroke="{}" stroke-width="{}"/></svg>'
    ).format(path, fill, style.colour, width)
