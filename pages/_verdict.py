"""The headline: who says what, and whether it may be believed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ser_core import figures

if TYPE_CHECKING:
    from ser_core.analysis import Analysis
    from ser_core.figures import Row
    from ser_core.inputs.transcript import Transcript

NO_SPEECH = "No speech was found here, so do not believe the answers below."


def headline(rows: "Sequence[Row]", heard: "Transcript") -> str:
    """One sentence for the top of the results."""
    return NO_SPEECH if is_doubtful(heard) else figures.agreement(rows)


def is_doubtful(heard: "Transcript") -> bool:
    """Whether the answers must be dimmed: a clip without speech has no emotion to recognise."""
    return heard.source == "asr" and not heard.has_text


def remarks(analysis: "Analysis") -> list[str]:
    """What was lost, chosen, cut or doubted on the way in."""
    return list(analysis.notes)
