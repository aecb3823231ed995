import time

import numpy as np
import pytest

from pages._recordings import Recordings
from ser_core.inputs.audio import Clip, from_samples


def clip(seed: int, seconds: float = 1.0) -> Clip:
    rng = np.random.default_rng(seed)
    return from_samples(rng.uniform(-0.5, 0.5, round(16_000 * seconds)), 16_000)


def test_a_token_finds_its_clip_and_no_other() -> None:
    kept = Recordings()
    tokens = [kept.keep(clip(seed), f"number {seed}") for seed in range(3)]
    assert len(set(tokens)) == 3
    assert all(len(token) >= 22 for token in tokens)  # 128 bits in base 64
    found = kept.get(tokens[1])
    assert found is not None
    assert found[0].digest == clip(1).digest
    assert found[1] == ("number 1", "", False)
    assert kept.get("guessed") is None


def test_forgotten_at_once() -> None:
    kept = Recordings()
    token = kept.keep(clip(0), "mine")
    kept.forget(token)
    assert kept.get(token) is None
    kept.forget(token)  # twice is no error


def test_gone_after_a_while_unless_used(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    kept = Recordings(seconds=60)
    used, unused = kept.keep(clip(0), "used"), kept.keep(clip(1), "unused")
    now += 50
    assert kept.get(used) is not None
    now += 20
    assert kept.get(unused) is None
    assert kept.get(used) is not None
    now += 61
    assert kept.get(used) is None


def test_memory_is_bounded_by_the_least_recently_used() -> None:
    kept = Recordings(max_bytes=3 * clip(0).samples.nbytes)
    tokens = [kept.keep(clip(seed), "") for seed in range(3)]
    assert kept.get(tokens[0]) is not None  # used last now
    tokens.append(kept.keep(clip(3), ""))
    assert [kept.get(token) is not None for token in tokens] == [True, False, True, True]
    large = kept.keep(clip(9, seconds=10.0), "larger than all is allowed, as somebody looks at it")
    assert kept.get(large) is not None
    assert kept.get(tokens[3]) is None
