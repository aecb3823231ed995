"""Findings as one Parquet file: a row for each case and model, the sentences beside them."""

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ser_core.behaviour.finding import Finding
from ser_core.errors import SerError
from ser_core.support.atomic import whole

FORMAT = 1
_KEY = "key"  # of its finding, the first column
_ABOUT = b"ser.findings"
_TEXTS = ("key", "part", "question", "shows", "not_shown", "measure")


def write(findings: Iterable[Finding], path: Path, models: Mapping[str, str] | None = None) -> None:
    """Write findings, whose extra columns stand beside each other.

    Args:
        models: digest of each model that they are of, by name; see `made_by`.

    Raises:
        ValueError: a key that occurs twice, or a column that holds text in one finding and
            numbers in another.
        SerError: it cannot be written.
    """
    kept = list(findings)
    keys = [finding.key for finding in kept]
    if len(set(keys)) < len(keys):
        raise ValueError(f"Findings need keys of their own: {sorted(keys)}.")
    tables = [_rows(finding) for finding in kept] or [pa.table({_KEY: pa.array([], pa.string())})]
    try:
        rows = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise ValueError(f"A column holds text in one finding only: {error}") from error
    about = {
        "format": FORMAT,
        "models": dict(models or {}),
        "findings": [_described(finding) for finding in kept],
    }
    rows = rows.replace_schema_metadata({_ABOUT: json.dumps(about, ensure_ascii=False).encode()})
    with whole(path) as partial:
        pq.write_table(rows, partial, compression="zstd", compression_level=19)


def read(path: Path) -> tuple[Finding, ...]:
    """The findings of a file of `write`, in their order.

    Raises:
        SerError: no such file, it is damaged, or it is none of these.
    """
    rows, about = _load(path)
    try:
        return tuple(_finding(rows, one) for one in about["findings"])
    except (KeyError, TypeError, ValueError) as error:
        raise SerError(f"{path} is damaged: make it anew with `ser behave`.") from error


def made_by(path: Path) -> dict[str, str]:
    """Digest of each model that the findings of a file are of, by name. Raises as `read`."""
    return dict(_load(path)[1]["models"])


def _rows(finding: Finding) -> pa.Table:
    table = pa.Table.from_pandas(finding.table, preserve_index=False).replace_schema_metadata()
    return table.add_column(0, _KEY, pa.array([finding.key] * table.num_rows, pa.string()))


def _described(finding: Finding) -> dict[str, Any]:
    return {
        **{name: getattr(finding, name) for name in _TEXTS},
        "notes": list(finding.notes),
        "columns": {str(name): str(kind) for name, kind in finding.table.dtypes.items()},
    }


def _load(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    try:
        rows = pq.read_table(io.BytesIO(path.read_bytes()))
    except (OSError, ValueError) as error:  # pyarrow's are of these, too
        reason = getattr(error, "strerror", None) or "it is no Parquet file"
        raise SerError(
            f"{path} cannot be read ({reason}): name a file of `ser behave --parquet`."
        ) from error
    about = json.loads((rows.schema.metadata or {}).get(_ABOUT, b"{}"))
    if about.get("format") != FORMAT:
        raise SerError(f"{path} holds no findings: name a file of `ser behave --parquet`.")
    return rows, about


def _finding(rows: pa.Table, about: dict[str, Any]) -> Finding:
    columns: dict[str, str] = about["columns"]
    table: pd.DataFrame = rows.filter(pc.equal(rows[_KEY], about["key"])).to_pandas()
    table = table[list(columns)].astype(columns)
    texts = {name: about[name] for name in _TEXTS}
    return Finding(**texts, table=table, notes=tuple(about["notes"]))
