"""A fusion model as a function of its stages' conditionings, the voice kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ser_core.errors import SerError
from ser_core.explain.case import Case
from ser_core.explain.gradients import Integrated, integrate
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.values import BATCH, rows_at_once, word_inputs
from ser_core.results import Prediction, to_prediction
from ser_core.support.forward_queue import in_order


class StageFunction:
    """f(stages) of one clip with its words.

    Attributes:
        names: of the stages, in the order of the network.
        stages: conditioning of each by these words, [1, C_k] (or [1, 2 C_k]).

    Raises:
        SerError: a model without stages, or no words.
    """

    def __init__(self, case: Case) -> None:
        checkpoint = case.checkpoint
        if not checkpoint.model.stages:
            raise SerError(f"'{checkpoint.name}' has no fusion stages: choose a fusion model.")
        if case.words is None:
            raise SerError("Without words no stage is conditioned: type some.")
        self.case = case
        self.network: Any = checkpoint.network
        self.log_mel = case.analyzer.log_mel(case.clip, checkpoint.front_end)[None].clone()
        inputs = word_inputs(case.analyzer, checkpoint, case.words)

        def work() -> dict[str, Tensor]:
            with torch.no_grad():
                conditioning: dict[str, Tensor] = self.network.conditioning(
                    inputs["embedding"][None], inputs["has_text"][None]
                )
                return conditioning

        found = in_order(work)
        # ModuleDict keeps the order of the config; the network meets blocks before `pooled`.
        self.stages = {name: found[name] for name in sorted(found)}
        self.names = tuple(self.stages)

    @property
    def batch(self) -> int:
        """How many rows may go through at once."""
        return rows_at_once(self.log_mel.shape[1])

    def __call__(self, *stages: Tensor) -> Tensor:
        """f of a batch of conditionings, [B]."""
        given = dict(zip(self.names, stages, strict=True))
        rows = len(stages[0])
        embedding = self.network.cnn(
            self.log_mel.expand(rows, -1, -1), given, self.case.checkpoint.model.operator
        )
        return self.case.choice.value(self.case.checkpoint, self.network.heads(embedding))

    def scaled(
        self, factors: Sequence[Mapping[str, float]], steps: Steps | None = None
    ) -> np.ndarray:
        """f with each stage's conditioning times a factor, float64 [N].

        Args:
            factors: a row each; 1 for stages that a row does not name. 0 is no conditioning.
        """
        found: list[np.ndarray] = []
        for first in range(0, len(factors), self.batch):
            rows = factors[first : first + self.batch]
            inputs = [
                torch.tensor([row.get(name, 1.0) for row in rows])[:, None] * stage
                for name, stage in self.stages.items()
            ]

            def work(inputs: list[Tensor] = inputs) -> np.ndarray:
                with torch.inference_mode():
                    return self(*inputs).double().numpy()

            found.append(in_order(work))
            if steps is not None:
                steps.advance(len(rows))
        return np.concatenate(found) if found else np.zeros(0)

    def predict(self, factors: Mapping[str, float]) -> Prediction:
        """All that the model says with each stage's conditioning times a factor.

        Args:
            factors: 1 for stages that are not named, 0 is no conditioning.
        """
        checkpoint = self.case.checkpoint
        given = {name: factors.get(name, 1.0) * stage for name, stage in self.stages.items()}

        def work() -> Prediction:
            with torch.inference_mode():
                output = self.network.cnn(self.log_mel, given, checkpoint.model.operator)
                return to_prediction(checkpoint, self.network.heads(output), used_text=True)

        return in_order(work)


def integrate_stages(
    function: StageFunction, steps: int | None = None, progress: Progress | None = None
) -> tuple[dict[str, float], Integrated]:
    """Integrated gradients from no conditioning to the words', summed by stage."""
    ends = tuple(function.stages.values())
    starts = tuple(torch.zeros_like(stage) for stage in ends)
    found = integrate(function, ends, starts, min(BATCH, function.batch), steps, progress)
    sums = [float(value.double().sum()) for value in found.values]
    return dict(zip(function.names, sums, strict=True)), found


def leave_out_stages(function: StageFunction) -> dict[str, float]:
    """f less f without the conditioning of one stage, by stage."""
    rows: list[Mapping[str, float]] = [{}, *({name: 0.0} for name in function.names)]
    whole, *without = function.scaled(rows)
    return {name: float(whole - value) for name, value in zip(function.names, without, strict=True)}
