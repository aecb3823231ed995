"""What the voice, the words, and only both together add to an output.

With v(S) the output where what is not in S is replaced by a background, and A the clip's voice, T
its words: voice v(A) - v(0), words v(T) - v(0), both v(AT) - v(A) - v(T) + v(0), the interaction.
They add up to v(AT) - v(0) whatever the model does.
"""

from dataclasses import dataclass
from typing import Any, Literal

from ser_core.explain.background import Background, background_of
from ser_core.explain.case import Case
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.sounds import silence, sound_of
from ser_core.explain.values import Values
from ser_core.inputs.text_gradients import mask_token
from ser_core.models.registry import parents
from ser_core.support.cache import Cache

WithoutVoice = Literal["background", "silence"]
WithoutWords = Literal["background", "none", "masked"]

_baselines = Cache(256)


@dataclass(frozen=True, eq=False)
class Shares:
    """An output, taken apart; `value = baseline + voice + words + both`.

    Attributes:
        output, unit: what is explained, see `OutputChoice`.
        value: v(AT), f of the clip and its words.
        baseline: v(0), f of neither.
        voice, words, both: see above; exactly 0 where the model does not hear, or not read.
        sd: standard deviation of `baseline`, `voice`, `words` and `both` over the background, one
            voice and one sentence at a time; 0 without a background.
        without_voice, without_words: what stood in for them.
    """

    output: str
    unit: str
    value: float
    baseline: float
    voice: float
    words: float
    both: float
    sd: dict[str, float]
    without_voice: str
    without_words: str

    def to_dict(self) -> dict[str, float]:
        """The parts, which add up to `value`."""
        return {
            "baseline": self.baseline,
            "voice": self.voice,
            "words": self.words,
            "both": self.both,
        }

    @property
    def settings(self) -> dict[str, Any]:
        """What stood in, and the SD over the background."""
        return {
            "without_voice": self.without_voice,
            "without_words": self.without_words,
            "sd": self.sd,
        }


def modality_shares(
    case: Case,
    without_voice: WithoutVoice = "background",
    without_words: WithoutWords = "background",
    background: Background | None = None,
    progress: Progress | None = None,
) -> Shares:
    """Shares of voice and words in one output.

    By default averages over N background voices and N sentences: v(A) over the clip's voice with
    each sentence, v(T) over each voice with the words, v(0) over N matched pairs; 3 N + 1 passes,
    of which the last N are kept for the next clip. A case without words keeps having none, so that
    all is voice.

    Args:
        case: see `make_case`.
        without_voice: `background`, or `silence` of the clip's length and level offset.
        without_words: `background`; `none`, exactly no words (late fusion is then the audio model,
            and shows an interaction that no network made); `masked`, each word as BERT's mask.
        background: default the one beside the checkpoint.
        progress: see `Progress`.

    Raises:
        SerError: no background, one of another front end, or no words for a model that reads
            nothing else.
    """
    needed = "background" in (without_voice, without_words)
    background = background or (background_of(case.checkpoint) if needed else None)
    voices = [silence(case.analyzer, case.clip)]
    texts: list[str | None] = [None]
    if background is not None and without_voice == "background":
        voices = background.voices()
    if case.words is not None and without_words == "masked":
        texts = [_masked(case, case.words)]
    elif background is not None and case.words is not None and without_words == "background":
        texts = list(background.sentences)
    rows = max(len(voices), len(texts))
    voices, texts = voices * (rows // len(voices)), texts * (rows // len(texts))
    steps = Steps(progress, 1 + 3 * rows)
    values = Values(case.analyzer, case.checkpoint, case.choice, case.late_weight, steps)
    own = sound_of(case.analyzer, case.clip)

    value = values.one(own, case.words)
    voice_alone = values([own] * rows, texts)
    words_alone = values(voices, [case.words] * rows)
    if without_voice == "background" and background is not None:
        key = (_digests(case), case.choice, case.late_weight, background.digest, tuple(texts))
        neither = _baselines.get(key, lambda: values(voices, texts))
    else:
        neither = values(voices, texts)
    if progress is not None:
        progress(1.0)
    parts = {
        "baseline": neither,
        "voice": voice_alone - neither,
        "words": words_alone - neither,
        "both": (value - words_alone) - (voice_alone - neither),  # so that nothing stays exactly 0
    }
    return Shares(
        output=case.choice.name,
        unit=case.choice.unit,
        value=value,
        **{name: float(part.mean()) for name, part in parts.items()},
        sd={name: float(part.std()) for name, part in parts.items()},
        without_voice=without_voice,
        without_words=without_words if case.words is not None else "none",
    )


def _masked(case: Case, words: str) -> str:
    return " ".join([mask_token(case.analyzer.text_encoder)] * len(words.split()))


def _digests(case: Case) -> tuple[str, ...]:
    models = case.analyzer.models
    own = (case.checkpoint,)
    family = (*own, *parents(models, case.checkpoint)) if case.is_late else own
    return tuple(checkpoint.digest for checkpoint in family)
