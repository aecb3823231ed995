import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

import ser_core
from ser_core.inputs.speech import Recogniser
from ser_core.support.forward_queue import in_order


def test_callers_are_served_in_their_order() -> None:
    served: list[int] = []
    hold = threading.Event()
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(in_order, lambda: hold.wait(10))
        for number in range(8):
            pool.submit(in_order, lambda number=number: served.append(number))
            time.sleep(0.02)  # so that they arrive in this order
        assert served == []
        hold.set()
        assert first.result()
    assert served == list(range(8))


def test_one_at_a_time() -> None:
    running, most = [], []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.002)
        running.pop()

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda _: in_order(work), range(40)):
            pass
    assert max(most) == 1
    assert len(most) == 40


def test_work_may_queue_more_work() -> None:
    # In a process of its own: where it waits for itself, it waits for ever.
    code = (
        "from ser_core.support.forward_queue import in_order\n"
        "print(in_order(lambda: in_order(lambda: 'in')))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(ser_core.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.stdout.strip() == "in", result.stderr


def test_an_error_reaches_its_caller_and_nobody_else() -> None:
    with pytest.raises(ZeroDivisionError):
        in_order(lambda: 1 / 0)
    assert in_order(lambda: "fine") == "fine"


def test_loading_the_recogniser_leaves_the_threads_of_torch_alone() -> None:
    # ctranslate2 sets the number of threads of whoever loads it: other sums, other last bits.
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        Recogniser().load()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
