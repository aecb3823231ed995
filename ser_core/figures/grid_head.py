"""The head of the model grid: every column's name can be asked what it means."""

from collections.abc import Sequence

from markupsafe import Markup

from ser_core.figures.ask import Part, ask, button, join
from ser_core.figures.style import CATEGORY_COLOURS, OTHER_COLOUR, POLES

_MEANING = {
    "arousal": "how activated",
    "valence": "how pleasant",
    "dominance": "how much in control",
}
_COLUMN = Markup('<th role="columnheader" scope="col" class="{}"{}>{}</th>')
_GROUP = Markup('<th role="columnheader" scope="colgroup" colspan="{}">{}</th>')
_HEAD = Markup(
    '<thead role="rowgroup"><tr role="row" class="groups">'
    '<td role="cell" class="name"></td><td role="cell" class="says"></td>{}{}</tr>'
    '<tr role="row" class="heads">{}</tr></thead>'
)


def grid_head(
    ident: str, categories: Sequence[str], dimensions: Sequence[str], calibration: Markup
) -> Part:
    """The head's two rows.

    Args:
        ident: prefix of the notes' ids.
        categories, dimensions: the columns.
        calibration: what is known of the models' probabilities; "" for nothing.
    """
    shared = f"{ident}-probability"
    probability = ask(shared, "probability of each category", _probability(calibration))
    decision = ask(f"{ident}-decision", "decision", _DECISION)
    heads = [ask(f"{ident}-{name}", name, _dimension(name)) for name in dimensions]
    columns = [
        _COLUMN.format("name", "", "model"),
        _COLUMN.format("says", "", decision.html),
        *(_COLUMN.format("cat", _colour(name), button(shared, name)) for name in categories),
        *(
            _COLUMN.format("dim", "", head.html + _poles(name))
            for name, head in zip(dimensions, heads, strict=True)
        ),
    ]
    html = _HEAD.format(
        _GROUP.format(len(categories), probability.html),
        _GROUP.format(len(dimensions), "dimensions"),
        join(*columns),
    )
    return Part(html, join(probability.notes, decision.notes, *(head.notes for head in heads)))


_DECISION = Markup(
    "<h4>Decision</h4><p>The category that the model finds most probable (✓ on its bar). A "
    "decision by a hair looks like any other: look at the bars beside it.</p>"
)


def _probability(calibration: Markup) -> Markup:
    return join(
        Markup(
            "<h4>Probability of a category</h4><p>How probable the model finds each category: an "
            "empty bar is 0, a full one 1, and the bars of a row sum to 1. The thick bar is the "
            "decision. It is the model's opinion of this clip, not a measured emotion.</p>"
        ),
        calibration,
    )


def _dimension(name: str) -> Markup:
    low, high = POLES.get(name, ("low", "high"))
    meaning = f": {_MEANING[name]}" if name in _MEANING else ""
    return Markup(
        "<h4>{}{}</h4><p>From 0, {}, to 1, {}. The line in the middle is 0.5, neutral: the stroke "
        "from there to the mark is how far from neutral the model places the clip.</p>"
    ).format(name, meaning, low, high)


def _colour(category: str) -> Markup:
    return Markup(' style="--c:{}"').format(CATEGORY_COLOURS.get(category, OTHER_COLOUR))


def _poles(dimension: str) -> Markup:
    if dimension not in POLES:
        return Markup("")
    low, high = POLES[dimension]
    return Markup(
        '<span class="poles" aria-hidden="true"><span>{}</span> <span>{}</span></span>'
    ).format(low, high)
