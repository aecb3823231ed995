"""Predictions as a table: a Parquet or CSV file with one row an example.

    id,set,speaker,category,valence,audio.neutral,audio.happy,audio.sad,audio.angry,audio.valence

A model's columns are its name, a dot, and a category (a probability) or a dimension (in [0, 1]).
Labels are in `category` and in the columns named as the dimensions; every other column is kept.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ser_core.corpora.layout import SYNONYMS
from ser_core.corpora.terms import category_of
from ser_core.errors import CorpusError
from ser_core.evaluation.predict import Scores
from ser_core.evaluation.predictions import COLUMNS, OUTPUTS, Predictions, make_rows
from ser_core.evaluation.report import RATERS
from ser_core.labels import CATEGORIES, DIMENSIONS
from ser_core.support.atomic import whole

MOST_ROWS = 200_000
TOLERANCE = 0.02  # of probabilities that were rounded to two digits
DIGITS = 2**20  # outputs are whole multiples of 1 / DIGITS, which packs them well
_REFERENCES = b"ser.references"
_FORM = "a model's columns are named NAME.neutral, NAME.happy, NAME.sad, NAME.angry or NAME.valence"


def to_table(predictions: Predictions) -> pd.DataFrame:
    """One row an example; outputs to 1 / 2²⁰ in float32, columns without any number left out."""
    outputs = {}
    for model, of in predictions.scores.items():
        for names, values in ((CATEGORIES, of.probabilities), (DIMENSIONS, of.dimensions)):
            for k in range(values.shape[1]):
                if np.isfinite(values[:, k]).any():
                    rounded = np.round(values[:, k] * DIGITS) / DIGITS
                    outputs[f"{model}.{names[k]}"] = rounded.astype(np.float32)
    return pd.concat([predictions.rows, pd.DataFrame(outputs)], axis=1)


def write(predictions: Predictions, target: Path) -> None:
    """As Parquet, or as CSV where that is the file's suffix.

    Raises:
        SerError: it cannot be written.
    """
    table = to_table(predictions)
    with whole(target) as partial:
        if target.suffix.lower() == ".csv":
            table.to_csv(partial, index=False)
            return
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        references = json.dumps(sorted(predictions.references)).encode()
        arrow = arrow.replace_schema_metadata({_REFERENCES: references})
        numbers = [column for column in table if _output(str(column))]
        pq.write_table(
            arrow,
            partial,
            compression="zstd",
            compression_level=19,
            use_dictionary=[column for column in predictions.rows if column not in DIMENSIONS],
            use_byte_stream_split=numbers,
        )


def read(source: Path | bytes, name: str = "") -> Predictions:
    """Read a file of `write`, or a user's own.

    Args:
        source: the file, or its bytes.
        name: of the file where its bytes are given; a suffix other than .parquet means CSV.

    Raises:
        CorpusError: no such file, no table, no predictions, or values that are none.
    """
    name = name or (source.name if isinstance(source, Path) else "the table")
    table, references = _load(source, name)
    if len(table) > MOST_ROWS:
        raise CorpusError(f"{name} has {len(table):,} rows: give at most {MOST_ROWS:,} at a time.")
    if not len(table):
        raise CorpusError(f"{name} has no rows: give one row for each example.")
    scores = _scores(table, name)
    rows, notes = _rows(table, name)
    return Predictions(rows, scores, frozenset(references) & set(scores), tuple(notes))


def _load(source: Path | bytes, name: str) -> tuple[pd.DataFrame, list[str]]:
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise CorpusError(f"{name} cannot be read ({error.strerror}): check the path.") from error
    try:
        if Path(name).suffix.lower() == ".parquet":
            arrow = pq.read_table(io.BytesIO(data))
            references = (arrow.schema.metadata or {}).get(_REFERENCES, b"[]")
            return arrow.to_pandas(), json.loads(references)
        separator = "\t" if Path(name).suffix.lower() == ".tsv" else ","
        text = io.BytesIO(data)
        return pd.read_csv(text, sep=separator, dtype=str, keep_default_na=False), []
    except (ValueError, OSError, pd.errors.ParserError) as error:  # pyarrow's are of these, too
        reason = str(error).partition("\n")[0]
        raise CorpusError(f"{name} is no table that can be read: {reason}.") from error


def _scores(table: pd.DataFrame, name: str) -> dict[str, Scores]:
    named = [column for column in map(str, table.columns) if _output(column)]
    models = dict.fromkeys(column.rpartition(".")[0] for column in named)
    if not models:
        shown = ", ".join(map(str, table.columns[:12]))
        raise CorpusError(f"{name} holds no predictions: {_FORM}; it has the columns {shown}.")
    scores = {}
    for model in models:
        probabilities = _head(table, model, CATEGORIES, name)
        sums = probabilities.sum(axis=1)
        summing = np.isclose(sums[np.isfinite(sums)], 1.0, atol=TOLERANCE).all()
        if probabilities.shape[1] and not summing and model != RATERS:
            raise CorpusError(
                f"The probabilities of {model} in {name} do not add up to 1: give probabilities of "
                f"{', '.join(CATEGORIES)}, and neither logits nor percent."
            )
        scores[model] = Scores(probabilities, _head(table, model, DIMENSIONS, name))
    return scores


def _output(column: str) -> bool:
    """Whether a column holds an output of a model."""
    model, _, output = column.rpartition(".")
    return bool(model) and output in OUTPUTS


def _head(table: pd.DataFrame, model: str, outputs: tuple[str, ...], name: str) -> np.ndarray:
    """One head's outputs [N, K], or [N, 0] where there is no column of it."""
    missing = [output for output in outputs if f"{model}.{output}" not in table]
    if len(missing) == len(outputs):
        return np.zeros((len(table), 0))
    if missing:
        columns = ", ".join(f"{model}.{output}" for output in missing)
        raise CorpusError(f"{name} lacks {columns}: a model needs all columns of a head.")
    named = [f"{model}.{output}" for output in outputs]
    return np.stack([_unit(table[column], column, name) for column in named], axis=1)


def _unit(values: pd.Series, column: str, name: str) -> np.ndarray:
    """Numbers in [0, 1], NaN for empty cells."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    empty = values.isna() | (values.astype(str).str.strip().isin(["", "nan"]))
    wrong = ~empty.to_numpy() & ~((numbers >= 0) & (numbers <= 1))
    if wrong.any():
        value = values.to_numpy()[wrong][0]
        raise CorpusError(
            f"{column} in {name} has the value {value}: write numbers from 0 to 1 (rescale a scale "
            "such as 1 to 5), and leave what is unknown empty."
        )
    return numbers


def _rows(table: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Labels and further columns under our names, and what to say of them."""
    outputs = [column for column in table.columns if _output(str(column))]
    rows = table.drop(columns=outputs).rename(columns=_renamed(table.columns))
    for dimension in DIMENSIONS:
        if dimension in rows:
            rows[dimension] = _unit(rows[dimension], dimension, name)
    if "id" not in rows:
        rows["id"] = [f"row {number}" for number in range(1, len(rows) + 1)]
    for column, given in (("set", name), ("clip", rows["id"])):
        if column not in rows:
            rows[column] = given
    rows = make_rows(rows)
    written = rows["category"]
    rows["category"] = written.map(category_of)
    notes = []
    if strange := sorted(set(written[(rows["category"] == "") & (written != "")])):
        shown = ", ".join(strange[:8]) + (", …" if len(strange) > 8 else "")
        notes.append(
            f"Rows labelled {shown} are none of {', '.join(CATEGORIES)}, and do not count in "
            "figures of categories."
        )
    if not has_labels(rows):
        notes.append(
            "There are no labels: name a column category, arousal, valence or dominance. Without "
            "them only the models' disagreement can be shown."
        )
    return rows, notes


def _renamed(columns: pd.Index) -> Mapping[str, str]:
    """The table's column -> ours, where it is a usual name of it and ours is not there."""
    present = {str(column).lower(): str(column) for column in columns}
    renamed = {}
    for ours in COLUMNS:
        other = {"clip": ("path",), "words": ("transcript",)}.get(ours, ())
        names = [ours, *(n for key in (ours, *other) for n in SYNONYMS.get(key, ()))]
        if ours == "set":
            names = ["set"]  # "split" and "partition" are no names of a test set
        if ours == "category":
            names += ["emotion", "label"]
        found = next((present[name] for name in names if name in present), None)
        if found and found not in renamed:
            renamed[found] = ours
    return renamed


def has_labels(rows: pd.DataFrame) -> bool:
    """Whether any row has a category or a rating."""
    return bool((rows["category"] != "").any() or rows[list(DIMENSIONS)].notna().any(axis=None))
