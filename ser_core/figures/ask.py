"""HTML that can be asked: parts of a grid, each with the notes that its buttons open.

Notes are native popovers, so that they open without any script, also in a report.
"""

from typing import NamedTuple

from markupsafe import Markup


class Part(NamedTuple):
    """A piece of HTML, and the notes that belong behind it: a table can't hold them in place.

    Attributes:
        html: the piece.
        notes: what its buttons open.
    """

    html: Markup
    notes: Markup = Markup("")


def ask(ident: str, label: str | Markup, content: Markup, name: str = "") -> Part:
    """A button and the note that it opens.

    Args:
        ident: unique in the document or shadow root.
        label: what the button shows.
        content: of the note.
        name: of the note, for screen readers; default the label.
    """
    note = Markup('<div class="note" id="{}" popover role="dialog" aria-label="{}">{}</div>')
    return Part(button(ident, label), note.format(ident, name or label, content))


def button(ident: str, label: str | Markup) -> Markup:
    """One more button that opens the note `ident`."""
    return Markup('<button type="button" class="ask" popovertarget="{}">{}</button>').format(
        ident, label
    )


def join(*pieces: Markup | str) -> Markup:
    """Pieces one after another; what is not HTML is escaped."""
    return Markup("").join(pieces)


def combine(template: str, *parts: Part) -> Part:
    """The parts' HTML put one after another into the "{}" of a template, their notes together."""
    html = Markup(template).format(join(*(part.html for part in parts)))
    return Part(html, join(*(part.notes for part in parts)))
