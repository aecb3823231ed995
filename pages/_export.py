"""Results to take away: tables, JSON, pages of figures; all say how they were made."""

import io
import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ser_core import figures
from ser_core.support.csv_safe import csv_bytes

if TYPE_CHECKING:
    from ser_core.analysis import Analysis


_MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
    "parquet": "application/vnd.apache.parquet",
}


class Download(NamedTuple):
    """A file to take away.

    Attributes:
        label: of its button.
        kind: part of its name.
        ending: csv, parquet, json or html.
        write: makes it, once it is asked for.
    """

    label: str
    kind: str
    ending: str
    write: Callable[[], bytes | str]


def menu(title: str, downloads: Sequence[Download], axis: bool = True) -> None:
    """The page's one place for what can be taken away.

    Args:
        title: of the clip.
        axis: whether the page has a time axis at full height, which can be saved too.
    """
    with st.popover("Export", icon=":material/download:", key="export"):
        for one in downloads:
            st.download_button(
                one.label,
                one.write,
                file_name=file_name(title, one.kind, one.ending),
                mime=_MIME[one.ending],
                on_click="ignore",
                key=f"download_{one.kind}_{one.ending}",
                width="stretch",
            )
        saved = "; a time axis by the arrow above it" if axis else ""
        st.caption(f"As PNG: a figure by the camera in its corner{saved}.")


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def figures_html(title: str, parts: "Sequence[tuple[str, go.Figure | str]]") -> str:
    """Figures as one self-contained page.

    Args:
        parts: what each shows, and a figure or markup that is ours.
    """
    from ser_core.explain.page import document, figure_html, heading

    return document(
        title,
        "".join(
            heading("", said) + (part if isinstance(part, str) else figure_html(part))
            for said, part in parts
        ),
        figures.MODEL_GRID_CSS,
    )


def frame(analyses: "Sequence[Analysis]") -> pd.DataFrame:
    """One row for each analysis (the current one first, called `variant` 0) and model."""
    frames = [analysis.to_frame() for analysis in analyses]
    table = pd.concat(frames, keys=range(len(frames)), names=["variant"])
    return table.reset_index(level="variant").reset_index(drop=True)


def to_csv(analyses: "Sequence[Analysis]", knowing: Collection[str] = ()) -> bytes:
    """`frame` with clip, words and settings, so that a file explains itself.

    Args:
        knowing: names of the models that know speakers.
    """
    table = frame(analyses)
    of = [analyses[number] for number in table["variant"]]
    rows = list(zip(of, table["model"], strict=True))
    table["late_weight"] = [analysis.late_weights.get(model) for analysis, model in rows]
    heard = [a.speaker.clips if a.speaker and model in knowing else None for a, model in rows]
    table["speaker_clips"] = pd.array(heard, dtype="Int64")
    table["clip"] = [analysis.clip.source.name for analysis in of]
    table["transcript"] = [analysis.transcript.text for analysis in of]
    table["transcript_source"] = [analysis.transcript.source for analysis in of]
    table["used_words"] = [analysis.used_words for analysis in of]
    table["notes"] = [" ".join(analysis.notes) for analysis in of]
    table["clip_sha256"] = [analysis.clip.digest for analysis in of]
    table["model_sha256"] = [analysis.digests.get(model) for analysis, model in rows]
    return csv_bytes(table)


def to_json(analyses: "Sequence[Analysis]") -> str:
    """All analyses, the current one first: the same shape with and without kept variants."""
    document = {"analyses": [analysis.to_dict() for analysis in analyses]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def file_name(title: str, kind: str, ending: str) -> str:
    """Such as `my-voice_emotions.csv`, from the clip's title, safe on every file system."""
    stem = re.sub(r"\.\w{1,5}$", "", title)
    slug = re.sub(r"[^\w]+", "-", stem).strip("-")[:60] or "clip"
    return f"{slug}_{kind}.{ending}"
