import numpy as np

from ser_core.training.across_processes import gather, is_first_process, whole_set


def batch(*rows: int) -> tuple[np.ndarray, ...]:
    """Row numbers, and a column that holds ten times as much."""
    number = np.array(rows)
    return number, 10.0 * number[:, None]


def test_rows_come_back_once_and_in_order() -> None:
    # Two processes with three batches of five: the sampler repeated the first.
    (column,) = whole_set([batch(3), batch(0, 4), batch(2), batch(1), batch(0, 4)])
    assert column[:, 0].tolist() == [0.0, 10.0, 20.0, 30.0, 40.0]


def test_one_process_gathers_what_it_has() -> None:
    sets = [[batch(0), batch(1)], []]
    assert gather(sets) is sets
    assert is_first_process()
