"""What the stages do over a reference set: made of tiny models, kept, and read again."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.case import make_case
from ser_core.explain.loudest import activations
from ser_core.explain.stage_tables import (
    CHANNELS,
    LOUDEST,
    Row,
    StageTables,
    load,
    make_stage_tables,
    save,
)
from ser_core.inputs.audio import load as load_clip
from ser_core.synthesis.examples import Example


@pytest.fixture(scope="module")
def rows(examples: dict[str, Example]) -> list[Row]:
    """Five rows of four sounds."""
    chosen = [example for example in examples.values() if example.transcript][:4]
    own = [Row(e.id, e.id, partial(load_clip, e.path), e.transcript) for e in chosen]
    return [*own, Row("other words", own[0].sound, own[0].load, "How lovely!")]


@pytest.fixture(scope="module")
def tables(tiny: Analyzer, rows: list[Row]) -> StageTables:
    return make_stage_tables(tiny, rows)


def test_a_row_a_clip_model_and_stage(tables: StageTables, rows: list[Row]) -> None:
    stages = tables.stages
    assert len(stages) == len(rows) * (1 + 3)
    alone = stages[stages["model"] == "single_stage"]
    assert alone["share"].to_numpy() == pytest.approx(alone["left_out"].to_numpy())
    assert np.isfinite(stages[["share", "left_out"]].to_numpy()).all()


def test_the_loudest_are_of_different_sounds(
    tiny: Analyzer, tables: StageTables, rows: list[Row]
) -> None:
    of_model = tables.of("multistage", tiny.models["multistage"].digest)
    assert of_model is not None
    found = of_model.loudest("block4", 5)
    assert len(found) == LOUDEST
    means = {
        row.id: activations(make_case(tiny, row.load(), row.words, "multistage"))["block4"][5]
        for row in rows
    }
    by_sound: dict[str, float] = {}
    for row in rows:
        by_sound[row.sound] = max(by_sound.get(row.sound, -np.inf), means[row.id])
    assert [value for _, value in found] == pytest.approx(
        sorted(by_sound.values(), reverse=True)[:LOUDEST], rel=1e-5
    )
    assert all(means[name] == pytest.approx(value, rel=1e-5) for name, value in found)


def test_they_come_back_for_the_same_model_only(
    tiny: Analyzer, tables: StageTables, tmp_path: Path
) -> None:
    assert load(tmp_path) is None
    save(tables, tmp_path)
    again = load(tmp_path)
    assert again is not None
    assert again.models == tables.models
    assert again.stages["share"].to_numpy() == pytest.approx(tables.stages["share"].to_numpy())
    assert again.of("multistage", "another digest") is None
    (tmp_path / CHANNELS).write_bytes(b"no table")
    with pytest.raises(SerError, match="damaged: make them anew with `ser stages`"):
        load(tmp_path)
