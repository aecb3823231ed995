"""HTML as a tree, for tests that read a model grid."""

from html.parser import HTMLParser
from typing import Any

from ser_core.figures.model_grid import model_grid
from ser_core.figures.rows import Row

VOID = {"br", "input", "path"}


class Node(HTMLParser):
    """An element with its attributes, children and text; HTML that does not close fails."""

    def __init__(self, html: str = "", tag: str = "", attrs: Any = ()) -> None:
        super().__init__()
        self.tag, self.attrs, self.children = tag, dict(attrs), []
        if html:
            self.open = [self]
            self.feed(html)
            assert self.open == [self], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        node = Node(tag=tag, attrs=attrs)
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def classes(self) -> list[str]:
        return (self.attrs.get("class") or "").split()

    def all(self, *wanted: str) -> "list[Node]":
        """Elements below, in order, with one of these tags or classes."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child] if {child.tag, *child.classes} & set(wanted) else []
                found += child.all(*wanted)
        return found

    def one(self, *wanted: str) -> "Node":
        (node,) = self.all(*wanted)
        return node


def parsed(rows: list[Row], **options: Any) -> Node:
    """The grid of these rows."""
    return Node(model_grid(rows, **options))


def line(grid: Node, title: str) -> Node:
    """The row of the model whose title begins so."""
    (found,) = [r for r in grid.one("grid").all("tr") if r.all("th")[0].text.startswith(title)]
    return found


def cell(grid: Node, title: str, column: str) -> Node:
    """One of its cells, by the column's name."""
    heads = [head.text for head in grid.one("heads").all("th")]
    place = next(i for i, head in enumerate(heads) if head.startswith(column))
    return line(grid, title).all("td")[place - 1]
