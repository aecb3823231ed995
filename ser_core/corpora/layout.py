"""How a table of the user's own names things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from ser_core.errors import CorpusError
from ser_core.labels import CATEGORIES, DIMENSIONS, Scale

# Column of the corpus table -> names that are understood without a mapping, the best first.
SYNONYMS = {
    "id": ("id", "utterance_id"),
    "path": ("path", "file", "filename", "file_name", "audio", "wav"),
    "start": ("start", "start_s", "start_time", "begin", "onset", "xmin"),
    "end": ("end", "end_s", "end_time", "stop", "xmax"),
    "speaker": ("speaker", "speaker_id"),
    "sex": ("sex", "gender"),
    "language": ("language", "lang"),
    "session": ("session", "sentence_id", "dialogue"),
    "split": ("split", "partition", "set"),
    "transcript": ("transcript", "transcription", "text", "sentence"),
    "emotion": ("emotion", "label"),
    "category": ("category", "emotion4"),
    **{name: (name,) for name in DIMENSIONS},
    "duration_s": ("duration_s", "duration"),
}

_WORDS = 12  # labels named in a sentence
_SCALE = "write two numbers, the lower end of a scale first"


@dataclass(frozen=True)
class Layout:
    """A mapping of columns and values.

    Attributes:
        columns: column of the corpus table (a key of `SYNONYMS`) -> column of the user's table.
        labels: label in that table -> one of the four categories, or "" for none of them. Without
            a mapping, English words are understood (`ser_core.corpora.terms.category_of`).
        scales: dimension -> its scale; needed where values are not within [0, 1].
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check names.

        Raises:
            CorpusError: a column, category or dimension that does not exist, or a scale that is
                none.
        """
        for what, given, allowed in (
            ("column", self.columns, tuple(SYNONYMS)),
            ("category", self.labels.values(), (*CATEGORIES, "")),
            ("dimension", self.scales, DIMENSIONS),
        ):
            for name in given:
                if name not in allowed:
                    choice = ", ".join(filter(None, allowed))
                    raise CorpusError(f"There is no {what} {name}: choose from {choice}.")

        for name, scale in self.scales.items():
            try:
                make_scale(scale.low, scale.high)
            except ValueError as error:
                raise CorpusError(f"{name} has {error}: {_SCALE}.") from error

    def unused(self, rows: Sequence[Mapping[str, str]]) -> list[str]:
        """Sentences about labels and scales that apply to none of the rows.

        Args:
            rows: keys as in `SYNONYMS`, values as written.
        """
        notes = []
        present = {row.get("category") or row.get("emotion", "") for row in rows} - {""}
        if strange := [label for label in self.labels if label not in present]:
            words = sorted(present)
            shown = ", ".join(words[:_WORDS]) + (", …" if len(words) > _WORDS else "") or "none"
            notes.append(f"No row has the label {' or '.join(strange)}: the labels are {shown}.")
        notes += [
            f"The scale of {name} applies to nothing: no row has a rating of it."
            for name in self.scales
            if not any(row.get(name) for row in rows)
        ]
        return notes

    @classmethod
    def from_options(
        cls,
        columns: Sequence[str] = (),
        labels: Sequence[str] = (),
        scales: Sequence[str] = (),
    ) -> "Layout":
        """From words of a command line.

        Raises:
            CorpusError: a word has another form, or names what does not exist.

        >>> Layout.from_options(["path=file"], ["Freude=happy"], ["valence=1:5"]).scales
        {'valence': Scale(low=1.0, high=5.0)}
        """
        return cls(
            dict(_pair(word, "column", "path=file") for word in columns),
            dict(_pair(word, "label", "Freude=happy") for word in labels),
            dict(_scale(word) for word in scales),
        )


def make_scale(low: float, high: float) -> Scale:
    """A scale.

    Raises:
        ValueError: its ends are not two numbers, the lower first.
    """
    if not (isfinite(low) and isfinite(high) and low < high):
        raise ValueError(f"a scale from {low:g} to {high:g}")
    return Scale(low, high)


def _pair(word: str, what: str, example: str) -> tuple[str, str]:
    key, sign, value = word.partition("=")
    if not sign or not key:
        raise CorpusError(f"{word}: write a {what} as {example}.")
    return key, value


def _scale(word: str) -> tuple[str, Scale]:
    name, limits = _pair(word, "scale", "valence=1:5")
    try:
        low, high = (float(limit) for limit in limits.split(":"))
    except ValueError as error:
        raise CorpusError(f"{word}: write a scale as valence=1:5.") from error
    return name, Scale(low, high)
