"""An experiment as its TOML file says it: protocol, models, and what they share."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from ser_core.errors import RecipeError
from ser_core.speech import DEFAULT_RECOGNISER
from ser_core.training.recipe import Recipe

SPLITS = ("corpus", "leave_one_session_out")
OWN_TRANSCRIPTS, ASR = "corpus", "asr"


@dataclass(frozen=True)
class Protocol:
    """What is trained on what, and tested on what.

    Attributes:
        corpus: name of the corpus to train on.
        split: `corpus`: its own train and dev; or `leave_one_session_out`: test is one session, dev
            the next one (after the last comes the first; our choice), train are the others.
        test: names of the corpus' own test splits; not for leave-one-session-out.
        test_corpora: names of further corpora; all of their utterances are a test set.
        transcripts: `corpus` (its own), `asr`, or the path of a table with columns `id` and
            `transcript`; one for all, or by name of the corpus.
        recogniser: for `asr`: see `Recogniser`.
        seeds: of the runs; the result is the mean over them.
    """

    corpus: str
    split: str = "corpus"
    test: tuple[str, ...] = ("test",)
    test_corpora: tuple[str, ...] = ()
    transcripts: str | dict[str, str] = OWN_TRANSCRIPTS
    recogniser: str = DEFAULT_RECOGNISER
    seeds: tuple[int, ...] = (1, 2, 3)

    def __post_init__(self) -> None:
        """Raise RecipeError where values are wrong."""
        if self.split not in SPLITS:
            raise RecipeError(f"Unknown split '{self.split}': choose {' or '.join(SPLITS)}.")
        if not self.seeds:
            raise RecipeError("The protocol has no seeds: name at least one.")

    @property
    def corpora(self) -> tuple[str, ...]:
        """Names of all corpora, the one to train on first."""
        return (self.corpus, *self.test_corpora)

    def transcripts_of(self, corpus: str) -> str:
        """Where the words of a corpus come from."""
        if isinstance(self.transcripts, str):
            return self.transcripts
        return self.transcripts.get(corpus, OWN_TRANSCRIPTS)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored beside predictions; the seeds are not one cell's business."""
        values = asdict(self)
        del values["seeds"]
        return values


@dataclass(frozen=True)
class Experiment:
    """A table: every model by every seed and fold.

    Attributes:
        name: of the folder of its results.
        title: what people read.
        protocol: data and seeds.
        models: recipes by name, in the order of the table; `data.speech` and the seed are the
            protocol's.
    """

    name: str
    title: str
    protocol: Protocol
    models: dict[str, Recipe]

    def __post_init__(self) -> None:
        """Raise RecipeError where the models cannot stand in one table."""
        if not self.models:
            raise RecipeError(f"The experiment '{self.name}' has no models: add [models.NAME].")
        heads = {(r.model.categories, r.model.dimensions) for r in self.models.values()}
        if len(heads) > 1:
            raise RecipeError(
                f"The models of '{self.name}' predict different things: set `categories` and "
                "`dimensions` in [model], for all of them."
            )
        for recipe in self.models.values():
            if absent := [name for name in recipe.model.parents if name not in self.models]:
                raise RecipeError(
                    f"'{recipe.name}' fuses '{absent[0]}', which '{self.name}' has not: add it."
                )

    @property
    def categorical(self) -> bool:
        """Whether the models predict categories."""
        return bool(next(iter(self.models.values())).model.categories)

    @property
    def dimensional(self) -> bool:
        """Whether the models predict dimensions."""
        return bool(next(iter(self.models.values())).model.dimensions)

    def with_seeds(self, seeds: Iterable[int]) -> "Experiment":
        """With these seeds too, where the protocol has them not."""
        together = tuple(dict.fromkeys((*self.protocol.seeds, *seeds)))
        return replace(self, protocol=replace(self.protocol, seeds=together))
