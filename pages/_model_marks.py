"""How figures with a mark for each model name and draw them."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from ser_core import figures
from ser_core.figures.style import Style

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer


def model_marks(
    analyzer: "Analyzer", names: Collection[str], references: Collection[str]
) -> tuple[dict[str, str], dict[str, Style]]:
    """Titles and marks by name, in display order, what stands beside the models last.

    Args:
        analyzer: knows the models' titles and order; another name is its own title.
        names: of models, and of what is drawn like one.
        references: those that stand beside the others.
    """
    order = {name: place for place, name in enumerate(analyzer.models)}
    known = sorted(names, key=lambda name: order.get(name, len(order)))
    own = [name for name in known if name not in references]
    beside = [name for name in known if name in references]
    styles = {name: figures.model_style(k) for k, name in enumerate(own)}
    styles |= {name: figures.model_style(k, reference=True) for k, name in enumerate(beside)}
    models = analyzer.models
    return {n: models[n].title if n in models else n for n in styles}, styles
