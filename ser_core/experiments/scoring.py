"""Predictions of a trained model on every test utterance, as a table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from ser_core.evaluation.predict import Scores
from ser_core.experiments.transcripts import DOUBT
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.late import LateRule
from ser_core.training.data import WholeDataset
from ser_core.training.recipe import Recipe
from ser_core.training.split_data import Material

PROBABILITIES = tuple(f"prob_{name}" for name in CATEGORIES)
PREDICTED = tuple(f"predicted_{name}" for name in DIMENSIONS)
KEYS = ["test_set", "corpus", "id"]


def device_of(accelerator: object) -> torch.device:
    """Where to score: the accelerator that Lightning trains on, or the CPU."""
    if accelerator == "cpu" or not torch.accelerator.is_available():
        return torch.device("cpu")
    return torch.accelerator.current_accelerator() or torch.device("cpu")


@torch.inference_mode()
def predict(
    checkpoint: Checkpoint, recipe: Recipe, material: Material, device: torch.device
) -> Scores:
    """Scores of the stored weights on whole clips, in the order of the material.

    A clip without words gives a text model the embedding of "", and a fusion model nothing.
    """
    network = checkpoint.network.to(device)
    reads = recipe.model.architecture == "text"
    everything = np.arange(len(material.clips))
    examples = material.alone(everything, material.own if reads else material.own_or_none)
    dataset = WholeDataset(material, examples, not reads, recipe.data.whole_batch)
    probabilities = np.zeros((len(dataset), len(checkpoint.model.categories)))
    dimensions = np.zeros((len(dataset), len(checkpoint.model.dimensions)))
    for batch in dataset.loader():
        output = network(**{name: batch[name].to(device) for name in network.inputs})
        rows = batch["row"].numpy()
        probabilities[rows] = checkpoint.probabilities(output.logits.cpu()).numpy()
        dimensions[rows] = output.dimensions.cpu().double().numpy()  # MPS has no float64
    network.cpu()
    return Scores(probabilities, dimensions)


def as_table(
    utterances: pd.DataFrame, frames: np.ndarray, frame_rate: float, scores: Scores
) -> pd.DataFrame:
    """Predictions beside what is known of each utterance; columns only of the heads there are.

    Args:
        utterances: rows of the experiment's table. frames: of each one's log-Mel.
        frame_rate: frames a second.
        scores: in the same order.
    """
    table = utterances[["id", "corpus", "speaker", "sex", "session", "split"]].copy()
    if scores.probabilities.shape[1]:
        table["category"] = utterances["category"]
        table[list(PROBABILITIES)] = scores.probabilities
    if scores.dimensions.shape[1]:
        table[list(DIMENSIONS)] = utterances[list(DIMENSIONS)]
        table[list(PREDICTED)] = scores.dimensions
    table["has_transcript"] = utterances["transcript"] != ""
    table[DOUBT] = utterances[DOUBT]
    table["duration_s"] = utterances["duration_s"].fillna(
        pd.Series(frames / frame_rate, index=utterances.index)
    )
    return table.reset_index(drop=True)


def scores_of(table: pd.DataFrame) -> Scores:
    """Inverse of `as_table`."""

    def columns(names: Sequence[str]) -> np.ndarray:
        return table[[name for name in names if name in table]].to_numpy(np.float64)

    return Scores(columns(PROBABILITIES), columns(PREDICTED))


def fuse(text: pd.DataFrame, audio: pd.DataFrame, rule: LateRule) -> pd.DataFrame:
    """Late fusion of two models' tables; the voice alone where there is no transcript."""
    text = text.set_index(KEYS).loc[pd.MultiIndex.from_frame(audio[KEYS])].reset_index()
    # Of the words only the text model's table knows: the audio model's may be older than them.
    fused = audio.assign(**{name: text[name].to_numpy() for name in ("has_transcript", DOUBT)})
    spoken = fused["has_transcript"].to_numpy()[:, None]
    for names, pool in ((PROBABILITIES, rule.posteriors), (PREDICTED, rule.scores)):
        present = [name for name in names if name in audio]
        if present:
            words, voice = text[present].to_numpy(), audio[present].to_numpy()
            fused[present] = np.where(spoken, pool(words, voice), voice)
    return fused
