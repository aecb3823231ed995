"""Sentences against voices: a table whose cells hold every model's decision."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from ser_core.figures.style import CATEGORY_COLOURS, OTHER_COLOUR

if TYPE_CHECKING:  # brings torch, which a figure does not need
    from ser_core.perturb.conflict import Cell


def conflict_table(
    cells: "Sequence[Cell]",
    sentences: Sequence[str],
    voices: Sequence[str],
    titles: Mapping[str, str],
) -> str:
    """HTML: a row a sentence, a column a voice; empty cells are not computed yet.

    Args:
        titles: of the models, by name.
    """
    found = {(cell.row, cell.column): cell for cell in cells}
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(voice) for voice in voices)
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            sentence or "no words",
            Markup("").join(
                _cell(found.get((row, column)), titles) for column in range(len(voices))
            ),
        )
        for row, sentence in enumerate(sentences)
    )
    return str(
        Markup(
            "<table><thead><tr><th scope='col'>words \\ voice</th>{}</tr></thead>"
            "<tbody>{}</tbody></table>"
        ).format(head, body)
    )


def _cell(cell: "Cell | None", titles: Mapping[str, str]) -> Markup:
    if cell is None:
        return Markup("<td>…</td>")
    items = [
        Markup(
            '<li><span class="swatch" style="background:{}"></span>{}: <b>{}</b> {}</li>'
        ).format(
            CATEGORY_COLOURS.get(str(p.decision), OTHER_COLOUR),
            titles.get(name, name),
            p.decision or "–",
            f"{p.probabilities[p.decision]:.2f}" if p.decision else "",
        )
        for name, p in cell.analysis.predictions.items()
    ]
    return Markup("<td><ul>{}</ul></td>").format(Markup("").join(items))
