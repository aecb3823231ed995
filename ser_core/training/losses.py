"""Losses, each masked where an example has no such label."""

import torch
from torch import Tensor


def soft_cross_entropy(
    logits: Tensor, target: Tensor, class_weights: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Class-weighted cross-entropy with soft labels.

    sum_i sum_c w_c p_ic (-log q_ic) / sum_i sum_c w_c p_ic; for hard labels it is
    `torch.nn.functional.cross_entropy(weight=w)`.

    Args:
        logits: [B, K].
        target: probabilities [B, K]; rows of zeros have no label and are left out.
        class_weights: [K], or [B, K] where they differ by example.
        smoothing: share of each target that is spread evenly over the classes.

    Returns:
        Scalar; 0 where no row has a label.
    """
    labelled = target.sum(dim=1, keepdim=True)
    if smoothing:
        target = (1 - smoothing) * target + smoothing * labelled / target.shape[1]
    weighted = class_weights * target
    loss = -(weighted * logits.float().log_softmax(dim=1)).sum()
    return loss / weighted.sum().clamp(min=1e-8)


def ccc_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """1 - CCC, averaged over the dimensions that have at least two labels in the batch.

    CCC = 2 cov / (var_x + var_y + (mean_x - mean_y)^2), Lin (1989), with biased moments.

    Args:
        prediction: [B, K]. target: [B, K], NaN where there is no label.

    Returns:
        Scalar; 0 where no dimension has two labels.
    """
    prediction = prediction.float()
    known = torch.isfinite(target)
    count = known.sum(dim=0).clamp(min=1)
    x = torch.where(known, prediction, 0.0)
    y = torch.where(known, target.float(), 0.0)
    mean_x, mean_y = x.sum(0) / count, y.sum(0) / count
    dx = torch.where(known, prediction - mean_x, 0.0)
    dy = torch.where(known, target.float().nan_to_num() - mean_y, 0.0)
    covariance = (dx * dy).sum(0) / count
    spread = (dx**2).sum(0) / count + (dy**2).sum(0) / count + (mean_x - mean_y) ** 2
    loss = 1 - 2 * covariance / spread.clamp(min=1e-8)
    usable = known.sum(dim=0) >= 2
    return (loss * usable).sum() / usable.sum().clamp(min=1)
