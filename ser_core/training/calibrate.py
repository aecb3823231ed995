"""Temperature scaling (Guo et al., 2017): one number, fitted on dev."""

from collections.abc import Sequence

import numpy as np

CANDIDATES = np.exp(np.linspace(np.log(0.25), np.log(4.0), 161))


def negative_log_likelihood(logits: np.ndarray, targets: np.ndarray, temperature: float) -> float:
    """Mean cross-entropy of soft labels [N, K] and logits [N, K] divided by the temperature."""
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    log_probabilities = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return float(-(targets * log_probabilities).sum(axis=1).mean())


def fit_temperature(sets: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """The temperature between 1/4 and 4 of the smallest cross-entropy; 1 without labels.

    Args:
        sets: each counts alike, however large; logits [N, K] or [N, 0], and soft labels [N, K],
            where rows of zeros have no label and are left out.
    """
    known = [(logits[t.any(axis=1)], t[t.any(axis=1)]) for logits, t in sets if logits.shape[1]]
    known = [(logits, targets) for logits, targets in known if len(targets)]
    if not known:
        return 1.0
    losses = [sum(negative_log_likelihood(*labelled, t) for labelled in known) for t in CANDIDATES]
    return float(CANDIDATES[int(np.argmin(losses))])
