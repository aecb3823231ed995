from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tones

from ser_core.corpora.table import make_table
from ser_core.experiments import inputs_of_rows
from ser_core.experiments.inputs_of_rows import Materials
from ser_core.inputs.features import FrontEnd
from ser_core.training.feature_cache import find_log_mels


@pytest.fixture
def table(tmp_path: Path, own_cache: Path) -> pd.DataFrame:
    paths = [tmp_path / f"{k}.wav" for k in range(3)]
    for k, path in enumerate(paths):
        tones.sound(path, "sad", k)
    return make_table([{"id": path.stem, "path": str(path)} for path in paths])


def test_what_is_computed_already_is_not_read_again(
    table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    default, coarse = FrontEnd(), FrontEnd(hop=320)
    given, _ = find_log_mels(list(table["path"]), default)
    asked: list[FrontEnd] = []

    def counting(paths: list[str], front_end: FrontEnd) -> object:
        asked.append(front_end)
        return find_log_mels(paths, front_end)

    monkeypatch.setattr(inputs_of_rows, "find_log_mels", counting)
    found = Materials(table, {default: given})
    assert found.log_mels(default) is given
    assert asked == []
    for _ in range(2):
        np.testing.assert_allclose(found.log_mels(coarse).lengths, given.lengths / 2, atol=1)
    assert asked == [coarse]
    assert len(Materials(table).log_mels(default)) == 3
