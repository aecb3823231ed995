import numpy as np
import pytest
import torch
from torch.nn import functional as F

from ser_core.metrics import concordance
from ser_core.training.losses import ccc_loss, soft_cross_entropy

WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 0.7])


def scores(rows: int = 20, columns: int = 3, seed: int = 0) -> torch.Tensor:
    return torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed))


# Concordance


def concordance_by_regression(x: np.ndarray, y: np.ndarray) -> float:
    """CCC from Pearson's r, means and standard deviations (Lin, 1989, equation 1)."""
    r = np.corrcoef(x, y)[0, 1]
    bias = (x.mean() - y.mean()) / np.sqrt(x.std() * y.std())
    scale = x.std() / y.std()
    return 2 * r / (scale + 1 / scale + bias**2)


def test_ccc_loss_against_the_metric_and_a_second_derivation() -> None:
    prediction, target = scores(seed=1), 0.5 * scores(seed=1) + 0.5 * scores(seed=2)
    x, y = prediction.double().numpy(), target.double().numpy()
    loss = ccc_loss(prediction, target).item()
    assert loss == pytest.approx(1 - np.mean([concordance(x[:, k], y[:, k]) for k in range(3)]))
    assert loss == pytest.approx(
        1 - np.mean([concordance_by_regression(x[:, k], y[:, k]) for k in range(3)])
    )


def test_ccc_loss_of_agreement_and_its_opposite() -> None:
    x = scores()
    assert ccc_loss(x, x).item() == pytest.approx(0.0, abs=1e-5)
    assert ccc_loss(1 - x, x).item() > 1.0
    assert ccc_loss(x + 0.3, x).item() > 0.1  # unlike a correlation


def test_ccc_loss_leaves_unrated_rows_out() -> None:
    prediction, target = scores(seed=1), scores(seed=2)
    target[3:9, 0] = float("nan")
    target[0:15, 2] = float("nan")
    expected = [
        1 - concordance(prediction[rated, k].double().numpy(), target[rated, k].double().numpy())
        for k in range(3)
        for rated in [torch.isfinite(target[:, k])]
    ]
    assert ccc_loss(prediction, target).item() == pytest.approx(np.mean(expected), abs=1e-5)


@pytest.mark.parametrize("rated", [0, 1])
def test_a_dimension_with_less_than_two_ratings_does_not_count(rated: int) -> None:
    prediction, target = scores(seed=1), scores(seed=2)
    expected = ccc_loss(prediction[:, :2], target[:, :2])
    target[rated:, 2] = float("nan")
    torch.testing.assert_close(ccc_loss(prediction, target), expected)


@pytest.mark.parametrize("rated", [0, 1, 2, 20])
def test_gradient_of_the_ccc_loss_is_finite_and_only_where_rated(rated: int) -> None:
    prediction, target = scores(seed=1).requires_grad_(), scores(seed=2)
    target[rated:] = float("nan")
    loss = ccc_loss(prediction, target)
    loss.backward()
    assert torch.isfinite(prediction.grad).all()
    assert (prediction.grad[rated:] == 0).all()
    if rated < 2:
        assert loss.item() == 0.0
    else:
        assert (prediction.grad[:rated] != 0).any()


def test_gradient_is_finite_for_constants() -> None:
    prediction = torch.full((4, 3), 0.5, requires_grad=True)
    ccc_loss(prediction, torch.full((4, 3), 0.5)).backward()
    assert torch.isfinite(prediction.grad).all()


def test_the_ccc_loss_can_be_minimised() -> None:
    target = scores(seed=2)
    prediction = scores(seed=1).requires_grad_()
    optimiser = torch.optim.Adam([prediction], lr=0.1)
    for _ in range(100):
        optimiser.zero_grad()
        loss = ccc_loss(prediction, target)
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.01


# Cross-entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_hard_labels_give_the_usual_cross_entropy(smoothing: float) -> None:
    logits, labels = 5 * scores(columns=4), torch.arange(20) % 4
    target = F.one_hot(labels, 4).float()
    found = soft_cross_entropy(logits, target, torch.ones(4), smoothing)
    expected = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    torch.testing.assert_close(found, expected)


def test_hard_labels_with_class_weights() -> None:
    logits, labels = 5 * scores(columns=4), torch.arange(20) % 4
    found = soft_cross_entropy(logits, F.one_hot(labels, 4).float(), WEIGHTS)
    torch.testing.assert_close(found, F.cross_entropy(logits, labels, weight=WEIGHTS))


def test_class_weights_may_differ_by_example() -> None:
    logits, target = 5 * scores(columns=4), F.one_hot(torch.arange(20) % 4, 4).float()
    weights = torch.ones(20, 4)
    weights[10:] = 0.0  # as if they were not there
    expected = soft_cross_entropy(logits[:10], target[:10], torch.ones(4))
    torch.testing.assert_close(soft_cross_entropy(logits, target, weights), expected)


def test_soft_labels() -> None:
    logits, target = 5 * scores(columns=4), 3 * scores(columns=4, seed=1)
    target = target.softmax(dim=1)
    loss, total = 0.0, 0.0
    for p, q in zip(target.tolist(), logits.softmax(dim=1).tolist(), strict=True):
        for w, p_c, q_c in zip(WEIGHTS.tolist(), p, q, strict=True):
            loss -= w * p_c * np.log(q_c)
            total += w * p_c
    assert soft_cross_entropy(logits, target, WEIGHTS).item() == pytest.approx(loss / total)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_unlabelled_rows_are_left_out(smoothing: float) -> None:
    logits = (5 * scores(columns=4)).requires_grad_()
    target = F.one_hot(torch.arange(20) % 4, 4).float()
    target[5:12] = 0.0
    labelled = target.sum(dim=1) > 0
    loss = soft_cross_entropy(logits, target, WEIGHTS, smoothing)
    expected = soft_cross_entropy(logits[labelled], target[labelled], WEIGHTS, smoothing)
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert (logits.grad[~labelled] == 0).all()
    assert (logits.grad[labelled] != 0).any(dim=1).all()


def test_no_label_at_all() -> None:
    logits = scores(columns=4).requires_grad_()
    loss = soft_cross_entropy(logits, torch.zeros(20, 4), WEIGHTS, 0.1)
    loss.backward()
    assert loss.item() == 0.0
    assert (logits.grad == 0).all()
