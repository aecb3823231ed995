"""Colours, symbols and the layout that all figures share."""

from typing import Any, NamedTuple

# Okabe and Ito's palette, safe for colour-blind readers ("Color universal design", 2008). The
# categories and the models share no colour, so that none can be taken for the other.
CATEGORY_COLOURS = {
    "neutral": "#8C8C8C",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "angry": "#D55E00",
}
OTHER_COLOUR = "#999999"
GREY = "#8C8C8C"
FAINT = "rgba(128, 128, 128, 0.14)"
RULE = "rgba(128, 128, 128, 0.45)"
MARKED = "rgba(213, 94, 0, 0.10)"

# The two sides of attributions and of differences, and of nothing else.
RAISES, LOWERS = "#D55E00", "#0072B2"

# What the two ends of a dimension mean, for headers and axes.
POLES = {
    "arousal": ("calm", "excited"),
    "valence": ("negative", "positive"),
    "dominance": ("weak", "strong"),
}

NEUTRAL_TICKS = {"tickvals": [0, 0.5, 1], "ticktext": ["0", "½", "1"]}

# Passed to the page's chart element: one tool, which saves the figure as a picture; nothing that
# follows the mouse away.
CONFIG = {
    "displayModeBar": "hover",
    "modeBarButtons": [["toImage"]],
    "displaylogo": False,
    "toImageButtonOptions": {"format": "png", "scale": 2},
    "scrollZoom": False,
    "doubleClick": False,
}


class Style(NamedTuple):
    """How a model is drawn wherever it is a point."""

    symbol: str
    colour: str


_STYLES = (
    Style("circle", "#CC79A7"),
    Style("square", "#56B4E9"),
    Style("diamond", "#B5A400"),  # Okabe-Ito's yellow, darkened to be seen on white
    Style("triangle-up", "#009E73"),
    Style("star", "#7F7BDB"),
)
_REFERENCE_STYLES = (Style("x", GREY), Style("cross", GREY))


def model_style(position: int, reference: bool = False) -> Style:
    """Symbol and colour of the model at a position in display order (references count apart)."""
    styles = _REFERENCE_STYLES if reference else _STYLES
    return styles[position % len(styles)]


def base_layout(height: int, **layout: Any) -> dict[str, Any]:
    """What every figure of the page shares, and more."""
    return {
        "height": height,
        "showlegend": False,
        "dragmode": False,  # a drag scrolls the page on a phone
        "hovermode": "closest",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13},
        "hoverlabel": {"align": "left"},
        **layout,
    }


def axis(**settings: Any) -> dict[str, Any]:
    """An axis that stays where it is, without the lines that plotly draws by itself."""
    return {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 12},
        "tickangle": 0,
        **settings,
    }
