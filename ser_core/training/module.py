"""The Lightning module: losses, dev metrics, optimiser."""

import math
from typing import Any

import lightning as L
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR, SequentialLR

from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.metrics import concordance, confusion, unweighted_average_recall
from ser_core.models.config import build
from ser_core.models.fusion import Network, Output
from ser_core.training.across_processes import gather, whole_set
from ser_core.training.losses import ccc_loss, soft_cross_entropy
from ser_core.training.recipe import Recipe


def dev_metrics(
    targets: np.ndarray, logits: np.ndarray, truth: np.ndarray, dimensions: np.ndarray
) -> dict[str, float]:
    """UAR and CCC of one dev set; keys only where there are labels, for a CCC two or more.

    Args:
        targets: soft labels [N, 4], zeros where unlabelled. logits: [N, 4] or [N, 0].
        truth: [N, 3], NaN where unlabelled. dimensions: [N, 3] or [N, 0].
    """
    metrics: dict[str, float] = {}
    labelled = targets.sum(1) > 0
    if logits.shape[1] and labelled.any():
        counts = confusion(targets[labelled].argmax(1), logits[labelled].argmax(1), len(CATEGORIES))
        metrics["uar"] = unweighted_average_recall(counts)
    for k, name in enumerate(DIMENSIONS if dimensions.shape[1] else ()):
        known = np.isfinite(truth[:, k])
        value = concordance(truth[known, k], dimensions[known, k])
        if np.isfinite(value):  # fewer than two labels have none
            metrics[f"ccc_{name}"] = value
    return metrics


def score(metrics: dict[str, float]) -> float:
    """One figure to choose the best epoch by: mean of UAR and mean CCC (our choice)."""
    concordances = [v for k, v in metrics.items() if k.startswith("ccc_")]
    parts = [metrics["uar"]] if "uar" in metrics else []
    if concordances:
        parts.append(float(np.mean(concordances)))
    return float(np.mean(parts))


def one_cycles(optimiser: Optimizer, steps: int, cycles: int) -> LRScheduler:
    """One-cycle schedule (Smith and Topin, 2018) of each group's learning rate as its peak, run
    through `cycles` times in all of the steps.
    """
    each = math.ceil(steps / cycles)
    peaks = [group["lr"] for group in optimiser.param_groups]
    rise = 0.25 if each == 5 else 0.2  # OneCycleLR divides by the steps of the rise, less one
    schedules: list[LRScheduler] = [
        OneCycleLR(optimiser, peaks, total_steps=each, cycle_momentum=False, pct_start=rise)
        for _ in range(cycles)
    ]
    return SequentialLR(optimiser, schedules, milestones=[each * k for k in range(1, cycles)])


class Student(nn.Module):
    """Linear layer that predicts a teacher's standardised features from the hidden vector.

    Args:
        dim: size of the hidden vector.
        features: the teacher's on the training clips, [N, D]; they set mean and scale.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, dim: int, features: Tensor) -> None:
        super().__init__()
        self.linear = nn.Linear(dim, features.shape[1])
        self.register_buffer("mean", features.mean(dim=0))
        self.register_buffer("scale", features.std(dim=0).clamp(min=1e-6))

    def forward(self, hidden: Tensor, features: Tensor) -> Tensor:
        """Mean squared error of standardised features; scalar."""
        target = (features - self.mean) / self.scale
        return F.mse_loss(self.linear(hidden).float(), target)


class SerModule(L.LightningModule):
    """Trains any of the networks by a recipe.

    Args:
        recipe: the recipe.
        class_weights: [2, 4] of the cross-entropy, alone and in constructed pairs.
        dev_sets: names of the dev loaders, in their order.
    """

    class_weights: Tensor

    def __init__(self, recipe: Recipe, class_weights: Tensor, dev_sets: list[str]) -> None:
        super().__init__()
        self.recipe = recipe
        self.network: Network = build(recipe.model).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if recipe.optimiser.freeze:
            self.network.get_submodule("cnn.norm").requires_grad_(False)
            self.network.get_submodule("cnn.blocks").requires_grad_(False)
        self.register_buffer("class_weights", class_weights, persistent=False)
        self.dev_sets = dev_sets
        self.student: Student | None = None
        self._dev: list[list[tuple[np.ndarray, ...]]] = []
        self._dev_columns: list[tuple[np.ndarray, ...]] = []

    def learn_statistics(self, statistics: Tensor) -> None:
        """Add a distillation loss towards speech statistics; `statistics` [N, D] set its scale."""
        self.student = Student(self.network.cnn.dim, statistics)  # type: ignore[arg-type]

    def forward(self, batch: dict[str, Tensor]) -> Output:
        """Batch of named inputs -> Output."""
        output: Output = self.network(**{name: batch[name] for name in self.network.inputs})
        return output

    def on_train_epoch_start(self) -> None:
        """Frozen blocks hear what they hear in use: running statistics, nothing dropped."""
        if self.recipe.optimiser.freeze:
            self.network.get_submodule("cnn").eval()

    def on_train_batch_start(self, _: dict[str, Tensor], number: int) -> None:
        """Seed dropout by epoch and batch: a resumed run is the run that was not stopped."""
        place = [self.recipe.seed, self.current_epoch, number, self.global_rank]
        torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1)[0]))

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Cross-entropy + weighted CCC loss of one batch."""
        output = self(batch)
        settings = self.recipe.optimiser
        loss = torch.zeros((), device=self.device)
        if output.logits.shape[1]:
            category_loss = soft_cross_entropy(
                output.logits,
                batch["target"],
                self.class_weights[batch["constructed"].long()],
                settings.label_smoothing,
            )
            self.log("train/cross_entropy", category_loss, on_epoch=True, on_step=False)
            loss = loss + category_loss
        if output.dimensions.shape[1]:
            dimension_loss = ccc_loss(output.dimensions, batch["dimensions"])
            self.log("train/ccc_loss", dimension_loss, on_epoch=True, on_step=False)
            loss = loss + settings.dimensions_weight * dimension_loss
        if self.student is not None:
            distance = self.student(output.embedding, batch["speech_statistics"])
            self.log("train/distillation", distance, on_epoch=True, on_step=False)
            loss = loss + settings.distil * distance
        self.log("train/loss", loss, on_epoch=True, on_step=False, prog_bar=True)
        return loss

    def on_validation_epoch_start(self) -> None:
        """Forget the last epoch's predictions."""
        self._dev = [[] for _ in self.dev_sets]

    def validation_step(self, batch: dict[str, Tensor], _: int, dataloader_idx: int = 0) -> None:
        """Keep predictions: UAR and CCC are figures of a whole set."""
        output = self(batch)
        kept = (batch["target"], output.logits, batch["dimensions"], output.dimensions)
        columns = (batch["row"].cpu().numpy(), *(t.float().cpu().numpy() for t in kept))
        self._dev[dataloader_idx].append(columns)

    def on_validation_epoch_end(self) -> None:
        """Log the metrics of each dev set, and their mean as `dev/score`."""
        filled = {k: v for k, v in zip(self.dev_sets, gather(self._dev), strict=True) if v}
        self._dev_columns = [whole_set(rows) for rows in filled.values()]
        scores = []
        for name, (targets, logits, truth, dimensions) in zip(
            filled, self._dev_columns, strict=True
        ):
            metrics = dev_metrics(targets, logits, truth, dimensions)
            if metrics:
                scores.append(score(metrics))
            self.log_dict({f"dev/{name}/{k}": v for k, v in metrics.items()}, sync_dist=True)
        self.log("dev/score", float(np.mean(scores)), prog_bar=True, sync_dist=True)

    def dev_logits(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Logits [N, 4] and soft labels [N, 4] of each dev set of the last validation."""
        return [(logits, targets) for targets, logits, _, _ in self._dev_columns]

    def configure_optimizers(self) -> Any:
        """Optimiser with parameter groups (trunk or not, decayed or not) and schedule."""
        settings = self.recipe.optimiser
        groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
        learning = [(n, p) for n, p in self.named_parameters() if p.requires_grad]
        for name, parameter in learning:
            groups.setdefault((self._lr_factor(name), parameter.dim() > 1), []).append(parameter)
        parameters = [
            {
                "params": group,
                "lr": settings.lr * factor,
                "weight_decay": settings.weight_decay if decayed else 0.0,
            }
            for (factor, decayed), group in groups.items()
        ]
        optimiser: Optimizer
        if settings.name == "sgd":
            optimiser = torch.optim.SGD(parameters, lr=settings.lr, momentum=0.9, nesterov=True)
        else:
            optimiser = torch.optim.AdamW(parameters, lr=settings.lr)
        if settings.schedule == "constant":
            return optimiser
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = one_cycles(optimiser, steps, settings.cycles)
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _lr_factor(self, name: str) -> float:
        """Factor on the learning rate of a parameter, by its name."""
        settings, stages = self.recipe.optimiser, self.recipe.model.stages
        blocks = ("network.cnn.norm", "network.cnn.blocks")
        if settings.start and name.startswith("network.cnn." if settings.freeze else blocks):
            return settings.trunk_lr
        early = tuple(f"network.conditioning.projections.{stage}." for stage in stages[:-1])
        return settings.stage_lr if early and name.startswith(early) else 1.0
