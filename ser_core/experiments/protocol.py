"""An experiment as its TOML file says it: protocol, models, and what they share."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ser_core.errors import RecipeError
from ser_core.inputs.speech import DEFAULT_RECOGNISER
from ser_core.support.settings import Names, Seeds, Text, check
from ser_core.training.recipe import Recipe

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
        transcripts: `corpus` (its own), `asr`, or the path, seen from where the command runs, of a
            table with columns `id` and `transcript`; one for all, or by name of the corpus.
        recogniser: for `asr`: see `Recogniser`.
        seeds: of the runs; the result is the mean over them.
    """

    corpus: Text
    split: Literal["corpus", "leave_one_session_out"] = "corpus"
    test: Names = ("test",)
    test_corpora: Names = ()
    transcripts: Text | dict[str, Text] = OWN_TRANSCRIPTS
    recogniser: Text = DEFAULT_RECOGNISER
    seeds: Seeds = (1, 2, 3)

    def __post_init__(self) -> None:
        """Raise RecipeError where values are wrong."""
        check(self, "[protocol]", RecipeError)
        if self.corpus in self.test_corpora:
            raise RecipeError(
                f"{self.corpus} is trained on: name its own test splits in `test`, and others in "
                "`test_corpora`."
            )
        if self.split == "corpus" and {"train", "dev"} & {*self.test}:
            raise RecipeError("Train and dev are no test: name other splits in `test`.")
        if self.split == "corpus" and not self.test and not self.test_corpora:
            raise RecipeError("Nothing is tested: name splits in `test`, or `test_corpora`.")
        keyed = self.transcripts if isinstance(self.transcripts, dict) else {}
        if unknown := sorted({*keyed} - {*self.corpora}):
            raise RecipeError(
                f"`transcripts` names '{unknown[0]}', which is not used: choose from "
                f"{', '.join(self.corpora)}."
            )

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

    name: Text
    title: Text
    protocol: Protocol
    models: dict[str, Recipe]

    def __post_init__(self) -> None:
        """Raise RecipeError where the models cannot stand in one table."""
        check(self, "the experiment", RecipeError)
        if not self.models:
            raise RecipeError(f"The experiment '{self.name}' has no models: add [models.NAME].")
        heads = {(r.model.categories, r.model.dimensions) for r in self.models.values()}
        if len(heads) > 1:
            raise RecipeError(
                f"The models of '{self.name}' predict different things: set `categories` and "
                "`dimensions` in [model], for all of them."
            )
        for recipe in self.models.values():
            self._check_material(recipe)
            self._check_needs(recipe)

    def _check_material(self, recipe: Recipe) -> None:
        """An experiment has the clips of its corpora with their own words, and nothing else."""
        data, architecture = recipe.data, recipe.model.architecture
        mistakes = {
            "names corpora of its own: leave `speech` and `texts` out, as [protocol] names the "
            "corpora.": bool(data.speech or data.texts),
            "is to learn from constructed pairs, for which an experiment has no texts: set "
            "`pair = 0.0`, and `own` and `none` so that their sum is 1, in [data].": (
                architecture == "fusion" and data.pair > 0
            ),
            "needs the Whisper encoder, which an experiment does not run: leave foundation models "
            "and `distil` out.": architecture == "foundation" or recipe.optimiser.distil > 0,
        }
        for sentence, wrong in mistakes.items():
            if wrong:
                raise RecipeError(f"'{recipe.name}' {sentence}")

    def _check_needs(self, recipe: Recipe) -> None:
        """Late fusion needs its parents; a start may also be a shipped checkpoint."""
        if recipe.model.architecture == "late":
            self._check_parents(recipe)
            return
        networks = [n for n, r in self.models.items() if r.model.architecture != "late"]
        before = networks[: networks.index(recipe.name)]
        for name in recipe.needs:
            if name in self.models and name not in before:
                raise RecipeError(
                    f"'{recipe.name}' starts from '{name}', which has no weights by then: put "
                    f"[models.{name}] before it, or start from another model."
                )

    def _check_parents(self, recipe: Recipe) -> None:
        if absent := [name for name in recipe.needs if name not in self.models]:
            raise RecipeError(
                f"'{recipe.name}' fuses '{absent[0]}', which '{self.name}' has not: add it."
            )
        kinds = tuple(self.models[name].model.architecture for name in recipe.needs)
        if kinds != ("text", "audio"):
            raise RecipeError(
                f"'{recipe.name}' fuses {' and '.join(kinds)}: name a text model and an audio "
                "model in `parents`, in this order."
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
