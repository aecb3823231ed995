"""Plain text in Markdown."""

import re


def escape(text: str) -> str:
    """Plain text, as Markdown that shows it literally."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$:~-])", r"\\\1", text)
