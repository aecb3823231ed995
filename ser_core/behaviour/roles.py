"""Which model reads, which hears, and which do both: asked of the checkpoints, not of names."""

from collections.abc import Mapping
from dataclasses import dataclass

from ser_core.errors import SerError
from ser_core.models.checkpoint import Checkpoint


@dataclass(frozen=True)
class Roles:
    """The models among which a fusion is looked at.

    Attributes:
        text: name of the model that only reads.
        audio: name of the model that only hears.
        fusions: names of those that do both.
    """

    text: str
    audio: str
    fusions: tuple[str, ...]

    @classmethod
    def of(cls, models: Mapping[str, Checkpoint]) -> "Roles":
        """Roles by what the checkpoints can do: the first of each kind that is no reference model.

        Of several folders of checkpoints those of the first: a fusion is held against the models
        that were trained beside it.

        Raises:
            SerError: there is no model of a kind.
        """
        usual = [one for one in models.values() if not one.reference]
        reads = [one for one in usual if not one.uses_voice]
        hears = [one for one in usual if not one.uses_text]
        lacking = [
            kind
            for kind, found in (("the words alone", reads), ("the voice alone", hears))
            if not found
        ]
        if lacking:
            raise SerError(
                f"Whom a fusion follows is told beside a model of {' and one of '.join(lacking)}: "
                "put one into the folder of the checkpoints."
            )
        home = reads[0].folder.parent
        both = [
            one.name
            for one in usual
            if one.uses_voice and one.uses_text and one.folder.parent == home
        ]
        if not both:
            raise SerError(
                "There is no model that both reads and hears: put a fusion into the folder of the "
                "checkpoints."
            )
        beside = [one for one in hears if one.folder.parent == home]
        return cls(reads[0].name, (beside or hears)[0].name, tuple(both))

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, words and voice first."""
        return (self.text, self.audio, *self.fusions)
