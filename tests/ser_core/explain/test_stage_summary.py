from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ser_core.explain.case import Case
from ser_core.explain.stage_summary import stage_table, summarise_stages

CaseOf = Callable[..., Case]


def test_a_table_of_cases(case_of: CaseOf) -> None:
    cases = [case_of("multistage", words=words) for words in ("I hate this!", "How lovely.")]
    labels = [{"congruent": "yes"}, {"congruent": "no"}]
    told: list[float] = []
    table = stage_table(cases, labels, steps=5, progress=told.append)
    assert told == [0.5, 1.0]
    assert list(table["stage"]) == ["block2", "block4", "block6"] * 2
    assert list(table["congruent"]) == ["yes"] * 3 + ["no"] * 3
    assert np.isfinite(table[["share", "left_out"]].to_numpy()).all()
    summary = summarise_stages(table, by=["congruent"], draws=50)
    assert list(summary["group"]) == ["all"] * 3 + ["no"] * 3 + ["yes"] * 3
    parts = summary.groupby(["by", "group"])["part"].sum()
    assert parts.to_numpy() == pytest.approx(1)


def test_sizes_and_intervals_of_known_numbers() -> None:
    rows = [
        {"model": "m", "clip": str(clip), "stage": stage, "share": share}
        for clip in range(40)
        for stage, share in (("block1", 0.1 * (-1) ** clip), ("block2", 0.3 + 0.01 * clip))
    ]
    summary = summarise_stages(pd.DataFrame(rows)).set_index("stage")
    first, second = summary.loc["block1"], summary.loc["block2"]
    # Raising or lowering alike.
    assert [first["size"], first["size_low"]] == pytest.approx([0.1, 0.1])
    assert second["size"] == pytest.approx(0.3 + 0.01 * 19.5)
    assert second["size_low"] < second["size"] < second["size_high"]
    assert first["part"] == pytest.approx(0.1 / (0.1 + 0.495))
    assert summary["clips"].tolist() == [40, 40]
