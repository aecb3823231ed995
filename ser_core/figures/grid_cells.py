"""The cells of the model grid: a bar for a probability, a mark on a line for a dimension."""

from markupsafe import Markup

from ser_core.figures.ask import join
from ser_core.figures.marks import mark
from ser_core.figures.rows import Row
from ser_core.figures.seeds import SeedRow
from ser_core.figures.style import CATEGORY_COLOURS, OTHER_COLOUR

NEUTRAL = 0.5
_INSIDE = 0.6  # from here on a bar has room for ✓ and the number, below it the rest of its track


def category_cell(row: Row, name: str, compared: str, at: str = "") -> Markup:
    """A bar from 0 to 1; the decision's is thick, with ✓ and its value on or beside it.

    The other analysis is a hollow bar below it, each seed a tick.

    Args:
        name: of the category.
        compared: what the other analysis is called.
        at: class of the cell.
    """
    value = row.value(name)
    if value is None:
        return _empty(row, at)
    decided = row.decision == name
    colour = CATEGORY_COLOURS.get(name, OTHER_COLOUR)
    number = Markup('<span class="n{}" aria-hidden="true">{:.2f}</span>').format(
        "" if decided else " quiet", value
    )
    inside = decided and value >= _INSIDE
    check = Markup('<b aria-hidden="true">✓</b>') if decided else ""
    other = row.other_value(name)
    track = join(
        Markup('<span class="bar">{}{}</span>').format(check, number if inside else ""),
        "" if inside else number,
        ""
        if other is None
        else Markup('<span class="was" style="--o:{}"></span>').format(_r(other)),
        _ticks(row, name),
    )
    return Markup(
        '<td role="cell" tabindex="-1" class="cat {}{}" style="--v:{};--c:{};--ink:{}">'
        '<span class="track">{}</span>{}</td>'
    ).format(
        at,
        " decided" if decided else "",
        _r(value),
        colour,
        ink(colour),
        track,
        _tip(row, name, compared, "decided" if decided else ""),
    )


def dimension_cell(row: Row, name: str, compared: str, at: str = "") -> Markup:
    """The model's mark on a line from 0 to 1, joined to the neutral 0.5, and its value above.

    The other analysis is a hollow mark, each seed a tick.
    """
    value = row.value(name)
    if value is None:
        return _empty(row, at)
    other = row.other_value(name)
    line = join(
        Markup('<span class="from" style="--a:{};--w:{}"></span>').format(
            _r(min(value, NEUTRAL)), _r(abs(value - NEUTRAL))
        ),
        _ticks(row, name),
        ""
        if other is None
        else Markup('<span class="at" style="--v:{}">{}</span>').format(
            _r(other), mark(row.style, hollow=True)
        ),
        Markup('<span class="at">{}</span>').format(mark(row.style)),
    )
    return Markup(
        '<td role="cell" tabindex="-1" class="dim {}" style="--v:{};--c:{}">'
        '<span class="line"><span class="n" aria-hidden="true">{}{}</span>{}</span>{}</td>'
    ).format(
        at,
        _r(value),
        row.style.colour,
        f"{value:.2f}",
        Markup('<span class="sd">{}</span>').format(sd) if (sd := spread(row, name)) else "",
        line,
        _tip(row, name, compared),
    )


def ink(colour: str) -> str:
    """Black or white: what is easier to read on a colour (WCAG's contrast)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#fff"


def signed(difference: float) -> str:
    """A difference with its sign, the typographic minus: "+0.120", "−0.120"."""
    return f"{difference:+.3f}".replace("-", "−")


def spread(row: Row, name: str) -> str:
    """ " ± 0.05" over the seeds of a row; "" for a single model."""
    deviation = row.deviation(name) if isinstance(row, SeedRow) else None
    return "" if deviation is None else f" ± {deviation:.2f}"


def _tip(row: Row, name: str, compared: str, state: str = "") -> Markup:
    """All that a cell knows: read by screen readers, shown on hover and focus."""
    value, other = row.value(name), row.other_value(name)
    parts = [f"{value:.3f}"]
    if isinstance(row, SeedRow) and (deviation := row.deviation(name)) is not None:
        parts[0] += f" ± {deviation:.3f} over {len(row.members)} seeds"
    if state:
        parts.append(state)
    if value is not None and other is not None:
        parts.append(f"{compared} {other:.3f} ({signed(value - other)})")
    return Markup('<span class="tip"><span aria-hidden="true">{} </span>{}</span>').format(
        name, "; ".join(parts)
    )


def _empty(row: Row, at: str) -> Markup:
    return Markup(
        '<td role="cell" tabindex="-1" class="none {}"><span aria-hidden="true">–</span>'
        '<span class="tip">{} has no such output</span></td>'
    ).format(at, row.title)


def _ticks(row: Row, name: str) -> Markup:
    seeds = row.seeds(name) if isinstance(row, SeedRow) else []
    return join(*(Markup('<i class="seed" style="--s:{}"></i>').format(_r(v)) for v in seeds))


def _r(value: float) -> str:
    return f"{value:.4g}"
