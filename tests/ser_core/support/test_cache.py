import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ser_core.support.cache import Cache


def test_a_value_is_computed_once() -> None:
    cache, calls = Cache(4), []
    for _ in range(3):
        assert cache.get("a", lambda: calls.append(1) or "value") == "value"
    assert len(calls) == 1


def test_none_is_a_value() -> None:
    cache, calls = Cache(4), []
    for _ in range(2):
        assert cache.get("a", lambda: calls.append(1)) is None
    assert len(calls) == 1


def test_the_least_recently_used_goes_first() -> None:
    cache, computed = Cache(3), []

    def get(key: str) -> None:
        cache.get(key, lambda: computed.append(key) or key)

    for key in "abcadbac":  # d puts b out, which then puts c out, ...
        get(key)
    assert "".join(computed) == "abcdbc"
    for number in range(1000):
        get(str(number))
    assert len(cache._values) == 3
    assert not cache._locks


def test_threads_that_ask_at_once_share_one_computation() -> None:
    cache, calls, start = Cache(4), [], threading.Barrier(8)

    def compute() -> object:
        calls.append(1)
        time.sleep(0.05)
        return object()

    def ask(_: int) -> object:
        start.wait()
        return cache.get("key", compute)

    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(ask, range(8)))
    assert len(calls) == 1
    assert all(value is values[0] for value in values)


def test_other_keys_do_not_wait() -> None:
    cache, release = Cache(4), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(cache.get, "slow", lambda: release.wait(10))
        assert cache.get("fast", lambda: "value") == "value"
        assert not slow.done()
        release.set()
        assert slow.result()


def test_an_error_is_raised_and_not_kept() -> None:
    cache = Cache(4)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 / 0)
    assert cache.get("a", lambda: "value") == "value"
    assert not cache._locks


def test_a_computation_may_ask_for_other_keys() -> None:
    cache = Cache(4)
    assert cache.get("a", lambda: cache.get("b", lambda: "value")) == "value"


def test_many_threads_and_keys() -> None:
    cache, lock, calls = Cache(16), threading.Lock(), []

    def compute(key: int) -> int:
        with lock:
            calls.append(key)
        return key * key

    def ask(number: int) -> bool:
        key = number % 16
        return cache.get(key, lambda: compute(key)) == key * key

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(4000)))
    assert sorted(calls) == list(range(16))
