"""Training recipes: TOML files that say everything a training run needs."""

import math
import tomllib
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from ser_core.errors import CheckpointError, RecipeError
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.text import DEFAULT_ENCODER
from ser_core.models.config import ModelConfig
from ser_core.support.settings import (
    Amount,
    Count,
    LowHigh,
    Names,
    Number,
    Seconds,
    Seed,
    Share,
    Text,
    Whole,
    check,
)

RECIPES = Path(__file__).parent / "recipes"
Precision = Literal["32-true", "bf16-mixed", "bf16-true", "16-mixed", "16-true", "64-true"]
T = TypeVar("T")


@dataclass(frozen=True)
class DataConfig:
    """What to train on.

    Attributes:
        speech: corpora of clips. texts: corpora of labelled texts.
        pair, own, neutral, none: shares of a fusion model's examples that get an independent text
            (a constructed pair), the clip's own sentence, any neutral text or sentence of another
            clip, and no text. The last three are labelled by the voice alone: neutral words are no
            evidence against an emotional voice.
        rated: share of the constructed pairs whose text has rated dimensions, not a category.
        balance: 0 draws every clip equally often, 1 every emotion of every corpus; between them,
            a power of their sizes.
        crop_s: length of the random crops, seconds.
        text_encoder: see `TextEncoder`.
        level_db: see `FrontEnd`.
        fold, folds: with a `fold` from 1 to `folds`, that part of the training speakers takes the
            place of the dev speakers (see `leave_out`); 0 for none.
        whole_batch: whole clips of dev and test sets, of the same number of frames, that go
            through the network together.
    """

    speech: Names = ()
    texts: Names = ()
    pair: Share = 0.6
    own: Share = 0.2
    none: Share = 0.2
    neutral: Share = 0.0
    rated: Share = 0.4
    balance: Share = 0.5
    crop_s: Seconds = 3.0
    text_encoder: Text = DEFAULT_ENCODER
    level_db: Number | None = None
    fold: Whole = 0
    folds: Count = 4
    whole_batch: Count = 1

    def __post_init__(self) -> None:
        """Raise RecipeError where values are wrong."""
        check(self, "[data]", RecipeError)
        if not math.isclose(self.pair + self.own + self.neutral + self.none, 1.0):
            raise RecipeError(
                "`pair`, `own`, `neutral` and `none` in [data] are shares: make their sum 1."
            )
        if self.fold > self.folds:
            raise RecipeError(
                f"`fold` in [data] is {self.fold} of {self.folds}: give one of the `folds`."
            )

    @property
    def front_end(self) -> FrontEnd:
        """Log-Mel settings."""
        return FrontEnd(level_db=self.level_db)


@dataclass(frozen=True)
class AugmentConfig:
    """Random changes of training log-Mels; 0 switches one off.

    Attributes:
        gain_db: level, uniform in +- this. eq_db: smooth colouring of the spectrum, +- this.
        tempo: stretch of time, factor in 1 +- this. warp: stretch of the Mel axis, likewise.
        noise: share of clips that get noise, at an SNR uniform in `snr_db`.
        time_masks, time_width, mel_masks, mel_width: SpecAugment, in frames and bands.
        mixup: alpha of the Beta distribution that mixes two examples.
    """

    gain_db: Amount = 0.0
    eq_db: Amount = 0.0
    tempo: Share = 0.0
    warp: Share = 0.0
    noise: Share = 0.0
    snr_db: LowHigh = (5.0, 40.0)
    time_masks: Whole = 0
    time_width: Whole = 30
    mel_masks: Whole = 0
    mel_width: Whole = 8
    mixup: Amount = 0.0

    def __post_init__(self) -> None:
        """Raise RecipeError where values are wrong."""
        check(self, "[augment]", RecipeError)


@dataclass(frozen=True)
class OptimiserConfig:
    """How to train.

    Attributes:
        name: `adamw` or `sgd` (Nesterov, momentum 0.9).
        lr: peak learning rate. trunk_lr: factor on it for CNN14's blocks (with `freeze`, its hidden
            layer), where they start from `start`.
        stage_lr: factor on it for the shifts of all stages but the last: e has thousands of values,
            and a step of Adam in each of them is large beside what an early block gives.
        schedule: `one_cycle` or `constant`. cycles: how often the one cycle is run through in the
            epochs, from its first learning rate on each time.
        average: decay of the exponential moving average of the weights, 0 for none.
        clip: largest norm of the gradient, 0 for none.
        dimensions_weight: of the CCC loss beside the cross-entropy.
        pair_balance: power of the inverse class frequency that weighs the categories of constructed
            pairs; 1 makes up for all of the rarity of neutral, 0 for none.
        distil: weight of the squared error with which a linear layer on the hidden vector predicts
            the clip's speech statistics of the Whisper encoder (see `Recogniser`); 0 for none.
        start: checkpoint name whose CNN14 and heads are the start, or "".
        freeze: whether the blocks of CNN14 stay those of `start`, without dropout; its hidden
            layer, the heads and the shifts of e learn.
        start_text: name of a text checkpoint whose hidden layer is the start of the last stage's
            shift, or ""; its size must be that stage's number of channels.
        standardise: bring e, or the speech statistics, to mean 0 and SD 1 over the training data.
        dev_every: epochs between two measurements on dev, of which the best is kept.
        precision: Lightning's; see `trainable_precision`.
    """

    name: Literal["adamw", "sgd"] = "adamw"
    lr: Amount = 1e-3
    trunk_lr: Amount = 1.0
    stage_lr: Amount = 1.0
    weight_decay: Amount = 0.01
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    cycles: Count = 1
    epochs: Count = 30
    batch_size: Count = 32
    average: Share = 0.0
    clip: Amount = 5.0
    dimensions_weight: Amount = 1.0
    pair_balance: Amount = 1.0
    label_smoothing: Share = 0.0
    distil: Amount = 0.0
    start: str = ""
    freeze: bool = False
    start_text: str = ""
    standardise: bool = False
    dev_every: Count = 1
    precision: Precision = "bf16-mixed"

    def __post_init__(self) -> None:
        """Raise RecipeError where values are wrong."""
        check(self, "[optimiser]", RecipeError)


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
