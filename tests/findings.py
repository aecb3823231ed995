"""Findings made by hand, for tests of what shows them."""

import numpy as np
import pandas as pd

from ser_core.behaviour.finding import Finding

MODELS = ("text", "audio", "multistage")


def make_findings() -> list[Finding]:
    """Two of `follow`, three tests of the battery, of models as `tiny.write_checkpoints` has."""
    return [
        _follow("conflicts", "Whom does each model follow in conflicts?"),
        _follow("agreement", "And where words and voice agree?"),
        _test("correct", "Are the categories right?", (True, False, None), 12),
        _test("noise", "Does noise change the answers?", (True, True, True), 2),
        _test("sex", "Are both sexes recognised alike?", (None, None, None), 2),
    ]


def _follow(key: str, question: str) -> Finding:
    cases = ("happy words", "sad words")
    rows = [(m, case, 0.5, 0.4, 0.6, 30) for case in cases for m in MODELS]
    table = pd.DataFrame(rows, columns=["model", "case", "value", "low", "high", "n"])
    return Finding(
        key,
        "follow",
        question,
        "multistage leans to the words.",
        "Why.",
        "share",
        table,
        ("Note.",),
    )


def _test(key: str, question: str, passed: tuple[bool | None, ...], cases: int) -> Finding:
    rows = [
        (model, f"figure {k}", 0.4 + 0.02 * k, 0.35, 0.6, 25, "≥ 0.5", 0.25, verdict, 0.5, np.inf)
        for k in range(cases)
        for model, verdict in zip(MODELS, passed, strict=True)
    ]
    columns = ["model", "case", "value", "low", "high", "n", "limit", "random", "passed"]
    columns += ["lower", "upper"]
    table = pd.DataFrame(rows, columns=columns).astype({"passed": object})
    return Finding(key, "battery", question, "Some pass.", "Much.", "share of clips", table)
