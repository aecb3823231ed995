"""Model cards: what a checkpoint folder's README says, from its config and measured results."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ser_core.evaluation.report import to_markdown
from ser_core.models.checkpoint import Checkpoint, discover, save

HEADER = """---
license: cc-by-nc-sa-4.0
language: [en, pl, de]
tags: [speech-emotion-recognition]
---
"""

CONSTRUCTION = (
    "In acted speech the words say nothing of the emotion, so the fusion models learned from "
    "*constructed pairs*: a clip and an independent English text with a joint label that a rule "
    "gives (the same category in both; the non-neutral one; in conflict 0.6 voice and 0.4 words). "
    "The dimensions of acted clips are norms of the category, not ratings."
)

LIMITS = """## Limits

- A demonstration for exploring and teaching. Do not use it to judge, hire, score or watch people.
- The voices are actors', 43 of them, in English, Polish and German; everyday speech is different.
- The words are English only; recognised transcripts carry recognition errors.
- """

DATA = """## Data and licence

Speech: RAVDESS (English, Livingstone and Russo 2018), nEMO (Polish, Christop 2024), EmoDB (German,
Burkhardt et al. 2005). Texts: GoEmotions (Demszky et al. 2020), EmoBank (Buechel and Hahn 2017).
RAVDESS and nEMO are CC BY-NC-SA 4.0, and so are these weights: no commercial use.
Splits are by speaker (test: RAVDESS actors 21-24, nEMO WR0, EmoDB 15 and 16; dev: RAVDESS 19-20,
nEMO TP0, EmoDB 14) and by the text corpora's own splits; no test data was used for any choice.
"""


OVERVIEW = f"""# The demonstration models

Licence: CC BY-NC-SA 4.0, because RAVDESS and nEMO are. Each folder has its own card.

{CONSTRUCTION}

Test results by `ser evaluate --data ../shared/corpora --write`, with 95 % bootstrap intervals over
utterances. Test speakers: RAVDESS actors 21-24, nEMO WR0, EmoDB 15 and 16.

"""


def describe(checkpoint: Checkpoint) -> str:
    """One sentence on the architecture."""
    model = checkpoint.model
    match model.architecture:
        case "text":
            return (
                f"Two-layer MLP ({model.hidden} units) on the summary embedding e of a frozen BERT."
            )
        case "audio":
            return f"CNN14 at width {model.width:g} on log-Mel spectrograms."
        case "late":
            text, audio = model.parents
            return (
                f"Weighted mean of `{text}` ({model.weight:g}) and `{audio}` "
                f"({1 - model.weight:g}): posteriors and dimension scores."
            )
        case "fusion":
            where = ", ".join(model.stages)
            return (
                f"CNN14 at width {model.width:g} on log-Mel spectrograms, conditioned on e at "
                f"{where} by the operator `{model.operator}`."
            )
    return "Small head on mean and standard deviation over time of a frozen Whisper encoder."


def card(checkpoint: Checkpoint, results: pd.DataFrame | None = None) -> str:
    """Markdown of the card."""
    training = checkpoint.training
    lines = [HEADER, f"# {checkpoint.title}", "", describe(checkpoint), ""]
    if checkpoint.parameters:
        size = checkpoint.size_bytes / 1e6
        lines += [f"{checkpoint.parameters:,} parameters, {size:.1f} MB in float16.", ""]
    if checkpoint.text_encoder:
        encoder = checkpoint.text_encoder
        lines += [
            f"Text encoder: `{encoder['name']}` (frozen; sha256 `{encoder['sha256'][:16]}…`).",
            "",
        ]
    if checkpoint.model.architecture in ("fusion", "late"):
        lines += [CONSTRUCTION, ""]
    if "best_epoch" in training:
        recipe = training["recipe"]
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
            to_markdown(results),
            "",
        ]
    limit = "Test speakers are few (4, 1 and 2), so intervals over utterances understate the doubt."
    lines += [LIMITS + limit, "", DATA]
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


def write_cards(root: Path, results: pd.DataFrame) -> None:
    """Put test results into the configs, cards and the overview of a folder of checkpoints."""
    for checkpoint in discover(root).values():
        own = results[results["model"] == checkpoint.name]
        nested: dict[str, dict[str, float]] = {}
        for row in own.itertuples():
            nested.setdefault(str(row.set), {})[str(row.metric)] = round(float(row.value), 4)  # type: ignore[arg-type]
        measured = replace(checkpoint, results=nested)
        save(measured, None)
        (checkpoint.folder / "README.md").write_text(card(measured, own), "utf-8")
    (root / "README.md").write_text(OVERVIEW + to_markdown(results) + "\n", "utf-8")
