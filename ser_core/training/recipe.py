"""Training recipes: TOML files that say everything a training run needs."""

import tomllib
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ser_core.errors import CheckpointError, RecipeError
from ser_core.models.config import ModelConfig
from ser_core.support.settings import Seed, Text, check
from ser_core.training.recipe_sections import AugmentConfig, DataConfig, OptimiserConfig

__all__ = [
    "AugmentConfig",
    "DataConfig",
    "OptimiserConfig",
    "Recipe",
    "from_values",
    "load",
    "parse",
]

RECIPES = Path(__file__).parent / "recipes"
T = TypeVar("T")


@dataclass(frozen=True)
class Recipe:
    """One training run, complete.

    Raises:
        RecipeError: settings do not fit together.
    """

    name: Text
    title: Text
    model: ModelConfig
    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    order: int = 100
    reference: bool = False
    seed: Seed = 1

    def __post_init__(self) -> None:
        """Refuse what could not be trained."""
        check(self, "the recipe", RecipeError)
        settings, architecture = self.optimiser, self.model.architecture
        mistakes = {
            f"asks for {settings.cycles} cycles in {settings.epochs} epochs: give between 1 and as "
            "many `cycles` as `epochs`.": settings.cycles > settings.epochs,
            f"asks for {settings.cycles} cycles of a constant learning rate: set `schedule` to "
            "one_cycle or leave `cycles` out.": (
                settings.cycles > 1 and settings.schedule == "constant"
            ),
            "never measures on dev: give at most as many epochs to `dev_every` as there are "
            "`epochs`.": settings.dev_every > settings.epochs,
            "freezes blocks that never learned: `freeze` is for fusion models with a `start`.": (
                settings.freeze and (architecture != "fusion" or not settings.start)
            ),
            "distils into a model without a CNN14: `distil` is for audio and fusion models.": (
                settings.distil > 0 and architecture not in ("audio", "fusion")
            ),
            "has speakers' references that its CNN14 does not know, or the other way round: give "
            "`reference` in both [model] and [data].": (
                architecture in ("audio", "fusion")
                and self.model.reference != (self.data.reference > 0)
            ),
            "starts from itself: give it another name, or another model to start from.": (
                self.name in (settings.start, settings.start_text)
            ),
            "cannot be the name of a folder: give it another name.": (
                self.name.strip(" .") == "" or bool(set(self.name) & set("/\\\0"))
            ),
        }
        for sentence, wrong in mistakes.items():
            if wrong:
                raise RecipeError(f"The recipe '{self.name}' {sentence}")

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the models that it is made from: what it fuses, or starts from."""
        if self.model.architecture == "late":
            return self.model.parents
        return tuple(filter(None, (self.optimiser.start, self.optimiser.start_text)))

    @property
    def listens(self) -> bool:
        """Whether speech statistics are read: as input, or to distil."""
        return self.model.architecture == "foundation" or self.optimiser.distil > 0

    def shortened(self, epochs: int) -> "Recipe":
        """The same in so many epochs, with the share of its cycles that they have room for."""
        settings = self.optimiser
        cycles = max(1, round(settings.cycles * epochs / settings.epochs))
        every = min(settings.dev_every, epochs)
        shorter = replace(settings, epochs=epochs, cycles=cycles, dev_every=every)
        return replace(self, optimiser=shorter)

    def on_fold(self, fold: int) -> "Recipe":
        """The same measured on one part of the training speakers (see `leave_out`)."""
        data = replace(self.data, fold=fold)
        return replace(self, name=f"{self.name}-fold{fold}", data=data)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored in a checkpoint."""
        return asdict(self)


def section(kind: type[T], values: Any, where: str) -> T:
    """A dataclass from a section of a TOML file.

    Raises:
        RecipeError: it is no section; a setting is unknown, missing or wrong.
    """
    if not isinstance(values, dict):
        raise RecipeError(f"`{where}` is {values!r}: it should be a section, [{where}].")
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(values) - set(known)):
        raise RecipeError(
            f"Unknown setting '{unknown[0]}' in [{where}]: choose from {', '.join(sorted(known))}."
        )
    for name, setting in known.items():
        if name not in values and setting.default is setting.default_factory is MISSING:
            raise RecipeError(f"The setting `{name}` is missing in [{where}]: add it.")
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def parse(text: str, name: str) -> Recipe:
    """Recipe from TOML text.

    Raises:
        RecipeError: the text is no TOML, or has unknown or missing settings.
    """
    try:
        return from_values(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"The recipe '{name}' is not valid TOML: {error}.") from error


def from_values(values: dict[str, Any], name: str) -> Recipe:
    """Recipe from the values of a TOML file.

    Raises:
        RecipeError: there are unknown, missing or wrong settings.
    """
    if "model" not in values:
        raise RecipeError(f"The recipe '{name}' has no [model] section: add one.")
    if values.get("name", name) != name:  # as `to_dict` gives them, they hold it
        raise RecipeError(f"The recipe '{name}' has its name already: leave `name` out.")
    kinds: dict[str, type[Any]] = {
        "data": DataConfig,
        "augment": AugmentConfig,
        "optimiser": OptimiserConfig,
    }
    sections = {key: section(kind, values.get(key, {}), key) for key, kind in kinds.items()}
    try:
        model = section(ModelConfig, values["model"], "model")
    except CheckpointError as error:
        raise RecipeError(str(error)) from error
    return section(Recipe, {**values, "name": name, "model": model, **sections}, "recipe")


def load(recipe: str | Path) -> Recipe:
    """Recipe from a file, or one of the shipped recipes by name.

    Raises:
        RecipeError: there is no such recipe, or it is not valid.
    """
    path = Path(recipe)
    if not path.suffix:
        path = RECIPES / f"{recipe}.toml"
    if not path.is_file():
        shipped = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise RecipeError(f"No recipe '{recipe}': give a TOML file or one of {shipped}.")
    try:
        return parse(path.read_text("utf-8"), path.stem)
    except UnicodeDecodeError as error:
        raise RecipeError(f"The recipe '{path.name}' is no text: save it as UTF-8.") from error
