"""Users' own recordings, by tokens."""

from typing import TYPE_CHECKING, NamedTuple

from pages._tokens import MINUTES, Tokens

if TYPE_CHECKING:
    from ser_core.inputs.audio import Clip

__all__ = ["MAX_BYTES", "MINUTES", "Label", "Recordings"]

MAX_BYTES = 512 * 2**20


class Label(NamedTuple):
    """What is known of a recording.

    Attributes:
        title: what people read.
        script: the exact words, where they are known.
        synthetic: whether nobody real is heard.
    """

    title: str
    script: str = ""
    synthetic: bool = False


class Recordings(Tokens["tuple[Clip, Label]"]):
    """Clips by token, and what is known of them; see `Tokens`."""

    def __init__(self, max_bytes: int = MAX_BYTES, seconds: float = 60.0 * MINUTES) -> None:
        super().__init__(max_bytes, seconds)

    def keep(self, clip: "Clip", title: str, script: str = "", synthetic: bool = False) -> str:
        """Take a clip; returns its token."""
        return self.take((clip, Label(title, script, synthetic)), clip.samples.nbytes)
