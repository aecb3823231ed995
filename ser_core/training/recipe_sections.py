"""The sections of a training recipe beside the model's: data, augmentation, optimiser."""

import math
from dataclasses import dataclass
from typing import Literal

from ser_core.errors import RecipeError
from ser_core.inputs.features import FrontEnd
from ser_core.inputs.text import DEFAULT_ENCODER
from ser_core.support.settings import (
    Amount,
    Count,
    LowHigh,
    Names,
    Number,
    Seconds,
    Share,
    Text,
    Whole,
    check,
)

Precision = Literal["32-true", "bf16-mixed", "bf16-true", "16-mixed", "16-true", "64-true"]


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
        speech_encoder: of the speech statistics that are read, or distilled; see `Recogniser`.
        level_db: see `FrontEnd`.
        reference: share of the examples that are heard relative to other clips of their speaker, if
            the model knows references (see `ser_core.training.references`).
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
    speech_encoder: Text | None = None
    level_db: Number | None = None
    reference: Share = 0.0
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
            the clip's speech statistics; 0 for none.
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
