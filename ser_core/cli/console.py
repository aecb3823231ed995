"""Output on any console: what its encoding lacks is written in other characters, never a crash.

Python stops in the middle of a table when a console (cp1252, ASCII) cannot encode a character, and
a redirected Windows console is one of those. `Commands` sees to it for every command, its help and
its error messages.
"""

import codecs
import io
import re
import sys
from typing import Any

import typer
from typer.core import TyperGroup

_HANDLER = "ser.console"
# What typography has for plain signs; anything else becomes its number, as in JSON and in Python.
_PLAIN = {
    **dict.fromkeys("‐‑‒–—−", "-"),
    **{"…": "...", "×": "x", "±": "+/-", "·": ".", "→": "->", "≤": "<=", "≥": ">=", "’": "'"},
    **{"\u00a0": " ", "\u2009": " ", "\u202f": " "},
}


def escaped(character: str) -> str:
    r"""A character as `\uXXXX`, two of them beyond the first plane: what a JSON string may hold."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _substitute(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one) or escaped(one) for one in lacking), error.end


codecs.register_error(_HANDLER, _substitute)


class _Ascii(io.TextIOWrapper):
    """ASCII alone, named UTF-8: to a stream that is named ASCII typer would write UTF-8."""

    def write(self, text: str) -> int:
        return super().write(text.encode("ascii", _HANDLER).decode("ascii"))


def make_printable() -> None:
    """Let standard output and error take any text; a stream of another kind stays as it is."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper) or isinstance(stream, _Ascii):
            continue
        if codecs.lookup(stream.encoding).name == "ascii":
            lines = stream.line_buffering
            setattr(sys, name, _Ascii(stream.detach(), "utf-8", line_buffering=lines))
        else:
            stream.reconfigure(errors=_HANDLER)


class Commands(TyperGroup):
    """A group of commands that can print on every console."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command, see `TyperGroup.main`."""
        make_printable()
        return super().main(*args, **kwargs)


def echo_json(text: str) -> None:
    """Print JSON: as it is where the output is UTF-8, else in ASCII, so that any program reads it.

    Args:
        text: JSON, whose characters beyond ASCII are all in its strings.
    """
    encoding = codecs.lookup(sys.stdout.encoding or "utf-8").name
    if encoding != "utf-8" or isinstance(sys.stdout, _Ascii):
        text = re.sub(r"[^\x00-\x7f]", lambda found: escaped(found[0]), text)
    typer.echo(text)
