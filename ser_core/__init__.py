"""Speech emotion recognition by words, by voice, and by fusing both; free of any web framework.

>>> from ser_core import Analyzer                                # doctest: +SKIP
>>> Analyzer().analyze_file("clip.wav").predictions["multistage"].decision  # doctest: +SKIP
'happy'
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ser_core.analysis import Analysis, Analyzer
    from ser_core.inputs.audio import Clip
    from ser_core.inputs.transcript import Transcript

__all__ = ["Analysis", "Analyzer", "Clip", "Transcript"]


def __getattr__(name: str) -> Any:
    # Imported on first use: `import ser_core` must not cost the seconds that torch takes.
    if name in ("Analysis", "Analyzer"):
        from ser_core import analysis

        return getattr(analysis, name)
    if name == "Clip":
        from ser_core.inputs.audio import Clip

        return Clip
    if name == "Transcript":
        from ser_core.inputs.transcript import Transcript

        return Transcript
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
