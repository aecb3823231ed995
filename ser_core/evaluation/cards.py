"""Model cards: what a checkpoint folder's README says, from its config and measured results."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ser_core.evaluation.card_data import SPEECH, data, header, join_words, limits
from ser_core.evaluation.report import Report
from ser_core.evaluation.seeds import store_spread, stored_spread
from ser_core.evaluation.tables import comparisons_table, results_table, seeds_table
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import Checkpoint, save
from ser_core.models.late import LateRule
from ser_core.models.registry import discover, parents

CONSTRUCTION = (
    "In acted speech the words say nothing of the emotion, so the fusion models learned from "
    "*constructed pairs*: a clip and an independent English text with a joint label that a rule "
    "gives (the same category in both; the non-neutral one; in conflict 0.6 voice and 0.4 words). "
    "The dimensions of acted clips are norms of the category, not ratings."
)

OVERVIEW = f"""# The demonstration models

Licence: CC BY-NC-SA 4.0, because RAVDESS and nEMO are. Each folder has its own card.

{CONSTRUCTION}

Test results by `ser evaluate --data ../shared/corpora --write`, with 95 % bootstrap intervals over
utterances. Test speakers: {join_words([source.test for source in SPEECH.values()])}.

"""


SPREAD_METRICS = ("UAR", "mean CCC", "ECE")
SEEDS = """## Seeds

Mean ± standard deviation over the seeds that were trained; the one with the best dev score is
shipped, and the other tables are of that one."""

COMPARISONS = """## Models against each other

Differences on the same bootstrap resamples, with 95 % intervals; p by Holm's correction over the
pairs of models of a set and metric."""


def describe(checkpoint: Checkpoint) -> str:
    """One sentence on the architecture."""
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
            return describe_late(text, audio, model.late_rule())
        case "fusion":
            where = ", ".join(model.stages)
            return (
                f"CNN14 at width {model.width:g} on {heard}, conditioned at {where} "
                f"by the operator `{model.operator}` on {e}."
            )
    return "Small head on mean and standard deviation over time of a frozen Whisper encoder."


def describe_late(text: str, audio: str, rule: LateRule) -> str:
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


def card(
    checkpoint: Checkpoint,
    results: pd.DataFrame | None = None,
    spread: pd.DataFrame | None = None,
    speech: Sequence[str] = (),
) -> str:
    """Markdown of the card.

    Args:
        speech: corpora of the voices that it learned from.
        results: this model's rows of `Report.results`.
        spread: this model's rows of `seeds.spread`.
    """
    training = checkpoint.training
    lines = [header(speech), f"# {checkpoint.title}", "", describe(checkpoint), ""]
    if checkpoint.parameters:
        size = checkpoint.size_bytes / 1e6
        lines += [f"{checkpoint.parameters:,} parameters, {size:.1f} MB in float16.", ""]
    encoders = {"Text": checkpoint.text_encoder, "Speech": checkpoint.speech_encoder}
    for kind, encoder in encoders.items():
        if encoder:
            lines += [
                f"{kind} encoder: `{encoder['name']}` (frozen; sha256 "
                f"`{encoder['sha256'][:16]}…`).",
                "",
            ]
    if checkpoint.model.architecture in ("fusion", "late"):
        lines += [CONSTRUCTION, ""]
    if "best_epoch" in training:
        recipe = training["recipe"]
        if recipe["optimiser"].get("freeze"):
            start = recipe["optimiser"]["start"]
            lines += [f"The blocks of CNN14 are those of `{start}`, unchanged.", ""]
        lines += [
            f"Trained by `ser train {recipe['name']}` (seed {recipe['seed']}): "
            f"{training['train_clips']} clips, {training['train_texts']} texts; best dev epoch "
            f"{training['best_epoch'] + 1} of {recipe['optimiser']['epochs']}, dev score "
            f"{training['dev_score']:.3f} (mean of UAR and mean CCC over the dev sets).",
            "",
        ]
    if results is not None and len(results):
        lines += [
            "## Measured on the test splits",
            "",
            "By `ser evaluate`; 95 % bootstrap intervals over utterances.",
            "",
            results_table(results),
            "",
        ]
    if spread is not None and len(spread):
        lines += [SEEDS, "", seeds_table(spread, SPREAD_METRICS), ""]
    lines += [limits(speech), "", data(speech)]
    return "\n".join(lines)


def summary(checkpoint: Checkpoint) -> list[str]:
    """Size, training data and test results in a few lines."""
    training = checkpoint.training
    lines = []
    if checkpoint.parameters:
        lines.append(f"{checkpoint.parameters:,} parameters, {checkpoint.size_bytes / 1e6:.1f} MB")
    if "train_clips" in training:
        lines.append(
            f"trained on {training['train_clips']} clips and {training['train_texts']} texts, "
            f"seed {training['recipe']['seed']}"
        )
    for test_set, metrics in checkpoint.results.items():
        values = ", ".join(f"{metric} {value:.2f}" for metric, value in metrics.items())
        lines.append(f"test, {test_set}: {values}")
    return lines


def speech_of(models: dict[str, Checkpoint], checkpoint: Checkpoint) -> tuple[str, ...]:
    """Names of the speech corpora that a model learned from, itself or by its parents."""
    if checkpoint.model.architecture == "late":
        of_parents = (speech_of(models, parent) for parent in parents(models, checkpoint))
        return tuple(dict.fromkeys(name for names in of_parents for name in names))
    recipe = checkpoint.training.get("recipe", {})
    return tuple(name for name in SPEECH if name in recipe.get("data", {}).get("speech", ()))


def write_cards(root: Path, report: Report, spread: pd.DataFrame | None = None) -> None:
    """Put test results into the configs, cards and the overview of a folder of checkpoints.

    Models without a new `spread` keep the one that is stored there.
    """
    spread = stored_spread(root) if spread is None else store_spread(root, spread)
    models = discover(root)
    for checkpoint in models.values():
        own = report.results[report.results["model"] == checkpoint.name]
        nested: dict[str, dict[str, float]] = {}
        for row in own.itertuples():
            nested.setdefault(str(row.set), {})[str(row.metric)] = round(float(row.value), 4)  # type: ignore[arg-type]
        measured = replace(checkpoint, results=nested)
        save(measured, None)
        seeds = None if spread is None else spread[spread["model"] == checkpoint.name]
        (checkpoint.folder / "README.md").write_text(
            card(measured, own, seeds, speech_of(models, checkpoint)), "utf-8"
        )
    (root / "README.md").write_text(OVERVIEW + side_by_side(report, spread), "utf-8")


def side_by_side(report: Report, spread: pd.DataFrame | None = None) -> str:
    """Markdown: all models, their spread over seeds, and their differences."""
    parts = [results_table(report.results)]
    if spread is not None:
        parts += [SEEDS, seeds_table(spread, SPREAD_METRICS)]
    if len(report.comparisons):
        parts += [COMPARISONS, comparisons_table(_of_interest(report.comparisons))]
    return "\n\n".join(parts) + "\n"


def _of_interest(comparisons: pd.DataFrame) -> pd.DataFrame:
    """All pairs on constructed pairs; elsewhere those with the audio model, of recall."""
    pairs = comparisons["set"] == "constructed pairs"
    with_audio = (comparisons["a"] == "audio") | (comparisons["b"] == "audio")
    without_text = (comparisons["a"] != "text") & (comparisons["b"] != "text")
    native = with_audio & without_text & (comparisons["metric"] == "UAR")
    return comparisons[pairs | native]
