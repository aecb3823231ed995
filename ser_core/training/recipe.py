"""Training recipes: TOML files that say everything a training run needs."""

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from ser_core.errors import CheckpointError, RecipeError
from ser_core.features import FrontEnd
from ser_core.models.config import ModelConfig
from ser_core.text import DEFAULT_ENCODER

RECIPES = Path(__file__).parent / "recipes"
T = TypeVar("T")


@dataclass(frozen=True)
class DataConfig:
    """What to train on.

    Attributes:
        speech: corpora of clips. texts: corpora of labelled texts.
        pair, own, none: shares of a fusion model's examples that get an independent text (a
            constructed pair), the clip's own sentence, and no text.
        rated: share of the constructed pairs whose text has rated dimensions, not a category.
        balance: 0 draws every clip equally often, 1 every emotion of every corpus; between them,
            a power of their sizes.
        crop_s: length of the random crops, seconds.
        text_encoder: see `TextEncoder`.
        level_db: see `FrontEnd`.
        whole_batch: whole clips of dev and test sets, of the same number of frames, that go
            through the network together.
    """

    speech: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    pair: float = 0.6
    own: float = 0.2
    none: float = 0.2
    rated: float = 0.4
    balance: float = 0.5
    crop_s: float = 3.0
    text_encoder: str = DEFAULT_ENCODER
    level_db: float | None = None
    whole_batch: int = 1

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

    gain_db: float = 0.0
    eq_db: float = 0.0
    tempo: float = 0.0
    warp: float = 0.0
    noise: float = 0.0
    snr_db: tuple[float, ...] = (5.0, 40.0)
    time_masks: int = 0
    time_width: int = 30
    mel_masks: int = 0
    mel_width: int = 8
    mixup: float = 0.0


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
        precision: Lightning's, for example `bf16-mixed` or `32-true`; see `trainable_precision`.
    """

    name: str = "adamw"
    lr: float = 1e-3
    trunk_lr: float = 1.0
    stage_lr: float = 1.0
    weight_decay: float = 0.01
    schedule: str = "one_cycle"
    cycles: int = 1
    epochs: int = 30
    batch_size: int = 32
    average: float = 0.0
    clip: float = 5.0
    dimensions_weight: float = 1.0
    pair_balance: float = 1.0
    label_smoothing: float = 0.0
    distil: float = 0.0
    start: str = ""
    freeze: bool = False
    start_text: str = ""
    standardise: bool = False
    dev_every: int = 1
    precision: str = "bf16-mixed"


@dataclass(frozen=True)
class Recipe:
    """One training run, complete.

    Raises:
        RecipeError: settings do not fit together.
    """

    name: str
    title: str
    model: ModelConfig
    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    order: int = 100
    reference: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what could not be trained."""
        if not 1 <= self.optimiser.cycles <= self.optimiser.epochs:
            raise RecipeError(
                f"The recipe '{self.name}' asks for {self.optimiser.cycles} cycles in "
                f"{self.optimiser.epochs} epochs: give between 1 and as many `cycles` as `epochs`."
            )
        if self.optimiser.cycles > 1 and self.optimiser.schedule == "constant":
            raise RecipeError(
                f"The recipe '{self.name}' asks for {self.optimiser.cycles} cycles of a constant "
                "learning rate: set `schedule` to one_cycle or leave `cycles` out."
            )
        if self.optimiser.freeze and (
            self.model.architecture != "fusion" or not self.optimiser.start
        ):
            raise RecipeError(
                f"The recipe '{self.name}' freezes blocks that never learned: `freeze` is for "
                "fusion models with a `start`."
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored in a checkpoint."""
        return asdict(self)


def section(kind: type[T], values: dict[str, Any], where: str) -> T:
    """A dataclass from a section of a TOML file.

    Raises:
        RecipeError: a setting is unknown. TypeError: one is missing.
    """
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - known)
    if unknown:
        raise RecipeError(
            f"Unknown setting '{unknown[0]}' in [{where}]: choose from {', '.join(sorted(known))}."
        )
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
        RecipeError: there are unknown or missing settings.
    """
    try:
        values = dict(values)
        model = ModelConfig.from_dict(values.pop("model"))
        sections = {
            "data": section(DataConfig, values.pop("data", {}), "data"),
            "augment": section(AugmentConfig, values.pop("augment", {}), "augment"),
            "optimiser": section(OptimiserConfig, values.pop("optimiser", {}), "optimiser"),
        }
        return section(Recipe, {"name": name, **values, "model": model, **sections}, "recipe")
    except KeyError as error:
        raise RecipeError(f"The recipe '{name}' has no [model] section: add one.") from error
    except (TypeError, CheckpointError) as error:
        raise RecipeError(f"The recipe '{name}' is incomplete or wrong: {error}") from error


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
    return parse(path.read_text("utf-8"), path.stem)
