"""How figures with a mark for each model name and draw them."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from ser_core import figures
from ser_core.figures.style import Style

if TYPE_CHECKING:
    from ser_core.analysis import Analyzer


def model_marks(
    analyzer: "Analyzer", names: Collection[str], references: Collection[str] = ()
) -> tuple[dict[str, str], dict[str, Style]]:
    """Titles and marks by name, in display order, what stands beside the models last.

    Args:
        analyzer: knows the models' titles and order; another name is its own title.
        names: of models, and of what is drawn like one.
        references: those that stand beside the others, besides the reference models.
    """
    models = analyzer.models
    others = [name for name in names if name not in models]
    known = [*models, *others]  # all of them, so that a model has its mark on every page
    beside = {*references, *(name for name in models if models[name].reference)}
    own = [name for name in known if name not in beside]
    styles = {name: figures.model_style(k) for k, name in enumerate(own)}
    last = [name for name in known if name in beside]
    styles |= {name: figures.model_style(k, reference=True) for k, name in enumerate(last)}
    styles = {name: style for name, style in styles.items() if name in names}
    return {n: models[n].title if n in models else n for n in styles}, styles
