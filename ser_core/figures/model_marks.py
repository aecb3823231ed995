"""How figures with a mark for each model name and draw them."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ser_core.figures.style import Style, model_style

if TYPE_CHECKING:  # it imports torch
    from ser_core.models.checkpoint import Checkpoint


def model_marks(
    models: "Mapping[str, Checkpoint]", names: Collection[str], beside: Collection[str] = ()
) -> tuple[dict[str, str], dict[str, Style]]:
    """Titles and marks by name, in display order, what stands beside the models last.

    A model has the same mark in every figure, whatever others are there.

    Args:
        models: all that are here, in display order.
        names: what is drawn: some of them, and others, whose names are their titles.
        beside: those that are drawn as reference models are, such as human raters.
    """
    known = dict.fromkeys([*models, *names])
    last = [name for name in known if name in beside or (name in models and models[name].reference)]
    own = [name for name in known if name not in last]
    styles = {name: model_style(k) for k, name in enumerate(own)}
    styles |= {name: model_style(k, reference=True) for k, name in enumerate(last)}
    shown = {name: style for name, style in styles.items() if name in names}
    return {name: models[name].title if name in models else name for name in shown}, shown
