"""What was said: words, where they come from, and how far they can be trusted."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Word:
    """One recognised word; times in seconds from the start of the clip, probability in [0, 1]."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class Transcript:
    """What was said.

    Attributes:
        text: the words, without blanks at both ends for recognised ones.
        source: `asr` (recognised), `typed`, `file` (came with the recording), or `none`.
        words: with times; only for `asr`.
        language: code of the words such as `en`, only where the recogniser can tell; an
            English-only model takes everything for English, so it says None, and its doubt is the
            only sign of another language.
        translated_from: code of what was spoken, where the words are the recogniser's translation.
        speech: whether somebody speaks; None if nobody listened, or it is not sure.
        mean_log_probability: of the recognised tokens (0 is certain), None if not recognised.
        no_speech_probability: that there is no speech, in [0, 1], None if not recognised.
        doubt: why the recogniser doubts its own result, one sentence; "" if it does not.
        notes: sentences on what was lost, chosen or cut on the way in.
    """

    text: str
    source: Literal["asr", "typed", "file", "none"]
    words: tuple[Word, ...] = ()
    language: str | None = None
    translated_from: str | None = None
    speech: bool | None = None
    mean_log_probability: float | None = None
    no_speech_probability: float | None = None
    doubt: str = ""
    notes: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether the recogniser doubts its own result."""
        return bool(self.doubt)

    @property
    def has_text(self) -> bool:
        """Whether there are words at all."""
        return bool(self.text.strip())

    def usable(self, accept_doubted: bool = False) -> bool:
        """Whether models should read the words: there are some, and they are not mere guesses.

        Words that a person typed or that a file brought always count; recognised ones that the
        recogniser doubts only where the user accepts them.
        """
        return self.has_text and (self.source != "asr" or accept_doubted or not self.doubtful)

    @classmethod
    def typed(cls, text: str) -> "Transcript":
        """A transcript written or corrected by the user."""
        return cls(text=text, source="typed")

    @classmethod
    def none(cls) -> "Transcript":
        """No transcript: the models use the voice alone."""
        return cls(text="", source="none")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `words` is a list of {text, start, end, probability}."""
        lists = {"words": [asdict(word) for word in self.words], "notes": list(self.notes)}
        return asdict(self) | lists
