"""The network of a fusion model as a diagram, from its own configuration: where the words enter,
and how much they do there for one clip."""

from collections.abc import Mapping, Sequence
from html import escape

from ser_core.figures.style import LOWERS, RAISES

BLOCKS = tuple(f"block{number}" for number in range(1, 7))
_WIDTH, _HEIGHT = 1120, 224
_BOX, _GAP, _TOP = 104, 32, 116
_NODES = ("log-Mel", *BLOCKS, "pooled", "output")
_TITLES = {"pooled": "pooling"} | {name: f"block {name[-1]}" for name in BLOCKS}


def network_diagram(
    stages: Sequence[str],
    operator: str,
    sizes: Mapping[str, float],
    shares: Mapping[str, float],
    unit: str,
) -> str:
    """SVG that takes the page's text colour; the words' arrows are as wide as their sizes.

    Args:
        stages: where the model is conditioned.
        operator: how, written at the words' arrow.
        sizes: of each conditioning relative to the activation that it meets.
        shares: of each stage in the output, signed.
        unit: of the shares.
    """
    step = (_WIDTH - _BOX) / (len(_NODES) - 1)
    largest = max(sizes.values(), default=0.0) or 1.0
    parts = [_words(operator)]
    for number, name in enumerate(_NODES):
        x = number * step
        if number:
            parts.append(_arrow(x - step + _BOX, _TOP + 26, x - 2, _TOP + 26, 2, "currentColor"))
        parts.append(_box(x, _TITLES.get(name, name), conditioned=name in stages))
        if name in stages:
            share = shares.get(name, 0.0)
            width = 1.5 + 10 * sizes.get(name, 0.0) / largest
            colour = RAISES if share >= 0 else LOWERS
            middle = x + _BOX / 2
            parts.append(_arrow(middle, 46, middle, _TOP - 3, width, colour))
            parts.append(_text(middle + 10, 74, f"size {sizes.get(name, 0.0):.2f}", "start"))
            parts.append(_text(middle, _TOP + 76, f"{share:+.3f}", "middle", bold=True))
    parts.append(
        _text(0, _TOP + 102, f"below each stage: its share of the output, {unit}", "start")
    )
    said = ", ".join(f"{name} {shares.get(name, 0.0):+.3f}" for name in stages)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" width="100%" '
        f'style="min-width:720px" aria-label="The words enter at {escape(said)}">'
        f"{''.join(parts)}</svg>"
    )


def _words(operator: str) -> str:
    line = f'<line x1="0" y1="36" x2="{_WIDTH}" y2="36" stroke="currentColor" opacity=".35"/>'
    return line + _text(0, 24, f"words, as e, through W e + b (operator: {operator})", "start")


def _box(x: float, title: str, conditioned: bool) -> str:
    width = 2.5 if conditioned else 1
    return (
        f'<rect x="{x:.1f}" y="{_TOP}" width="{_BOX}" height="52" rx="8" fill="currentColor" '
        f'fill-opacity=".06" stroke="currentColor" stroke-width="{width}"/>'
        + _text(x + _BOX / 2, _TOP + 31, title, "middle", bold=conditioned)
    )


def _arrow(x1: float, y1: float, x2: float, y2: float, width: float, colour: str) -> str:
    """A line with a head; heads are drawn by hand, as ids of markers may clash on a page."""
    head = 4 + width / 2
    if x1 == x2:
        points = f"{x2 - head},{y2 - head} {x2 + head},{y2 - head} {x2},{y2}"
        y2 -= head / 2
    else:
        points = f"{x2 - head},{y2 - head} {x2 - head},{y2 + head} {x2},{y2}"
        x2 -= head / 2
    return (
        f'<line x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:.1f}"/><polygon points="{points}" fill="{colour}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str, bold: bool = False) -> str:
    weight = "600" if bold else "400"
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-size="15" font-weight="{weight}" '
        f'fill="currentColor">{escape(text)}</text>'
    )
