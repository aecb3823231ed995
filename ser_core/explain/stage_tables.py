"""What the fusion stages do over a reference set, as two small tables beside it.

`stages.parquet`: one row a clip, model and stage; `channels.parquet`: the loudest clips of each
channel of each stage. Made by `ser stages` from clips whose sound is not in the repository; pages
read these numbers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ser_core.analysis import Analyzer
from ser_core.errors import SerError
from ser_core.explain.case import make_case
from ser_core.explain.loudest import activations
from ser_core.explain.progress import Progress, Steps
from ser_core.explain.stages import StageFunction, integrate_stages, leave_out_stages
from ser_core.inputs.audio import Clip
from ser_core.support.atomic import whole

STAGES, CHANNELS = "stages.parquet", "channels.parquet"
LOUDEST = 3
STEPS = 9  # of integrated gradients: a summary over many clips needs no more


@dataclass(frozen=True)
class Row:
    """A clip with its words.

    Attributes:
        id: in the reference set.
        sound: the same for rows with the same sound.
        load: reads it; raises AudioError where it cannot be used.
        words: not empty.
    """

    id: str
    sound: str
    load: Callable[[], Clip]
    words: str


@dataclass(frozen=True, eq=False)
class StageTables:
    """What the stages of each fusion model do over many clips.

    Attributes:
        stages: model, id, sound, output (the model's decision, its probability is explained),
            stage, share (integrated gradients), left_out.
        channels: model, stage, channel, rank (from 0), id, activation: of each channel the clips
            of different sound with the largest mean activation once conditioned.
        models: digest of each model, by name.
    """

    stages: pd.DataFrame
    channels: pd.DataFrame
    models: dict[str, str]

    def of(self, model: str, digest: str) -> "StageTables | None":
        """What is known of one model; None where it is another one by now."""
        if self.models.get(model) != digest:
            return None
        stages, channels = (
            table[table["model"] == model].reset_index(drop=True)
            for table in (self.stages, self.channels)
        )
        return StageTables(stages, channels, {model: digest})

    def loudest(self, stage: str, channel: int) -> list[tuple[str, float]]:
        """The clips in which a channel is most active: (id, mean activation), loudest first."""
        table = self.channels
        found = table[(table["stage"] == stage) & (table["channel"] == channel)]
        found = found.sort_values("rank")
        return list(zip(found["id"], found["activation"].astype(float), strict=True))


def make_stage_tables(
    analyzer: Analyzer, rows: Sequence[Row], progress: Progress | None = None
) -> StageTables:
    """Explain each row's decision by the stages of every fusion model.

    Raises:
        SerError: no fusion model, or a clip that cannot be read.
    """
    models = {name: one for name, one in analyzer.models.items() if one.model.stages}
    if not models:
        raise SerError("None of the models has fusion stages.")
    steps = Steps(progress, len(rows))
    stages: list[dict[str, object]] = []
    means: dict[tuple[str, str], list[np.ndarray]] = {}
    ids, sounds = [], []
    for row in rows:
        clip = row.load()
        ids.append(row.id)
        sounds.append(row.sound)
        for name in models:
            case = make_case(analyzer, clip, row.words, name)
            function = StageFunction(case)
            left_out = leave_out_stages(function)
            shares = left_out  # which one stage alone has exactly: it is the whole effect
            if len(function.names) > 1:
                shares, _ = integrate_stages(function, STEPS)
            about = {"model": name, "id": row.id, "sound": row.sound, "output": case.choice.name}
            stages += [
                {**about, "stage": stage, "share": shares[stage], "left_out": left_out[stage]}
                for stage in function.names
            ]
            for stage, values in activations(case).items():
                means.setdefault((name, stage), []).append(values.astype(np.float32))
        steps.advance(1)
    channels = [
        _loudest(np.stack(values), ids, sounds).assign(model=model, stage=stage)
        for (model, stage), values in means.items()
    ]
    columns = ["model", "stage", "channel", "rank", "id", "activation"]
    return StageTables(
        pd.DataFrame(stages),
        pd.concat(channels, ignore_index=True)[columns],
        {name: one.digest for name, one in models.items()},
    )


def _loudest(values: np.ndarray, ids: list[str], sounds: list[str]) -> pd.DataFrame:
    """Of mean activations [N, C] the loudest rows of each channel, of different sounds."""
    found = []
    for channel, column in enumerate(values.T):
        seen: set[str] = set()
        for row in np.argsort(-column, kind="stable"):
            if sounds[row] in seen:
                continue
            found.append((channel, len(seen), ids[row], float(column[row])))
            seen.add(sounds[row])
            if len(seen) == LOUDEST:
                break
    return pd.DataFrame(found, columns=["channel", "rank", "id", "activation"])


def save(tables: StageTables, folder: Path) -> None:
    """Write both tables. Raises SerError where they cannot be written."""
    about = {"ser": json.dumps({"models": tables.models, "steps": STEPS})}
    for name, frame in ((STAGES, tables.stages), (CHANNELS, tables.channels)):
        numbers = frame.select_dtypes("float64").columns
        small = frame.astype(dict.fromkeys(numbers, "float32"))
        table = pa.Table.from_pandas(small, preserve_index=False).replace_schema_metadata(about)
        with whole(folder / name) as partial:
            pq.write_table(table, partial, compression="zstd")


def load(folder: Path) -> StageTables | None:
    """Read both tables; None where there are none.

    Raises:
        SerError: they are damaged.
    """
    if not (folder / STAGES).is_file() or not (folder / CHANNELS).is_file():
        return None
    try:
        found = [pq.read_table(folder / name) for name in (STAGES, CHANNELS)]
        models: Mapping[str, str] = json.loads(found[0].schema.metadata[b"ser"])["models"]
        stages, channels = (table.to_pandas() for table in found)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise SerError(
            f"The tables of fusion stages in {folder} are damaged: make them anew with "
            "`ser stages`."
        ) from error
    return StageTables(stages, channels, dict(models))
