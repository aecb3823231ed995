import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

import ser_core
from ser_core.inputs.speech import Recogniser
from ser_core.support.forward_queue import in_order, waiting
from ser_core.support.jobs import Report, State
from ser_core.support.session_jobs import Jobs


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


def test_how_many_wait_is_known() -> None:
    hold = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        for number in range(3):
            assert waiting() == number
            pool.submit(in_order, lambda: hold.wait(10))
            until(lambda number=number: waiting() == number + 1)
        hold.set()
    assert waiting() == 0


def test_an_error_is_not_counted_for_ever() -> None:
    with pytest.raises(ZeroDivisionError):
        in_order(lambda: in_order(lambda: 1 / 0))
    assert waiting() == 0


def test_between_the_batches_of_a_long_job_everybody_is_served() -> None:
    # A real network over 100 batches; the foreground asks in the middle of the tenth.
    network = torch.nn.Linear(64, 64)
    served: list[str] = []
    tenth, asked = threading.Event(), threading.Event()

    def batch(number: int) -> float:
        if number == 10:
            tenth.set()
            assert asked.wait(10)
        served.append(f"batch {number}")
        with torch.inference_mode():
            return float(network(torch.full((8, 64), float(number))).sum())

    def work(report: Report) -> Generator[float, None, None]:
        for number in range(100):
            report(number / 100)
            yield in_order(lambda number=number: batch(number))

    job = Jobs().start("long", (), work)
    assert tenth.wait(10)
    with ThreadPoolExecutor(1) as pool:
        foreground = pool.submit(in_order, lambda: served.append("foreground"))
        until(lambda: waiting() == 2)
        asked.set()
        foreground.result(10)
    assert job.wait(30)
    assert job.status().state is State.DONE
    assert len(job.results) == 100
    assert served.index("foreground") == served.index("batch 10") + 1


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not there():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_loading_the_recogniser_leaves_the_threads_of_torch_alone() -> None:
    # ctranslate2 sets the number of threads of whoever loads it: other sums, other last bits.
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        Recogniser().load()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
