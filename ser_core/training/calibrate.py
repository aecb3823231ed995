"""Temperature scaling (Guo et al., 2017): one number, fitted on dev."""

import numpy as np

CANDIDATES = np.exp(np.linspace(np.log(0.25), np.log(4.0), 161))


def negative_log_likelihood(logits: np.ndarray, targets: np.ndarray, temperature: float) -> float:
    """Mean cross-entropy of soft labels [N, K] and logits [N, K] divided by the temperature."""
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    log_probabilities = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return float(-(targets * log_probabilities).sum(axis=1).mean())


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature between 1/4 and 4 of the smallest cross-entropy; 1 without labels.

    Args:
        logits: [N, K] or [N, 0].
        targets: soft labels [N, K]; rows of zeros have no label and are left out.
    """
    labelled = targets.sum(axis=1) > 0
    if not logits.shape[1] or not labelled.any():
        return 1.0
    losses = [negative_log_likelihood(logits[labelled], targets[labelled], t) for t in CANDIDATES]
    return float(CANDIDATES[int(np.argmin(losses))])
