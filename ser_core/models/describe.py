"""What a model is, for people: from its config and measured results, never from its name."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ser_core.labels import CATEGORIES, DIMENSIONS

if TYPE_CHECKING:  # brings torch, which a description does not need
    from ser_core.models.checkpoint import Checkpoint
    from ser_core.models.config import ModelConfig
    from ser_core.models.late import LateRule

NOTABLE = 0.05  # a difference in UAR that is worth a sentence


def describe(checkpoint: "Checkpoint") -> str:
    """One sentence on the architecture, in the field's terms."""
    model = checkpoint.model
    e = "e, the mean over the tokens of " + (
        "each layer of a frozen BERT" if model.summary == "all" else "a frozen BERT's last layer"
    )
    level = checkpoint.front_end.level_db
    heard = "log-Mel spectrograms" + (
        "" if level is None else f" (every clip brought to one level, a mean of {level:g} dB)"
    )
    match model.architecture:
        case "text":
            return f"Two-layer MLP ({model.hidden} units) on {e}."
        case "audio":
            return f"CNN14 at width {model.width:g} on {heard}."
        case "late":
            text, audio = model.parents
            return _late(text, audio, model.late_rule())
        case "fusion":
            where = ", ".join(model.stages)
            return (
                f"CNN14 at width {model.width:g} on {heard}, conditioned at {where} "
                f"by the operator `{model.operator}` on {e}."
            )
    return "Small head on mean and standard deviation over time of frozen Whisper encoders."


def _late(text: str, audio: str, rule: "LateRule") -> str:
    """One sentence on the rule of a late fusion."""

    def words(weights: Sequence[float]) -> str:
        return ", ".join(f"{weight:g}" for weight in dict.fromkeys(weights))

    if rule.pooling == "mean" and len({*rule.categories, *rule.dimensions}) == 1:
        weight = rule.categories[0]
        return (
            f"Weighted mean of `{text}` ({weight:g}) and `{audio}` ({1 - weight:g}): posteriors "
            "and dimension scores."
        )
    form = "mean" if rule.pooling == "mean" else "geometric mean"
    biases = [f"{c} {b:+g}" for c, b in zip(CATEGORIES, rule.bias, strict=True) if b]
    bias = f", with a bias of {', '.join(biases)} in its logarithm," if biases else ""
    smoothed = f"smoothed ({rule.smoothing:g}) " if rule.smoothing else ""
    return (
        f"Weighted {form} of the {smoothed}posteriors of `{text}` ({words(rule.categories)}) and "
        f"`{audio}`{bias} brought to a sum of 1; weighted mean of their dimension scores (words: "
        f"{', '.join(f'{n} {w:g}' for n, w in zip(DIMENSIONS, rule.dimensions, strict=True))})."
    )


def sentence(checkpoint: "Checkpoint") -> str:
    """One sentence on what it does, for somebody who has never seen a network."""
    model = checkpoint.model
    match model.architecture:
        case "text":
            return "Reads the words and never hears the voice."
        case "audio":
            return "Hears the voice and never reads the words."
        case "late":
            return "Mixes the answers of two models: one that reads, and one that listens."
        case "fusion":
            blocks = [stage for stage in model.stages if stage.startswith("block")]
            if not blocks:
                return "Listens to the whole clip, and takes in the words once, at the end."
            places = "one place" if len(model.stages) == 1 else f"{len(model.stages)} places"
            return f"Listens with the words in mind: they act at {places} inside the network."
    return "Hears the voice through a network that was made to recognise speech."


def reads(checkpoint: "Checkpoint") -> str:
    """Which inputs can change its output."""
    words = f"the words (through {checkpoint.text_encoder.get('name', 'a frozen BERT')})"
    heard = "speech statistics of Whisper" if checkpoint.speech_encoder else "a log-Mel spectrogram"
    voice = f"the voice (as {heard})"
    parts = ((words, checkpoint.uses_text), (voice, checkpoint.uses_voice))
    return " and ".join(part for part, used in parts if used)


def equation(checkpoint: "Checkpoint") -> list[str]:
    """The model as equations, one a line, with subscripts as in TeX (`x_k`, `x_{k-1}`).

    They are those of `cnn14.py` and `fusion.py`: e is the embedding of the words, x_0 the log-Mel
    spectrogram, p the probabilities, d the dimensions, T the temperature of the calibration.
    """
    model = checkpoint.model
    if model.architecture == "late":
        return _late_equation(model)
    lines = {
        "text": ["h = ReLU(W e + b)"],
        "audio": ["x_k = Block_k(x_{k-1}), k = 1 … 6", "h = ReLU(W pool(x_6) + b)"],
        "fusion": _fusion(model),
        "foundation": [
            "s = [mean, SD] over time of each Whisper encoder",
            "h = ReLU(W s + b)",
        ],
    }[model.architecture]
    if model.categories:
        lines.append(f"p = softmax((U h + c) / T), T = {checkpoint.temperature:.3g}")
    if model.dimensions:
        lines.append("d = sigmoid(V h + a)")
    return lines


def _late_equation(model: "ModelConfig") -> list[str]:
    rule = model.late_rule()
    one = len({*rule.categories, *rule.dimensions}) == 1
    if one and rule.pooling == "mean":
        heads = (("p", model.categories), ("d", model.dimensions))
        return [
            *(f"{y} = w {y}_{{words}} + (1 - w) {y}_{{voice}}" for y, labels in heads if labels),
            f"w = {rule.categories[0]:g} unless you move it; without words w = 0",
        ]
    terms = "w_c log t_c + (1 - w_c) log a_c" + (" + 4 w_c (1 - w_c) b_c" if any(rule.bias) else "")
    pooled = f"log p_c = {terms} + const"
    mean = "p_c = (w_c t_c + (1 - w_c) a_c) / sum over c"
    return [
        pooled if rule.pooling == "log_linear" else mean,
        "d = w_d d_{words} + (1 - w_d) d_{voice}",
        "t are the probabilities of the words, a those of the voice; without words p = a",
    ]


def _fusion(model: "ModelConfig") -> list[str]:
    numbers = [stage.removeprefix("block") for stage in model.stages if stage.startswith("block")]
    y = "Block_k(x_{k-1})"
    block, pooled = {
        "shift": (f"{y} + ReLU(W_k e + b_k)", "pool(x_6) + ReLU(W_p e + b_p)"),
        "prenorm": (
            "Block_k(x_{k-1}; W_k e + b_k added before each normalisation)",
            "pool(x_6) + W_p e + b_p",
        ),
        "film": (
            f"(1 + g_k) {y} + s_k, [g_k, s_k] = W_k e + b_k",
            "(1 + g_p) pool(x_6) + s_p, [g_p, s_p] = W_p e + b_p",
        ),
    }[model.operator]
    every, some = "k = 1 … 6", f"k = {', '.join(numbers)}"
    if len(numbers) == 6:
        lines = [f"x_k = {block}, {every}"]
    elif numbers:
        lines = [f"x_k = {block}, {some}", f"x_k = {y}, other k"]
    else:
        lines = [f"x_k = {y}, {every}"]
    v = pooled if "pooled" in model.stages else "pool(x_6)"
    return [*lines, f"v = {v}", "h = ReLU(W v + b)", "without words: no terms with e"]


def chance(checkpoint: "Checkpoint") -> float | None:
    """UAR of guessing; None for a model without categories."""
    return 1 / len(checkpoint.model.categories) if checkpoint.model.categories else None


def recalls(checkpoint: "Checkpoint") -> dict[str, float]:
    """Measured UAR (unweighted average recall, [0, 1]) by test set; {} where none was measured."""
    return {
        name: float(metrics["UAR"])
        for name, metrics in checkpoint.results.items()
        if "UAR" in metrics
    }


def weakness(checkpoint: "Checkpoint") -> str:
    """Where it fails, computed from its measured results; "" where there are none.

    Says the first that holds: test sets on which it does not beat guessing; a corpus on which its
    UAR depends on the words that it is given; else its worst test set.
    """
    measured, guess = recalls(checkpoint), chance(checkpoint)
    if not measured or guess is None:
        return ""
    lost = [name for name, value in measured.items() if value <= guess + NOTABLE / 2]
    parts = []
    if lost:
        parts.append(f"No better than guessing (UAR {guess:.2f}) on {'; '.join(lost)}.")
    if fall := _fall(measured):
        parts.append(fall)
    if not parts:
        worst = min(measured, key=lambda name: measured[name])
        parts.append(f"Weakest on {worst}: UAR {measured[worst]:.2f}; guessing gives {guess:.2f}.")
    return " ".join(parts)


def _fall(measured: dict[str, float]) -> str:
    """The corpus ("NAME, CASE" with several cases) on which the case matters most."""
    cases: dict[str, dict[str, float]] = defaultdict(dict)
    for name, value in measured.items():
        corpus, comma, case = name.rpartition(", ")
        if comma:
            cases[corpus][case] = value
    spread = {name: max(found.values()) - min(found.values()) for name, found in cases.items()}
    corpus = max(spread, key=lambda name: spread[name], default="")
    if not corpus or spread[corpus] < NOTABLE:
        return ""
    found = cases[corpus]
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    return (
        f"On {corpus}, UAR falls from {found[best]:.2f} ({best}) to {found[worst]:.2f} ({worst})."
    )
