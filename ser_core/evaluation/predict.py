"""Predictions of checkpoints on evaluation sets, whole clips one by one."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from ser_core.evaluation.test_sets import EvaluationSet
from ser_core.inputs.features import FrontEnd
from ser_core.models.checkpoint import Checkpoint
from ser_core.models.fusion import Output
from ser_core.models.registry import knows_speakers, parents
from ser_core.training.feature_cache import LogMels, compute_log_mels
from ser_core.training.recordings import recordings
from ser_core.training.references import Typical, Voices
from ser_core.training.split_data import NO_TEXT, Material


@dataclass(frozen=True)
class Scores:
    """Predictions of one model on one set.

    Attributes:
        probabilities: calibrated, [N, 4] or [N, 0].
        dimensions: [N, 3] in [0, 1] or [N, 0].
    """

    probabilities: np.ndarray
    dimensions: np.ndarray

    @classmethod
    def join(cls, parts: list["Scores"]) -> "Scores":
        """One below the other."""
        return cls(
            np.concatenate([p.probabilities for p in parts]),
            np.concatenate([p.dimensions for p in parts]),
        )


class Predictor:
    """Predicts any checkpoint on any set, each clip or text once for models that read only it.

    Args:
        models: checkpoints by name (late fusion finds its parents here).
        material: clips and texts.
    """

    def __init__(self, models: dict[str, Checkpoint], material: Material) -> None:
        self.models = models
        self.material = material
        self._spectrograms = {material.front_end: material.log_mels}
        self._voices: dict[float | None, Voices] = {}
        self._seen: dict[tuple[str, int, int, bool], Scores] = {}

    def can_predict(self, checkpoint: Checkpoint, test_set: EvaluationSet) -> bool:
        """Whether the set has what the model reads."""
        if not test_set.has_voice:
            return not checkpoint.uses_voice
        if test_set.reference and not knows_speakers(self.models, checkpoint):
            return False
        return test_set.has_words or not checkpoint.needs_text

    def predict(self, checkpoint: Checkpoint, test_set: EvaluationSet) -> Scores:
        """Scores of one model on one set, in its order."""
        return Scores.join(
            [
                self._one(checkpoint, int(clip), int(text), test_set.reference)
                for clip, text in zip(test_set.examples.clips, test_set.examples.texts, strict=True)
            ]
        )

    def _one(self, checkpoint: Checkpoint, clip: int, text: int, reference: bool = False) -> Scores:
        key = (
            checkpoint.name,
            clip if checkpoint.uses_voice else -1,
            text if checkpoint.uses_text else NO_TEXT,
            reference,
        )
        if key not in self._seen:
            if checkpoint.model.architecture == "late":
                self._seen[key] = self._late(checkpoint, clip, text, reference)
            else:
                self._seen[key] = self._forward(checkpoint, clip, text, reference)
        return self._seen[key]

    def _late(self, checkpoint: Checkpoint, clip: int, text: int, reference: bool) -> Scores:
        words, voice = parents(self.models, checkpoint)
        heard = self._one(voice, clip, text, reference)
        if text == NO_TEXT:
            return heard
        read = self._one(words, clip, text)
        rule = checkpoint.model.late_rule()
        return Scores(
            rule.posteriors(read.probabilities, heard.probabilities),
            rule.scores(read.dimensions, heard.dimensions),
        )

    def _log_mels(self, front_end: FrontEnd) -> LogMels:
        if front_end not in self._spectrograms:
            paths = recordings(self.material.clips)
            self._spectrograms[front_end] = compute_log_mels(paths, front_end)
        return self._spectrograms[front_end]

    @torch.inference_mode()
    def _forward(self, checkpoint: Checkpoint, clip: int, text: int, reference: bool) -> Scores:
        values: dict[str, torch.Tensor] = {}
        wanted = checkpoint.network.inputs
        if "log_mel" in wanted:
            values["log_mel"] = self._log_mels(checkpoint.front_end)[clip].unsqueeze(0)
        if "embedding" in wanted:
            # Of e of all layers, the last layer's comes last.
            e = self.material.embeddings[[text], -checkpoint.model.input_dim :]
            values["embedding"] = torch.from_numpy(e)
        if "has_text" in wanted:
            values["has_text"] = torch.tensor([float(text != NO_TEXT)])
        if "speech_statistics" in wanted:
            values["speech_statistics"] = torch.from_numpy(self.material.statistics[[clip]])
        if reference:
            self._relate(checkpoint, values, clip)
        output: Output = checkpoint.network(**values)
        probabilities = checkpoint.probabilities(output.logits)
        return Scores(probabilities.numpy(), output.dimensions.double().numpy())

    def _relate(self, checkpoint: Checkpoint, values: dict[str, torch.Tensor], clip: int) -> None:
        """Make what a network hears relative to the speaker, in place."""
        level_db, typical = checkpoint.front_end.level_db, checkpoint.network.typical
        assert self.material.voices is not None and typical is not None
        if level_db not in self._voices:
            self._voices[level_db] = replace(self.material.voices, level_db=level_db)
        self._voices[level_db].relate_fixed(
            values, np.array([clip]), Typical(typical.numpy(), typical.numpy())
        )
